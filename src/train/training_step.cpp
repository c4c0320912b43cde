#include "emotrain/train/training_step.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/denormals.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::train {
namespace {

report::StepRecord make_record(const optim::StepContext& context, double grad_norm, const optim::StepReport& told) {
  report::StepRecord record{
      .step = context.step, .loss = context.loss, .learning_rate = context.lr, .grad_norm = grad_norm, .rule = told.rule};
  if (told.emotion) {
    const optim::Feeling& felt = *told.emotion;
    record.emotion = {felt.ema_short, felt.ema_medium, felt.ema_long, felt.scalar, felt.ratio, felt.drive, felt.should_stop};
  }
  record.shadow_distance = told.shadow_distance;
  return record;
}

}  // namespace

std::vector<nn::NamedTensor> named_parameters(const nn::Model& model) {
  std::vector<nn::NamedTensor> named;
  model.parameters("", named);
  return named;
}

std::vector<Tensor> parameters_of(const nn::Model& model) {
  std::vector<Tensor> parameters;
  for (const nn::NamedTensor& named : named_parameters(model)) parameters.push_back(named.value);
  return parameters;
}

const nn::NamedTensor* find_not_finite(std::span<const nn::NamedTensor> tensors, bool gradients) {
  const auto bad = std::ranges::find_if(tensors, [&](const nn::NamedTensor& tensor) {
    const std::span<const Real> values = gradients ? tensor.value.grad() : tensor.value.values();
    return !std::ranges::all_of(values, [](Real value) { return std::isfinite(value); });
  });
  return bad != tensors.end() ? &*bad : nullptr;
}

TrainingStep::TrainingStep(nn::Model& model, const nn::LossOptions& loss, optim::Optimizer& optimizer, const Options& options)
    : model_(model),
      loss_(loss),
      optimizer_(optimizer),
      options_(options),
      named_(named_parameters(model)),
      parameters_(parameters_of(model)),
      norm_(parameters_) {}

double TrainingStep::differentiate(const Work& work, FunctionRef<nn::Batch(Index number)> load, std::string& fault) {
  double losses = 0;
  for (Index number = work.first_batch; number < work.first_batch + work.batches; ++number) {
    const nn::Batch batch = load(number);
    const nn::Context context{.training = true, .seed = options_.seed, .step = static_cast<std::uint64_t>(number + 1)};
    const Tensor loss = loss_.compute(model_.run(batch.x, context), batch);
    const double value = report::loss_of_record(loss.item());
    losses += value;
    if (!std::isfinite(value) && fault.empty()) fault = loss_fault(value, work);
    if (!fault.empty() && options_.on_nonfinite != Options::OnNonfinite::warn) {
      autograd::clear();
      break;
    }
    autograd::backward(loss, static_cast<Real>(1.0 / static_cast<double>(work.batches)));
  }
  return losses / static_cast<double>(work.batches);
}

report::StepRecord TrainingStep::run(const Work& work, FunctionRef<nn::Batch(Index number)> load) {
  const FlushDenormals guard;
  for (const Tensor& parameter : parameters_) parameter.clear_grad();
  std::string fault;
  const optim::StepContext context{.step = work.update, .loss = differentiate(work, load, fault), .lr = work.learning_rate};
  double norm = std::numeric_limits<double>::quiet_NaN();
  if (std::isfinite(context.loss)) norm = norm_();
  if (fault.empty() && !std::isfinite(norm)) fault = gradient_fault(work);
  if (!fault.empty() && options_.on_nonfinite == Options::OnNonfinite::stop) throw Error(ErrorKind::numeric, fault);
  report::StepRecord record{.loss = context.loss, .learning_rate = context.lr, .grad_norm = norm};
  if (fault.empty() || options_.on_nonfinite == Options::OnNonfinite::warn) {
    clip(norm);
    record = make_record(context, norm, optimizer_.step(context));
  }
  record.step = work.step;
  record.fault = std::move(fault);
  return record;
}

void TrainingStep::clip(double norm) {
  if (options_.max_grad_norm && norm > *options_.max_grad_norm) scale_gradients(parameters_, *options_.max_grad_norm / (norm + 1e-6));
  if (options_.max_grad_value) clamp_gradients(parameters_, *options_.max_grad_value);
}

std::string TrainingStep::loss_fault(double loss, const Work& work) const {
  const nn::NamedTensor* bad = find_not_finite(named_, false);
  const std::string cause =
      bad != nullptr ? fmt::format("parameter {} holds values that are not finite", bad->name)
                     : fmt::format("all parameters are finite, the op {} overflowed", autograd::first_not_finite().value_or("of the loss"));
  return fmt::format("step {}: the loss is {}: {}; lower optimizer.lr (now {}) or set trainer.max_grad_norm", work.step,
                     std::isnan(loss) ? "not a number" : "infinite", cause, work.learning_rate);
}

std::string TrainingStep::gradient_fault(const Work& work) const {
  const nn::NamedTensor* bad = find_not_finite(named_, true);
  return fmt::format("step {}: the gradient of parameter {} is not finite; lower optimizer.lr (now {})", work.step,
                     bad != nullptr ? bad->name : "?", work.learning_rate);
}

}  // namespace emotrain::train
