#pragma once
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "emotrain/data/batches.hpp"
#include "emotrain/train/events.hpp"
#include "emotrain/train/run_config.hpp"
#include "emotrain/train/training_step.hpp"
#include "train/batch_loader.hpp"

namespace emotrain::train {

/// The events of a run, step by step. Once all of them have been seen a step takes nothing from the heap.
class ActiveEvents {
 public:
  /// The run's own data, in use anyway. All outlive the events.
  struct Own {
    const data::Splits& splits;
    data::Batches& batches;
    BatchLoader& loader;
  };

  /// Loads the data sets to switch to. Throws as data::load_splits does; Error{usage} begins with the key's JSON pointer, also where an
  /// event does not fit data and model. `config` outlives it.
  ActiveEvents(const RunConfig& config, const Own& own, nn::Model& model);

  /// Finds the events of a step, and puts what they do to its learning rate, loss, weights and gradient into `work`, which is valid until
  /// the next call. To be called before the step.
  void begin(TrainingStep::Work& work);
  /// The kinds of those in the step, each once.
  std::span<const std::string_view> kinds() const { return kinds_; }
  /// The step's batch of that number, as the events make it. Valid until the next call.
  nn::Batch load(Index number);

  /// The data sets that were loaded.
  std::vector<std::shared_ptr<const data::Dataset>> sets() const;

 private:
  /// Another data set's training samples.
  struct Other {
    Other(std::shared_ptr<const data::Dataset> its_set, data::Batches its_batches);
    std::shared_ptr<const data::Dataset> set;
    data::Batches batches;
    BatchLoader loader;
  };
  struct Source {
    const data::Dataset* set = nullptr;
    data::Batches* batches = nullptr;
    BatchLoader* loader = nullptr;
    /// The training samples of each class, if an event asks for one.
    std::vector<std::vector<std::int32_t>> by_class = {};
  };

  void set_source(std::size_t number, const data::Dataset& set, std::span<const std::int32_t> train, data::Batches& batches,
                  BatchLoader& loader);
  void load_other(std::size_t event, const Own& own, nn::Model& model);
  void check_classes() const;
  /// As many samples of the class as there are indices.
  std::span<const std::int32_t> draw(const Source& source, Index number, std::size_t count);
  void add_label_noise(nn::Batch& batch, Index number);
  void add_input_noise(const nn::Batch& batch, Index number, bool is_image) const;

  const RunConfig& config_;
  std::uint64_t seed_;
  Index classes_;
  std::vector<std::unique_ptr<Other>> others_;
  /// By the events' numbers, without a set for most kinds; then the run's own.
  std::vector<Source> sources_;
  Disturbance now_;
  std::vector<std::string_view> kinds_;
  std::vector<std::int32_t> indices_;
  std::vector<std::int32_t> labels_;
};

}  // namespace emotrain::train
