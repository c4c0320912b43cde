#include "emotrain/study/fork.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "emotrain/config/change.hpp"
#include "emotrain/config/differences.hpp"
#include "emotrain/config/options_writer.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/study/run_page.hpp"
#include "emotrain/train/run_summary.hpp"
#include "emotrain/train/trainer.hpp"
#include "study/record_comparison.hpp"

namespace emotrain::study {
namespace {

namespace fs = std::filesystem;

/// What changes no number of a run, and so holds for both branches.
constexpr std::array<std::string_view, 4> for_both{"data.root", "data.path", "trainer.threads", "trainer.logging_steps"};
/// What both branches must have in common to be branches of one run.
constexpr std::array<std::string_view, 4> common{"/data", "/model", "/seed", "/trainer/gradient_accumulation_steps"};

std::vector<std::string> changes_for_both(const std::vector<std::string>& changes) {
  std::vector<std::string> out;
  for (const std::string& change : changes) {
    if (std::ranges::find(for_both, change.substr(0, change.find('='))) != for_both.end()) out.push_back(change);
  }
  return out;
}

void require_comparable(const std::string& as_was, const std::string& changed) {
  for (const std::string& difference : config::differences(as_was, changed)) {
    const std::string pointer = difference.substr(0, difference.find(": "));
    const bool refused = std::ranges::any_of(
        common, [&](std::string_view part) { return pointer == part || (pointer.starts_with(part) && pointer[part.size()] == '/'); });
    if (!refused) continue;
    fail(ErrorKind::usage,
         "{}: both branches have the run's data, batches, model and seed, else they could not be compared; leave it out, or start another "
         "run",
         difference);
  }
}

/// Where the branches begin, found out without touching anything.
struct Start {
  /// The newest checkpoint that is not behind `at`; none: the run's own start.
  std::optional<train::FoundCheckpoint> checkpoint;
  Index step = 0;
  std::optional<fs::path> init_from = std::nullopt;
};

Start find_start(const ForkRequest& request) {
  Start start{.checkpoint = train::newest_checkpoint(disk(), request.run, request.warn, request.at)};
  if (start.checkpoint) {
    start.step = train::read_trainer_state(disk(), start.checkpoint->checkpoint).global_step;
    return start;
  }
  const train::RunOrigin origin = train::read_origin(disk(), request.run);
  if (origin.step > 0) {
    fail(ErrorKind::missing,
         "{}: is a branch that began behind step {}, and has no whole checkpoint of a step up to {}; give a later --at, or fork the run "
         "that "
         "it comes from",
         request.run.string(), origin.step, request.at);
  }
  start.init_from = origin.init_from;
  return start;
}

/// Throws Error{usage} for a step that the run has not done, or behind which there is none.
void require_step(const ForkRequest& request, Index done, Index steps) {
  if (request.at < 0) fail(ErrorKind::usage, "--at {}: steps are counted from 1, and 0 is the start", request.at);
  if (request.at >= steps) {
    fail(ErrorKind::usage, "--at {}: {} has {} steps, and no branch would have one left; give at most {}", request.at, request.run.string(),
         steps, steps - 1);
  }
  if (request.at > done) {
    fail(ErrorKind::usage, "--at {}: {} has done {} steps; give at most these, or let it go on with --resume", request.at,
         request.run.string(), done);
  }
}

train::Trainer make_trainer(config::LoadedConfig& loaded, const data::Splits& splits) {
  try {
    return {loaded.config, splits};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    throw Error(ErrorKind::usage, config::with_place(loaded, error.what()));
  }
}

class Forking {
 public:
  Forking(const ForkRequest& request, Start start, config::LoadedConfig as_was, config::LoadedConfig changed)
      : request_(request), start_(std::move(start)), as_was_(std::move(as_was)), changed_(std::move(changed)) {}

  ForkResult run();

 private:
  bool is_interrupted() const { return request_.interrupted && request_.interrupted(); }
  train::RunResult train(const std::string& title, train::RunRequest request) const;
  /// The checkpoint of step `at`, from an earlier one.
  train::FoundCheckpoint rerun(const fs::path& directory) const;
  void train_branch(ForkResult::Branch& branch, const std::string& title, const config::LoadedConfig& loaded,
                    const train::BranchPoint& from) const;
  void compare(ForkResult& result, const fs::path& rerun) const;
  /// A page less takes nothing from what was trained.
  template <class Of>
  void write_page(const Of& of) const;

