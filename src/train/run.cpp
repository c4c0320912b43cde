#include "emotrain/train/run.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "emotrain/core/error.hpp"
#include "emotrain/core/threads.hpp"
#include "emotrain/report/atomic_file.hpp"
#include "emotrain/train/events.hpp"
#include "emotrain/train/trained_model.hpp"
#include "emotrain/train/trainer.hpp"
#include "train/manifest.hpp"
#include "train/picture_trail.hpp"
#include "train/pictures.hpp"
#include "train/run_directory.hpp"
#include "train/run_records.hpp"

namespace emotrain::train {
namespace {

namespace fs = std::filesystem;

bool is_finite(const Checkpoint& checkpoint) {
  std::vector<nn::NamedTensor> tensors = checkpoint.weights;
  for (const optim::StateSlot& slot : checkpoint.slots) tensors.push_back({slot.name, slot.value});
  return find_not_finite(tensors, false) == nullptr;
}

/// What an autoencoder of images makes of the first few.
void show_pictures(Trainer& trainer, RunRecords& records) {
  constexpr Index shown = 10;
  if (!makes_pictures(trainer)) return;
  records.picture("reconstructions", draw_reconstructions(trainer, shown_images(trainer.splits(), shown), false), trainer.steps_done());
}

class Run {
 public:
  Run(const RunRequest& request, Trainer& trainer, RunRecords& records, const TrainerState& state)
      : request_(request),
        options_(request.config.trainer),
        trainer_(trainer),
        records_(records),
        checkpoints_(*request.files, records.directory()),
        pictures_(trainer, request.config.trainer.detail_steps, records.directory(), *request.files),
        state_(state),
        saved_(request.resume ? state.global_step : -1) {}

  /// True: all steps are done; false: interrupted. Either way the newest checkpoint is that of the last step.
  bool train();
  void finish(RunResult& result);
  void describe(RunResult& result) const;

 private:
  void step();
  void evaluate();
  /// The state as it is now.
  Checkpoint take_checkpoint();
  void write(const Checkpoint& checkpoint);
  void save() { write(take_checkpoint()); }
  void watch_divergence(const report::StepRecord& record);
  void keep_last_finite_state(const Error& error);
  bool take_if_best(const std::vector<report::Metric>& metrics);
  double seconds() const { return state_.seconds + std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }
  bool save_due() const {
    // A branch can go on by itself from its first step on.
    return best_is_new_ || (request_.branch && saved_ < 0) ||
           (options_.save_steps > 0 && trainer_.steps_done() > 0 && trainer_.steps_done() % options_.save_steps == 0);
  }

