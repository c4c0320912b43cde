#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "emotrain/report/records.hpp"
#include "emotrain/study/forks.hpp"
#include "emotrain/train/run.hpp"

namespace emotrain::study {

/// What would have become of a run, had something been changed at a step? Two branches from there on the same batches.
struct ForkRequest {
  std::filesystem::path run;
  /// The last step that the branches share; 0: none.
  Index at = 0;
  /// config/change.hpp
  std::vector<std::string> changes;
  /// Shows a training that begins now, `title` says which; null: none.
  std::function<std::unique_ptr<report::Sink>(const std::string& title)> display = {};
  /// Hears of damaged checkpoints, and of pages that could not be written.
  std::function<void(const std::string&)> warn = [](const std::string&) {};
  /// Asked after each step: true ends the branch there, with a checkpoint.
  std::function<bool()> interrupted = {};
};

struct ForkResult {
  struct Branch {
    std::filesystem::path path;
    /// completed, interrupted, diverged; empty: it has not begun.
    std::string status = {};
    Index steps = 0;
    /// Of the last step.
    std::optional<double> loss = std::nullopt;
    /// Of the final evaluation, if it came to that.
    std::map<std::string, double> metrics = {};
    /// Why it diverged.
    std::string error = {};
    optim::Adoption adoption = {};
  };
  /// A value of a step's record, of both branches, as JSON.
  struct Difference {
    Index step = 0;
    std::string key;
    std::string as_was;
    std::string changed;
  };

  Fork fork;
  Branch as_was;
  Branch changed;
  std::optional<Difference> first_difference = std::nullopt;
  std::optional<Difference> first_loss_difference = std::nullopt;
  /// The first step of which the run itself recorded something else than the branch as-was.
  std::optional<Index> original_differs_at = std::nullopt;
};

/// Trains both branches, from the checkpoint of step `at`, or else from the newest one before it or the start, re-run to `at`; compares
/// them, and writes fork.json and pages: the fork's, the branches', and the run's own again, which shows its forks. Data, model, seed and
/// batches must stay as they are; `data.root`, `data.path`, `trainer.threads` and `trainer.logging_steps` hold for both branches. A branch
/// that diverges is a result. What is wrong is found before anything is written. Throws
///   Error{missing}        there is no run, or no checkpoint of a branch to begin with
///   Error{usage}          `at` is not a step that the run has done and goes on behind; a change that is not known, or refused
///   others                as train::run() does, but for a branch that diverges
ForkResult fork_run(const ForkRequest& request);

}  // namespace emotrain::study