  const ForkRequest& request_;
  Start start_;
  config::LoadedConfig as_was_;
  config::LoadedConfig changed_;
};

void write(const fs::path& run) { write_run_page(run); }
void write(const Fork& fork) { write_fork_page(fork); }

template <class Of>
void Forking::write_page(const Of& of) const {
  try {
    write(of);
  } catch (const std::exception& error) {
    request_.warn(fmt::format("there is no report.html: {}", error.what()));
  }
}

train::RunResult Forking::train(const std::string& title, train::RunRequest request) const {
  const std::unique_ptr<report::Sink> display = request_.display ? request_.display(title) : nullptr;
  request.display = display.get();
  return train::run(request);
}

train::FoundCheckpoint Forking::rerun(const fs::path& directory) const {
  if (start_.checkpoint && start_.step == request_.at) return *start_.checkpoint;
  Index left = request_.at - start_.step;
  train::RunRequest request{.config = as_was_.config,
                            .resolved_config = config::write_options(as_was_.config),
                            .output_dir = directory,
                            .init_from = start_.init_from,
                            // Whether it was given then is not on record; what fitted then fits now.
                            .init_partial = start_.init_from.has_value(),
                            .interrupted = [&] { return is_interrupted() || left-- == 0; }};
  if (start_.checkpoint) request.branch = {*start_.checkpoint};
  train(start_.step == 0 ? "again from the start" : fmt::format("again from step {}", start_.step), request);
  return {request_.run, train::CheckpointDirectory(disk(), directory).path_of(request_.at)};
}

void Forking::train_branch(ForkResult::Branch& branch, const std::string& title, const config::LoadedConfig& loaded,
                           const train::BranchPoint& from) const {
  try {
    branch.adoption = train(title, {.config = loaded.config,
                                    .resolved_config = config::write_options(loaded.config),
                                    .output_dir = branch.path,
                                    .branch = from,
                                    .interrupted = [&] { return is_interrupted(); },
                                    .ended = [&](const fs::path& run) { write_page(run); }})
                          .adoption;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::numeric) throw;
  }
  const auto summary = train::read_summary(disk(), branch.path);
  branch.status = summary->status;
  branch.steps = summary->steps;
  branch.loss = summary->loss;
  branch.metrics = summary->metrics;
  branch.error = summary->error;
}

bool same_file(const fs::path& first, const fs::path& second) {
  return disk().exists(first) && disk().exists(second) && disk().read(first) == disk().read(second);
}

/// The newest checkpoints, which are of the last steps.
bool same_final_weights(const Fork& fork) {
  const train::CheckpointDirectory first(disk(), fork.as_was());
  const train::CheckpointDirectory second(disk(), fork.changed());
  const std::vector<Index> steps = first.steps();
  if (steps.empty() || second.steps().empty() || steps.back() != second.steps().back()) return false;
  return same_file(first.path_of(steps.back()) / "model.safetensors", second.path_of(steps.back()) / "model.safetensors");
}

RecordComparison compare(const fs::path& first, const fs::path& second, Index after) {
  return compare_records(disk(), first / "metrics.jsonl", second / "metrics.jsonl", after);
}

void Forking::compare(ForkResult& result, const fs::path& rerun) const {
  Fork& fork = result.fork;
  const auto told = [](const std::optional<RecordComparison::Difference>& found) -> std::optional<ForkResult::Difference> {
    if (!found) return std::nullopt;
    return ForkResult::Difference{.step = found->step, .key = found->key, .as_was = found->first, .changed = found->second};
  };
  const RecordComparison branches = study::compare(fork.as_was(), fork.changed(), fork.at);
  result.first_difference = told(branches.any);
  result.first_loss_difference = told(branches.loss);
  if (branches.any) fork.first_difference = branches.any->step;
  fork.identical = !branches.any && result.as_was.steps == result.changed.steps && same_final_weights(fork);

  const auto with_original = [&](const fs::path& path) {
    const RecordComparison original = study::compare(request_.run, path, start_.step);
    if (original.common > 0) fork.original_agrees = fork.original_agrees.value_or(true) && !original.any;
    if (original.any && !result.original_differs_at) result.original_differs_at = original.any->step;
  };
  if (disk().exists(rerun)) with_original(rerun);
  with_original(fork.as_was());
}

ForkResult Forking::run() {
  ForkResult result;
  Fork& fork = result.fork;
  fork.path = create_fork_directory(disk(), request_.run, request_.at);
  fork.at = request_.at;
  fork.overrides = request_.changes;
  fork.label = request_.changes.empty() ? "nothing changed" : fmt::format("{}", fmt::join(request_.changes, ", "));
  fork.status = "running";
  result.as_was.path = fork.as_was();
  result.changed.path = fork.changed();
  write_fork(disk(), fork);

  const fs::path before = fork.path / "before";
  const train::FoundCheckpoint from = rerun(before);
  if (!is_interrupted()) train_branch(result.as_was, "as it was", as_was_, {from});
  if (!is_interrupted()) train_branch(result.changed, fork.label, changed_, {from, request_.changes.empty() ? nullptr : &as_was_.config});
  const auto is_over = [](const ForkResult::Branch& branch) { return branch.status == "completed" || branch.status == "diverged"; };
  fork.status = is_over(result.as_was) && is_over(result.changed) ? "completed" : "interrupted";
  if (fork.status == "completed") compare(result, before);
  disk().remove(before);
  write_fork(disk(), fork);
  if (fork.status == "completed") {
    write_page(fork);
    write_page(request_.run);
  }
  return result;
}

}  // namespace

ForkResult fork_run(const ForkRequest& request) {
  const auto summary = train::read_summary(disk(), request.run);
  if (!summary) fail(ErrorKind::missing, "{}: there is no run; give the directory of one", request.run.string());
  const std::string file = (request.run / "config.json").string();
  config::LoadedConfig as_was = config::change_config(file, changes_for_both(request.changes));
  config::LoadedConfig changed = config::change_config(file, request.changes);
  require_comparable(config::write_options(as_was.config), config::write_options(changed.config));
  const data::Splits splits = train::load_data(as_was.config);
  require_step(request, summary->steps, make_trainer(as_was, splits).steps());
  if (const Index steps = make_trainer(changed, splits).steps(); steps <= request.at) {
    fail(ErrorKind::usage, "--at {}: the changed branch is to have {} steps, and would have none left; give more", request.at, steps);
  }
  return Forking(request, find_start(request), std::move(as_was), std::move(changed)).run();
}

}  // namespace emotrain::study
