#include "emotrain/train/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "emotrain/core/error.hpp"
#include "emotrain/data/options.hpp"
#include "train/active_events.hpp"
#include "train/batch_loader.hpp"
#include "train/evaluation.hpp"
#include "train/measures/extra_metrics.hpp"
#include "train/recorded_scalars.hpp"
#include "train/sections.hpp"
#include "train/smallest_batch.hpp"
#include "train/step_details.hpp"

namespace emotrain::train {
namespace {

std::unique_ptr<nn::Model> build_model(const RunConfig& config, const data::Dataset& set) {
  auto model = in_section("model", [&] {
    return options_of<nn::ModelOptions>(config.model).build(set.sample_shape, set.classes(), static_cast<std::uint64_t>(config.seed));
  });
  in_section("loss", [&] { options_of<nn::LossOptions>(config.loss).check_model(*model); });
  if (model->task() == nn::Task::classification && set.labels.empty()) {
    fail(ErrorKind::usage, "/data: {} has no labels, and the model {} needs them: choose an autoencoder, or data with labels", set.name,
         config.model.name);
  }
  return model;
}

TrainingStep::Options step_options(const RunConfig& config) {
  using OnNonfinite = TrainingStep::Options::OnNonfinite;
  const std::string& policy = config.trainer.on_nonfinite;
  return {.seed = static_cast<std::uint64_t>(config.seed),
          .max_grad_norm = config.trainer.max_grad_norm,
          .max_grad_value = config.trainer.max_grad_value,
          .on_nonfinite = policy == "skip"   ? OnNonfinite::skip
                          : policy == "warn" ? OnNonfinite::warn
                                             : OnNonfinite::stop};
}

std::unique_ptr<optim::Schedule> build_schedule(const RunConfig& config, Index steps) {
  const double lr = options_of<optim::OptimizerOptions>(config.optimizer).lr;
  return in_section("scheduler", [&] { return options_of<optim::SchedulerOptions>(config.scheduler).build(lr, steps); });
}

bool has_metric(nn::Task task, std::string_view metric) {
  return metric == "eval_loss" || (task == nn::Task::classification && metric == "eval_accuracy") ||
         (task == nn::Task::reconstruction && metric == "eval_mse");
}

/// What evaluations of such a model find, for messages.
const char* metrics_of(nn::Task task) {
  switch (task) {
    case nn::Task::classification:
      return "eval_loss and eval_accuracy";
    case nn::Task::reconstruction:
      return "eval_loss and eval_mse";
    case nn::Task::minimization:
      return "eval_loss alone";
  }
  return "";
}

/// A schedule that waits for a metric must get to see it.
void check_observed_metric(std::string_view metric, const TrainerOptions& options, const data::Splits& splits, nn::Task task) {
  if (metric.empty()) return;
  if (splits.validation.empty()) {
    fail(ErrorKind::usage,
         "/scheduler/metric: there are no validation samples to get {} from: raise data.validation_fraction, or choose another scheduler",
         metric);
  }
  if (options.eval_steps == Index{0}) {
    fail(ErrorKind::usage,
         "/scheduler/metric: trainer.eval_steps is 0, so {} is known only at the end: raise it, or choose another scheduler", metric);
  }
  if (!has_metric(task, metric)) {
    fail(ErrorKind::usage, "/scheduler/metric: there is no {}: evaluations of this model have {}", metric, metrics_of(task));
  }
}

void check_best_metric(const TrainerOptions& options, nn::Task task) {
  const std::string& metric = options.metric_for_best_model;
  if (has_metric(task, metric)) return;
  fail(ErrorKind::usage, "/trainer/metric_for_best_model: there is no {}: evaluations of this model have {}", metric, metrics_of(task));
}

void check_stop_on_quiet(const RunConfig& config) {
  if (!config.trainer.stop_on_quiet || options_of<optim::OptimizerOptions>(config.optimizer).emotion) return;
  fail(ErrorKind::usage,
       "/trainer/stop_on_quiet: the optimizer {} has no emotion and never raises should_stop: remove it, or give the "
       "optimizer an emotion",
       config.optimizer.name);
}

std::unique_ptr<optim::Optimizer> build_optimizer(const RunConfig& config, const nn::Model& model, std::span<const double> recorded) {
  const auto& options = options_of<optim::OptimizerOptions>(config.optimizer);
  optim::BuildContext context{.seed = static_cast<std::uint64_t>(config.seed)};
  for (const nn::NamedTensor& parameter : named_parameters(model)) context.names.push_back(parameter.name);
  context.recorded_scalars.assign(recorded.begin(), recorded.end());
  if (options.emotion && options.emotion->record && recorded.empty()) context.recorded_scalars = read_scalars(*options.emotion->record);
  return in_section("optimizer", [&] { return options.build(parameters_of(model), context); });
}

data::Batches make_batches(const RunConfig& config, const data::Splits& splits) {
  const auto& options = options_of<data::DataOptions>(config.data);
  return {splits.train, options.batch_size, options.shuffle, static_cast<std::uint64_t>(config.seed)};
}

void check_finite(std::string_view prefix, const Scores& scores, const TrainerOptions& options) {
  if (!std::isfinite(scores.loss) && options.on_nonfinite == "stop") {
    fail(ErrorKind::numeric, "the loss on the {} samples is {}: lower optimizer.lr or set trainer.max_grad_norm",
         prefix == "eval" ? "validation" : prefix, scores.loss);
  }
}

}  // namespace

data::Splits load_data(const RunConfig& config) {
  return in_section("data", [&] { return data::load_splits(options_of<data::DataOptions>(config.data)); });
}

Trainer::Trainer(const RunConfig& config, data::Splits splits, std::span<const double> recorded_scalars)
    : config_(config),
      options_(config.trainer),
      scheduler_(options_of<optim::SchedulerOptions>(config.scheduler)),
      seed_(static_cast<std::uint64_t>(config.seed)),
      splits_(std::move(splits)),
      model_(build_model(config, *splits_.training_set)),
      loss_(&options_of<nn::LossOptions>(config.loss)),
      optimizer_(build_optimizer(config, *model_, recorded_scalars)),
      training_step_(*model_, *loss_, *optimizer_, step_options(config)),
      batches_(in_section("data", [&] { return make_batches(config, splits_); })),
      loader_(std::make_unique<BatchLoader>(*splits_.training_set, batches_.batch_size())),
      extra_metrics_(std::make_unique<ExtraMetrics>(options_, *model_, splits_)),
      steps_(config.trainer.max_steps.value_or(config.trainer.num_train_epochs * steps_per_epoch())),
      schedule_(build_schedule(config, steps_)) {
  check_observed_metric(scheduler_.observed_metric(), options_, splits_, model_->task());
  check_best_metric(options_, model_->task());
  check_stop_on_quiet(config);
  const std::vector<nn::NamedTensor> parameters = named_parameters(*model_);
  for (const nn::NamedTensor& parameter : parameters) parameter_names_.push_back(parameter.name);
  details_ = std::make_unique<StepDetails>(parameters, *optimizer_, options_.detail_steps);
  try_smallest_batch(*model_, batches_, splits_.training_set->sample_shape, "data");
  if (!config.events.empty()) events_ = std::make_unique<ActiveEvents>(config, ActiveEvents::Own{splits_, batches_, *loader_}, *model_);
}

Trainer::~Trainer() = default;

Index Trainer::steps_per_epoch() const {
  const Index accumulated = options_.gradient_accumulation_steps;
  return (batches_.batches_per_epoch() + accumulated - 1) / accumulated;
}

Index Trainer::batches_before(Index step) const {
  const Index epoch = step / steps_per_epoch();
  return epoch * batches_.batches_per_epoch() + step % steps_per_epoch() * options_.gradient_accumulation_steps;
}

double Trainer::epochs_done() const {
  return static_cast<double>(batches_before(done_)) / static_cast<double>(batches_.batches_per_epoch());
}

report::StepRecord Trainer::step() {
  const Index first = batches_before(done_);
  TrainingStep::Work work{.step = done_ + 1,
                          .update = updates_ + 1,
                          .learning_rate = schedule_->learning_rate(done_ + 1),
                          .first_batch = first,
                          .batches = batches_before(done_ + 1) - first};
  if (events_) events_->begin(work);
  details_->before(work.step);
  report::StepRecord record =
      training_step_.run(work, [&](Index number) { return events_ ? events_->load(number) : loader_->load(batches_.at(number).indices); });
  if (events_) record.events = events_->kinds();
  ++done_;
  // A step that was skipped had no rule.
  if (!record.rule.empty()) ++updates_;
  record.epoch = epochs_done();
  details_->after(record);
  if (record.emotion && record.emotion->should_stop && !should_stop_at_) should_stop_at_ = done_;
  return record;
}

std::vector<std::shared_ptr<const data::Dataset>> Trainer::event_sets() const {
  return events_ ? events_->sets() : std::vector<std::shared_ptr<const data::Dataset>>();
}

bool Trainer::evaluation_due() const {
  const Index interval = options_.eval_steps.value_or(steps_per_epoch());
  return interval > 0 && done_ % interval == 0 && !finished();
}

bool Trainer::is_better(double value, double than) const {
  return options_.metric_for_best_model == "eval_accuracy" ? value > than : value < than;
}

Checkpoint Trainer::checkpoint() const {
  TrainerState state;
  state.global_step = done_;
  state.updates = updates_;
  state.epoch = epochs_done();
  state.should_stop_at = should_stop_at_;
  state.schedule = schedule_->state();
  return {std::move(state), weights(*model_), optimizer_->state(), optimizer_->numbers()};
}

void Trainer::restore(const Checkpoint& checkpoint) {
  load_weights(*model_, checkpoint.weights, "the checkpoint");
  optimizer_->restore(checkpoint.slots, checkpoint.numbers);
  optim::ScheduleState schedule = checkpoint.state.schedule;
  // Before the first observation it is infinite, and depends on what is better.
  if (!std::isfinite(schedule.best)) schedule.best = schedule_->state().best;
  schedule_->restore(schedule);
  done_ = checkpoint.state.global_step;
  updates_ = checkpoint.state.updates;
  should_stop_at_ = checkpoint.state.should_stop_at;
}

void Trainer::append_scores(const char* prefix, const data::Dataset& set, std::span<const std::int32_t> indices,
                            std::vector<report::Metric>& out) {
  if (indices.empty()) return;
  const Index batch_size = options_.eval_batch_size;
  const Scores scores = train::evaluate(*model_, *loss_, {set, indices}, batch_size, seed_, extra_metrics_.get());
  check_finite(prefix, scores, options_);
  append_metrics(prefix, scores, out);
  const std::vector<std::int32_t>& others = extra_metrics_->gap_samples();
  if (prefix != std::string_view("eval") || others.empty()) return;
  out.push_back({"eval_gap", scores.loss - train::evaluate(*model_, *loss_, {set, others}, batch_size, seed_).loss});
}

optim::Adoption Trainer::adopt(const Checkpoint& checkpoint, const RunConfig& of) {
  load_weights(*model_, checkpoint.weights, "the checkpoint");
  const bool same_rules = of.optimizer.name == config_.optimizer.name;
  optim::Adoption adoption = optimizer_->adopt(checkpoint.slots, checkpoint.numbers, same_rules);
  const std::string_view metric = scheduler_.observed_metric();
  optim::ScheduleState schedule = checkpoint.state.schedule;
  if (!metric.empty() && options_of<optim::SchedulerOptions>(of.scheduler).observed_metric() == metric && std::isfinite(schedule.best)) {
    const double lr = options_of<optim::OptimizerOptions>(of.optimizer).lr;
    // To the bit where nothing has changed.
    if (lr != options_of<optim::OptimizerOptions>(config_.optimizer).lr) {
      schedule.lr = lr > 0 ? schedule.lr * (schedule_->state().lr / lr) : schedule_->state().lr;
    }
    schedule_->restore(schedule);
  }
  done_ = checkpoint.state.global_step;
  updates_ = same_rules ? checkpoint.state.updates : 0;
  should_stop_at_ = checkpoint.state.should_stop_at;
  return adoption;
}

std::vector<report::Metric> Trainer::validate() {
  const optim::EvaluationWeights guard(*optimizer_);
  std::vector<report::Metric> metrics;
  append_scores("eval", *splits_.training_set, splits_.validation, metrics);
  return metrics;
}

void Trainer::observe(std::span<const report::Metric> metrics) {
  const auto metric = std::ranges::find(metrics, scheduler_.observed_metric(), &report::Metric::name);
  if (metric != metrics.end()) schedule_->observe(metric->value);
}

std::vector<report::Metric> Trainer::evaluate(const std::string& split) {
  const optim::EvaluationWeights guard(*optimizer_);
  const bool is_test = split == "test";
  const std::vector<std::int32_t>& indices = is_test ? splits_.test : split == "train" ? splits_.train : splits_.validation;
  if (indices.empty() || (is_test && !splits_.test_set)) fail(ErrorKind::usage, "the data has no {} samples; choose another part", split);
  const data::Dataset& set = is_test ? *splits_.test_set : *splits_.training_set;
  std::vector<report::Metric> metrics;
  append_scores(is_test ? "test" : split == "train" ? "train" : "eval", set, indices, metrics);
  return metrics;
}

std::vector<report::Metric> Trainer::finish() {
  const optim::EvaluationWeights guard(*optimizer_);
  std::vector<report::Metric> metrics;
  append_scores("eval", *splits_.training_set, splits_.validation, metrics);
  if (splits_.test_set) append_scores("test", *splits_.test_set, splits_.test, metrics);
  return metrics;
}

}  // namespace emotrain::train