  const RunRequest& request_;
  const TrainerOptions& options_;
  Trainer& trainer_;
  RunRecords& records_;
  CheckpointDirectory checkpoints_;
  PictureTrail pictures_;
  TrainerState state_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  /// The step of the newest checkpoint; -1: there is none.
  Index saved_;
  bool best_is_new_ = false;
  /// The last finite state of a run that seems to diverge; values are copies.
  std::optional<Checkpoint> last_finite_;
};

bool Run::train() {
  try {
    for (;;) {
      // First of all: a run that was complete, and is to be longer now, lacks the evaluation of its last step.
      if (trainer_.evaluation_due() && state_.evaluated < trainer_.steps_done()) evaluate();
      const bool interrupted = request_.interrupted && request_.interrupted();
      const bool ends = interrupted || trainer_.finished();
      if ((ends || save_due()) && saved_ != trainer_.steps_done()) save();
      if (ends) return trainer_.finished();
      step();
    }
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::numeric) keep_last_finite_state(error);
    throw;
  }
}

void Run::step() {
  // Before the step, which may fail because of it.
  for (const Choice& event : request_.config.events) {
    if (event_options(event).at == trainer_.steps_done() + 1) records_.notice("event: " + event_text(event));
  }
  const report::StepRecord record = trainer_.step();
  records_.step(record);
  state_.loss = record.loss;
  pictures_.follow();
  watch_divergence(record);
}

void Run::evaluate() {
  const std::vector<report::Metric> metrics = trainer_.validate();
  trainer_.observe(metrics);
  records_.evaluation(trainer_, metrics);
  show_pictures(trainer_, records_);
  state_.evaluated = trainer_.steps_done();
  if (!take_if_best(metrics)) return;
  // The checkpoint of this step may be there: that of a run that ended here, and is to be longer now.
  if (saved_ == trainer_.steps_done()) return checkpoints_.point_best(saved_);
  best_is_new_ = true;
}

bool Run::take_if_best(const std::vector<report::Metric>& metrics) {
  const auto metric = std::ranges::find(metrics, options_.metric_for_best_model, &report::Metric::name);
  if (metric == metrics.end() || !std::isfinite(metric->value)) return false;
  if (state_.best && !trainer_.is_better(metric->value, state_.best->value)) return false;
  state_.best = {metric->name, metric->value, trainer_.steps_done()};
  return true;
}

Checkpoint Run::take_checkpoint() {
  Checkpoint checkpoint = trainer_.checkpoint();
  checkpoint.state.loss = state_.loss;
  checkpoint.state.evaluated = state_.evaluated;
  checkpoint.state.best = state_.best;
  checkpoint.state.seconds = seconds();
  records_.mark(checkpoint.state);
  return checkpoint;
}

void Run::write(const Checkpoint& checkpoint) {
  records_.sync();
  checkpoints_.write(checkpoint, trainer_.parameter_names());
  saved_ = checkpoint.state.global_step;
  records_.detail(fmt::format("checkpoint: {}", checkpoints_.path_of(saved_).string()));
  if (best_is_new_) checkpoints_.point_best(saved_);
  best_is_new_ = false;
  if (options_.save_total_limit) {
    checkpoints_.prune(*options_.save_total_limit, state_.best ? std::optional(state_.best->step) : std::nullopt);
  }
}

/// A loss that is not finite is found in the step after the update that brought it about. Before numbers overflow they are large: from then
/// on the state is copied after each step.
void Run::watch_divergence(const report::StepRecord& record) {
  constexpr double large_move = 1e6;
  constexpr double large_loss = 1e12;
  const bool is_wild = !(record.grad_norm * record.learning_rate < large_move && std::abs(record.loss) < large_loss);
  if (!is_wild) return last_finite_.reset();
  Checkpoint checkpoint = take_checkpoint();
  if (!is_finite(checkpoint)) return;
  for (nn::NamedTensor& tensor : checkpoint.weights) tensor.value = Tensor::from(tensor.value.shape(), tensor.value.values());
  for (optim::StateSlot& slot : checkpoint.slots) slot.value = Tensor::from(slot.value.shape(), slot.value.values());
  last_finite_ = std::move(checkpoint);
}

/// A step that fails has changed nothing, but the one before it may have left the finite numbers.
void Run::keep_last_finite_state(const Error& error) {
  try {
    if (is_finite(trainer_.checkpoint())) {
      if (trainer_.steps_done() > 0 && saved_ != trainer_.steps_done()) save();
    } else if (last_finite_ && saved_ < last_finite_->state.global_step) {
      write(*last_finite_);
    }
  } catch (const Error& second) {  // that the run diverged is the first thing to know
    throw Error(error.kind(), fmt::format("{}; its last finite state could not be kept: {}", error.what(), second.what()));
  }
  if (saved_ < 0) return;
  throw Error(error.kind(), fmt::format("{}; {} holds the last finite state", error.what(), checkpoints_.path_of(saved_).string()));
}

/// Weights as evaluations use them, where the optimizer keeps others than it trains.
void Run::finish(RunResult& result) {
  const optim::EvaluationWeights guard(trainer_.optimizer());
  const std::vector<nn::NamedTensor> final_weights = weights(trainer_.model());
  if (const nn::NamedTensor* bad = find_not_finite(final_weights, false); bad != nullptr && options_.on_nonfinite == "stop") {
    fail(ErrorKind::numeric, "step {}: parameter {} holds values that are not finite after the last update; lower optimizer.lr",
         trainer_.steps_done(), bad->name);
  }
  // First of all: an evaluation that fails or is interrupted does not lose the training.
  write_safetensors(records_.directory() / "model.safetensors", final_weights, *request_.files);
  result.metrics = trainer_.finish();
  records_.evaluation(trainer_, result.metrics);
  show_pictures(trainer_, records_);
  pictures_.end();
  if (take_if_best(result.metrics)) checkpoints_.point_best(saved_);
  records_.end();
  write_pictures(trainer_, static_cast<std::uint64_t>(request_.config.seed), records_.directory(), *request_.files);
}

void Run::describe(RunResult& result) const {
  result.directory = records_.directory();
  result.steps = trainer_.steps_done();
  result.should_stop_at = trainer_.should_stop_at();
  result.epochs = trainer_.epochs_done();
  result.seconds = seconds();
  result.loss = state_.loss;
  result.best = state_.best;
}

/// The run's directory, as it is before the first step of this process.
LockedDirectory prepare_directory(const RunRequest& request, const TrainerState& state, const Manifest& manifest) {
  FileSystem& files = *request.files;
  LockedDirectory locked = request.resume ? LockedDirectory{request.resume->run, files.lock(request.resume->run)}
                                          : create_run_directory(files, request.output_dir, request.config.name, request.overwrite);
  const fs::path& directory = locked.path;
  manifest.write(directory, "running", nullptr, {});
  report::write_file(directory / "config.json", request.resolved_config, files);
  if (!request.user_config.empty()) report::write_file(directory / "config.user.json", request.user_config, files);
  if (!request.resume) return locked;
  for (const std::string& name : files.list(directory)) {
    // Events of a later file are those behind this checkpoint.
    if (report::is_temporary(name) || (is_events_file(name) && name > state.events_file)) files.remove(directory / name);
  }
  // What an earlier end has left would pass for the result.
  for (const char* name : {"model.safetensors", "reconstructions.png", "samples.png", "report.html", "trajectory.svg"})
    files.remove(directory / name);
  CheckpointDirectory(files, directory).cut_behind(state);
  PictureTrail::cut_behind(files, directory, state.global_step);
  return locked;
}

void tell(const optim::Adoption& adoption, RunRecords& records) {
  if (!adoption.left.empty()) records.notice(fmt::format("not carried over from the optimizer: {}", fmt::join(adoption.left, ", ")));
  if (!adoption.begun.empty()) records.notice(fmt::format("new in the optimizer: {}", fmt::join(adoption.begun, ", ")));
}

RunResult run_in(const RunRequest& request, Trainer& trainer, const TrainerState& state, const Manifest& manifest,
                 const LockedDirectory& locked, const optim::Adoption& adoption) {
  const fs::path& directory = locked.path;
  RunResult result;
  result.adoption = adoption;
  std::optional<RunRecords> records;
  std::optional<Run> run;
  try {
    records.emplace(request, directory, state);
    run.emplace(request, trainer, *records, state);
    records->begin(trainer);
    tell(adoption, *records);
    if (!trainer.has_best_metric() && request.config.trainer.eval_steps.value_or(0) > 0) {
      records->notice("trainer.eval_steps has no effect: there are no validation samples (data.validation_fraction)");
    }
    for (const Choice& event : request.config.events) {
      if (event_options(event).at <= trainer.steps()) continue;
      records->notice(fmt::format("event: {} never happens: the run has {} steps", event_text(event), trainer.steps()));
    }
    const bool all_done = run->train();
    run->describe(result);
    if (all_done) run->finish(result);
    run->describe(result);
    result.status = all_done ? RunResult::Status::completed : RunResult::Status::interrupted;
    records->end();
  } catch (const std::exception& error) {
    if (run) run->describe(result);
    // Without it the manifest says nothing of steps, rather than that there were none.
    const RunResult* known = run ? &result : nullptr;
    const auto* ours = dynamic_cast<const Error*>(&error);
    try {
      manifest.write(directory, ours != nullptr && ours->kind() == ErrorKind::numeric ? "diverged" : "failed", known, error.what());
    } catch (const std::exception&) {  // the first error is the one to hear of
    }
    // The records end when they are let go.
    run.reset();
    records.reset();
    if (request.ended) request.ended(directory);
    throw;
  }
  manifest.write(directory, result.status == RunResult::Status::completed ? "completed" : "interrupted", &result, {});
  if (request.ended) request.ended(directory);
  for (const std::string& name : request.files->list(directory)) {
    if (is_run_file(name)) result.files.push_back(name);
  }
  return result;
}

/// A run that is cut short by a smaller number of steps would pass for one that was meant to have so few.
void require_steps_left(const Trainer& trainer, const TrainerOptions& options) {
  if (trainer.steps_done() <= trainer.steps()) return;
  fail(ErrorKind::usage, "/trainer/{}: the run has done {} steps, and is to have {} now; give more, or go on from an earlier checkpoint",
       options.max_steps ? "max_steps" : "num_train_epochs", trainer.steps_done(), trainer.steps());
}

/// What a branch takes over from the state at its checkpoint: records, checkpoints, the best of them and time are its own.
TrainerState branch_state(const TrainerState& at) {
  TrainerState state;
  state.global_step = at.global_step;
  state.loss = at.loss;
  state.evaluated = at.evaluated;
  return state;
}

}  // namespace

