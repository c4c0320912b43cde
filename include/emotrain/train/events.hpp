#pragma once
#include <optional>
#include <string>
#include <vector>

#include "emotrain/core/options.hpp"
#include "emotrain/data/dataset.hpp"
#include "emotrain/nn/model.hpp"
#include "emotrain/train/noise.hpp"

/// Events disturb some steps of a run: rows of `event_kinds()`. All they draw is a function of the run's seed, the event's number in its
/// list and the step, so a run with events resumes to the bit, and the other steps see the batches that they would have seen.
namespace emotrain::train {

/// What the events of one step do together: factors multiply, offsets and noise add; of several data sets or classes the last event's
/// counts.
struct Disturbance {
  struct OnlyClass {
    Index event = 0;
    Index label = 0;
  };

  /// The event whose data set the batches come from.
  std::optional<Index> data = std::nullopt;
  /// The class of all samples.
  std::optional<OnlyClass> only_class = std::nullopt;
  /// The part of the labels that is changed, as `std`.
  std::vector<Noise> labels = {};
  /// In units of the values.
  std::vector<Noise> inputs = {};
  /// Relative to the root mean square of each parameter, before the step.
  std::vector<Noise> weights = {};
  /// Relative to the root mean square of the whole gradient, before its norm is taken.
  std::vector<Noise> gradients = {};
  double lr_factor = 1;
  double loss_offset = 0;

  /// Keeps the vectors' memory.
  void clear();
};

struct EventOptions : Options {
  /// The first step, counted from 1. 0: it was not given.
  Index at = 0;

  virtual Index last_step() const { return at; }
  bool is_active(Index step) const { return step >= at && step <= last_step(); }
  /// Adds what this event does, being the one of that number in its list.
  virtual void add(Index number, Disturbance& out) const = 0;
  /// Throws Error{usage}, beginning with the key, if there is nothing in the run's data or model for it to disturb.
  virtual void check_run(const data::Splits& /*splits*/, nn::Task /*task*/) const {}
  /// How strong it is, as in "fraction 0.5".
  virtual std::string strength() const = 0;

  void fields(FieldVisitor& visitor) override;
  void check() const override;
};

/// One that lasts.
struct LastingEventOptions : EventOptions {
  Index steps = 1;

  Index last_step() const final { return at + steps - 1; }
  void fields(FieldVisitor& visitor) override;
};

/// Each label of a batch becomes, with this probability, one of the other classes.
struct LabelNoiseOptions final : LastingEventOptions {
  double fraction = 1;

  void add(Index number, Disturbance& out) const override { out.labels.push_back({number, fraction}); }
  void check_run(const data::Splits& splits, nn::Task task) const override;
  std::string strength() const override;
  void fields(FieldVisitor& visitor) override;
};

/// x + std N(0, 1) for each value of a batch; images are then limited to 0..1. An autoencoder is to reconstruct what it was given.
struct PixelNoiseOptions final : LastingEventOptions {
  double std = 0.5;

  void add(Index number, Disturbance& out) const override { out.inputs.push_back({number, std}); }
  void check_run(const data::Splits& splits, nn::Task task) const override;
  std::string strength() const override;
  void fields(FieldVisitor& visitor) override;
};

/// The samples of a batch are drawn, with replacement, from the training samples of one class. As many as ever.
struct OneClassOptions final : LastingEventOptions {
  /// Counted from 0.
  Index only = 0;

  void add(Index number, Disturbance& out) const override { out.only_class = {number, only}; }
  void check_run(const data::Splits& splits, nn::Task task) const override;
  std::string strength() const override;
  void fields(FieldVisitor& visitor) override;
};

/// The learning rate is `factor` times that of the schedule.
struct LrFactorOptions final : LastingEventOptions {
  double factor = 10;

  void add(Index /*number*/, Disturbance& out) const override { out.lr_factor *= factor; }
  std::string strength() const override;
  void fields(FieldVisitor& visitor) override;
};

/// g + std r N(0, 1) for each element of the gradient, r being the root mean square of all of them; before norm and clipping.
struct GradientNoiseOptions final : LastingEventOptions {
  double std = 1;

  void add(Index number, Disturbance& out) const override { out.gradients.push_back({number, std}); }
  std::string strength() const override;
  void fields(FieldVisitor& visitor) override;
};

/// w + std r N(0, 1) for each element of a parameter before the step's forward pass, r being that parameter's root mean square.
struct WeightNoiseOptions final : EventOptions {
  double std = 0.1;

  void add(Index number, Disturbance& out) const override { out.weights.push_back({number, std}); }
  std::string strength() const override;
  void fields(FieldVisitor& visitor) override;
};

/// Batches come from the training samples of another data set, in its own order and of its own batch size. Validation and test samples stay
/// the run's.
struct SwitchDataOptions final : EventOptions {
  /// Absent: to the end of the run.
  std::optional<Index> steps;
  /// A row of data::datasets(). Must be given.
  Choice data;

  Index last_step() const override;
  void add(Index number, Disturbance& out) const override { out.data = number; }
  std::string strength() const override;
  void fields(FieldVisitor& visitor) override;
};

/// A constant is added to the loss that the optimizer is handed; the gradient does not know.
struct LossOffsetOptions final : LastingEventOptions {
  double offset = 1;

  void add(Index /*number*/, Disturbance& out) const override { out.loss_offset += offset; }
  std::string strength() const override;
  void fields(FieldVisitor& visitor) override;
};

/// label_noise, pixel_noise, one_class, lr_factor, gradient_noise, weight_noise, switch_data, loss_offset; the tag is "kind".
const OptionsTable& event_kinds();

/// The event in words: "label_noise at steps 300 to 309 (fraction 0.5)".
std::string event_text(const Choice& event);

/// The options of an element of RunConfig::events.
inline const EventOptions& event_options(const Choice& event) { return dynamic_cast<const EventOptions&>(*event.options); }

}  // namespace emotrain::train
