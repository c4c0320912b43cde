#include "emotrain/train/run.hpp"

#include <chrono>
#include <utility>

#include "emotrain/core/error.hpp"
#include "emotrain/core/threads.hpp"
#include "emotrain/report/atomic_file.hpp"
#include "emotrain/report/metrics_file.hpp"
#include "emotrain/train/safetensors.hpp"
#include "emotrain/train/trainer.hpp"
#include "train/manifest.hpp"
#include "train/pictures.hpp"
#include "train/run_details.hpp"
#include "train/run_directory.hpp"

namespace emotrain::train {
namespace {

/// Records go to the file first: what a person sees is on record.
class Sinks {
 public:
  Sinks(report::MetricsFile& file, report::Sink* display) : file_(file), display_(display) {}
  ~Sinks() {
    if (display_ != nullptr && open_) display_->end();
  }
  Sinks(const Sinks&) = delete;
  Sinks& operator=(const Sinks&) = delete;

  void begin(const report::RunOutline& outline) {
    file_.begin(outline);
    if (display_ != nullptr) display_->begin(outline);
    open_ = true;
  }
  void step(const report::StepRecord& record) {
    file_.step(record);
    if (display_ != nullptr) display_->step(record);
  }
  void evaluation(const Trainer& trainer, const std::vector<report::Metric>& metrics) {
    if (metrics.empty()) return;
    const report::EvaluationRecord record{.step = trainer.steps_done(), .epoch = trainer.epochs_done(), .metrics = metrics};
    file_.evaluation(record);
    if (display_ != nullptr) display_->evaluation(record);
  }
  void end() {
    file_.end();
    if (display_ != nullptr) display_->end();
    open_ = false;
  }

 private:
  report::MetricsFile& file_;
  report::Sink* display_;
  bool open_ = false;
};

void train(Trainer& trainer, Sinks& sinks, RunResult& result) {
  const auto start = std::chrono::steady_clock::now();
  while (!trainer.finished()) {
    const report::StepRecord record = trainer.step();
    sinks.step(record);
    result.loss = record.loss;
    if (trainer.evaluation_due()) {
      const std::vector<report::Metric> metrics = trainer.validate();
      trainer.observe(metrics);
      sinks.evaluation(trainer, metrics);
    }
  }
  result.steps = trainer.steps_done();
  result.should_stop_at = trainer.should_stop_at();
  result.epochs = trainer.epochs_done();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Those that evaluations use, where the optimizer keeps others than it trains.
void write_weights(Trainer& trainer, RunResult& result) {
  const optim::EvaluationWeights guard(trainer.optimizer());
  const std::vector<nn::NamedTensor> final_weights = weights(trainer.model());
  if (const nn::NamedTensor* bad = find_not_finite(final_weights, false)) {
    fail(ErrorKind::numeric, "step {}: parameter {} holds values that are not finite after the last update; lower optimizer.lr",
         result.steps, bad->name);
  }
  write_safetensors(result.directory / "model.safetensors", final_weights);
  result.files.emplace_back("model.safetensors");
}

void finish(Trainer& trainer, Sinks& sinks, RunResult& result) {
  // First of all: an evaluation that fails or is interrupted does not lose the training.
  write_weights(trainer, result);
  result.metrics = trainer.finish();
  sinks.evaluation(trainer, result.metrics);
  sinks.end();
}

void train_in(const RunRequest& request, Trainer& trainer, report::MetricsFile& metrics, RunResult& result) {
  report::write_file(result.directory / "config.json", request.resolved_config);
  result.files = {"config.json", "metrics.jsonl"};
  Sinks sinks(metrics, request.display);
  sinks.begin({.name = request.config.name,
               .steps = trainer.steps(),
               .logging_steps = request.config.trainer.logging_steps,
               .details = run_details(request.config, trainer)});
  train(trainer, sinks, result);
  finish(trainer, sinks, result);
  const optim::EvaluationWeights guard(trainer.optimizer());
  for (std::string& name : write_pictures(trainer, static_cast<std::uint64_t>(request.config.seed), result.directory)) {
    result.files.push_back(std::move(name));
  }
}

}  // namespace

RunResult run(const RunRequest& request) {
  set_threads(static_cast<int>(request.config.trainer.threads));
  Trainer trainer(request.config, load_data(request.config));
  if (request.init_from) load_weights(trainer.model(), *request.init_from);
  const Manifest manifest(request, trainer.splits());

  RunResult result;
  result.directory = create_run_directory(request.output_dir, request.config.name);
  const auto manifest_path = result.directory / "manifest.json";
  // Created only if it is not there: of two programs that are given one directory, the second stops here.
  report::MetricsFile metrics(result.directory / "metrics.jsonl");
  try {
    train_in(request, trainer, metrics, result);
  } catch (const std::exception& error) {
    try {
      manifest.write_failed(manifest_path, trainer, error.what());
    } catch (const std::exception&) {  // the first error is the one to hear of
    }
    throw;
  }
  result.files.emplace_back("manifest.json");
  manifest.write_completed(manifest_path, result);
  return result;
}

}  // namespace emotrain::train
