#include "study/lesson_cell.hpp"

#include "emotrain/core/error.hpp"
#include "emotrain/study/job.hpp"
#include "study/own_scalars.hpp"

namespace emotrain::study {
namespace {

Tensor copy_of(const Tensor& tensor) { return Tensor::from(tensor.shape(), tensor.values()); }

std::vector<nn::NamedTensor> copies_of(std::vector<nn::NamedTensor> tensors) {
  for (nn::NamedTensor& tensor : tensors) tensor.value = copy_of(tensor.value);
  return tensors;
}

void train(const CellTask& task, train::Trainer& trainer, SeriesRecorder& recorder, const LessonBench::Settings& settings, CellRun& run) {
  while (!trainer.finished()) {
    if (settings.interrupted && settings.interrupted()) throw JobInterrupted{};
    const report::StepRecord record = trainer.step();
    recorder.add(record);
    if (task.keeps_scalars && record.emotion) run.scalars.push_back(record.emotion->scalar);
    if (settings.stepped) settings.stepped();
    if (!trainer.evaluation_due()) continue;
    const std::vector<report::Metric> metrics = trainer.validate();
    trainer.observe(metrics);
    recorder.add(trainer.steps_done(), metrics);
  }
  const std::vector<report::Metric> metrics = trainer.finish();
  recorder.add(trainer.steps_done(), metrics);
  for (const report::Metric& metric : metrics) run.metrics += (run.metrics.empty() ? "" : ", ") + metric.name;
}

}  // namespace

CellEnd end_of(train::Trainer& trainer) {
  CellEnd end{.all = trainer.checkpoint(), .weights = {}};
  end.all.weights = copies_of(std::move(end.all.weights));
  for (optim::StateSlot& slot : end.all.slots) slot.value = copy_of(slot.value);
  const optim::EvaluationWeights guard(trainer.optimizer());
  end.weights = copies_of(train::weights(trainer.model()));
  return end;
}

void take_up(train::Trainer& trainer, const CellEnd& end, Carry carry) {
  if (carry == Carry::weights) {
    train::load_weights(trainer.model(), end.weights, "the cell that it goes on from");
    return;
  }
  train::Checkpoint checkpoint = end.all;
  checkpoint.state = trainer.checkpoint().state;
  // Averages that are corrected for their number of updates have had these.
  checkpoint.state.updates = end.all.state.updates;
  trainer.restore(checkpoint);
}

CellRun run_cell(const CellTask& task, const LessonBench::Settings& settings) {
  CellRun run;
  run.series.planned = task.steps;
  SeriesRecorder recorder(task.keys, run.series);
  try {
    const bool is_bereft = task.scalars != nullptr && task.scalars->scalars.empty() && !task.scalars->divergence.empty();
    if (is_bereft) fail(ErrorKind::numeric, "the run whose scalars it uses diverged before it had any");
    const std::vector<double> scalars =
        task.scalars != nullptr ? task.scalars->scalars : own_scalars(task.config, task.splits, settings.interrupted);
    train::Trainer trainer(task.config, task.splits, scalars);
    if (task.before != nullptr && !task.before->end) fail(ErrorKind::numeric, "the run that it goes on from diverged");
    if (task.before != nullptr) take_up(trainer, *task.before->end, task.carry);
    train(task, trainer, recorder, settings, run);
    if (task.keeps_end) run.end = end_of(trainer);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::numeric) throw;
    run.series.diverged = true;
    run.divergence = error.what();
  }
  return run;
}

}  // namespace emotrain::study