RunResult run(const RunRequest& request) {
  set_threads(static_cast<int>(request.config.trainer.threads));
  Trainer trainer(request.config, load_data(request.config));
  TrainerState state;
  optim::Adoption adoption;
  if (request.branch) {
    const Checkpoint checkpoint = read_checkpoint(*request.files, request.branch->from.checkpoint, trainer.parameter_names());
    if (request.branch->config_of_from != nullptr) {
      adoption = trainer.adopt(checkpoint, *request.branch->config_of_from);
    } else {
      trainer.restore(checkpoint);
    }
    require_steps_left(trainer, request.config.trainer);
    state = branch_state(checkpoint.state);
  } else if (request.resume) {
    const Checkpoint checkpoint = read_checkpoint(*request.files, request.resume->checkpoint, trainer.parameter_names());
    trainer.restore(checkpoint);
    require_steps_left(trainer, request.config.trainer);
    state = checkpoint.state;
    RunRecords::check(*request.files, request.resume->run, state);
  } else if (request.init_from) {
    load_weights(trainer.model(), *request.init_from,
                 {.partial = request.init_partial, .if_some_fit = ", or take what fits with --init-partial"});
  }
  const Manifest manifest(request, trainer);
  const LockedDirectory locked = prepare_directory(request, state, manifest);
  return run_in(request, trainer, state, manifest, locked, adoption);
}

}  // namespace emotrain::train
