#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "emotrain/core/file_system.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/optim/schedule.hpp"
#include "emotrain/train/safetensors.hpp"

/// Checkpoints of a run:
///
///     RUN/checkpoints/checkpoint-<step>/model.safetensors       parameters and buffers, as training has them
///                                       optimizer.safetensors   state/<parameter>/<slot>, numbers/<name>
///                                       trainer_state.json      everything else, sizes and SHA-256 of the other two, and its own
///     RUN/checkpoints/last, best        relative symlinks
///
/// A checkpoint is written under a hidden name, synced, renamed, and the directory synced: whatever happens at whatever moment, each
/// directory named checkpoint-<step> is complete. The links follow, then what trainer.save_total_limit says is too many goes.
namespace emotrain::train {

/// trainer_state.json. Names are those of Hugging Face's TrainerState where they exist there.
struct TrainerState {
  struct Best {
    std::string metric;
    double value = 0;
    Index step = 0;
  };

  Index global_step = 0;
  /// Steps in which the optimizer took part: trainer.on_nonfinite = skip leaves some out.
  Index updates = 0;
  double epoch = 0;
  /// Loss of the last step.
  double loss = 0;
  /// The step of the last evaluation.
  Index evaluated = 0;
  std::optional<Index> should_stop_at;
  optim::ScheduleState schedule;
  std::optional<Best> best;
  /// Wall time of training so far.
  double seconds = 0;
  /// Sizes of the records of the steps so far: a resume cuts off what follows.
  std::uint64_t metrics_bytes = 0;
  std::string events_file;
  std::uint64_t events_bytes = 0;
};

struct Checkpoint {
  TrainerState state;
  std::vector<nn::NamedTensor> weights;
  std::vector<optim::StateSlot> slots;
  std::vector<optim::StateNumbers> numbers;
};

/// `parameter_names`: of the optimizer's parameters, in their order.
class CheckpointDirectory {
 public:
  using Path = std::filesystem::path;
  CheckpointDirectory(FileSystem& files, const Path& run) : files_(files), path_(run / "checkpoints") {}

  static std::string name_of(Index step);
  /// Of a complete directory name; none for any other name.
  static std::optional<Index> step_of(const std::string& name);

  /// Steps of the checkpoints that are there, ascending.
  std::vector<Index> steps() const;
  Path path_of(Index step) const { return path_ / name_of(step); }

  /// Writes one and points `last` to it; replaces one of the same step. Throws Error{cannot_create, io}.
  void write(const Checkpoint& checkpoint, const std::vector<std::string>& parameter_names);
  void point_best(Index step) { point("best", step); }
  /// Removes the oldest until `limit` are left, but never `best` nor the newest.
  void prune(Index limit, std::optional<Index> best);
  /// For a run that goes on from `state`: removes the checkpoints behind it, and what an interrupted write or removal has left; the links
  /// are as they were then.
  void cut_behind(const TrainerState& state);

 private:
  void point(const std::string& link, Index step);
  void remove(Index step);

  FileSystem& files_;
  Path path_;
};

/// Throws Error{missing, data, io}: a file is not there; not what its name says; cannot be read. Sizes and sums are compared.
Checkpoint read_checkpoint(const FileSystem& files, const std::filesystem::path& checkpoint,
                           const std::vector<std::string>& parameter_names);
TrainerState read_trainer_state(const FileSystem& files, const std::filesystem::path& checkpoint);

/// What of a checkpoint's files is missing, or not as its trainer_state.json says; empty: it is complete. Throws Error{io} if they cannot
/// be read.
std::string fault_of_checkpoint(const FileSystem& files, const std::filesystem::path& checkpoint);

/// A checkpoint and the run that it belongs to.
struct FoundCheckpoint {
  /// Empty: it was brought elsewhere.
  std::filesystem::path run;
  std::filesystem::path checkpoint;
};

/// The newest checkpoint of a run whose files are complete, of step `until` at most; none if there is none. `warn` hears of those that are
/// not.
std::optional<FoundCheckpoint> newest_checkpoint(const FileSystem& files, const std::filesystem::path& run,
                                                 FunctionRef<void(const std::string&)> warn,
                                                 Index until = std::numeric_limits<Index>::max());
/// What a path given by a person means: a checkpoint, a link to one, a run (its newest checkpoint). Throws Error{missing}.
FoundCheckpoint find_checkpoint(const FileSystem& files, const std::filesystem::path& path);

}  // namespace emotrain::train
