#include "emotrain/train/training_step.hpp"

#include <algorithm>
#include <cmath>

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
    record.emotion = {felt.ema_short, felt.ema_long, felt.scalar, felt.ratio, felt.drive, felt.should_stop};
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

double TrainingStep::differentiate(const nn::Batch& batch, Index number, const Work& work) {
  const nn::Context context{.training = true, .seed = options_.seed, .step = static_cast<std::uint64_t>(number + 1)};
  const Tensor loss = loss_.compute(model_.run(batch.x, context), batch);
  const double value{loss.item()};
  if (!std::isfinite(value)) {
    autograd::clear();
    fail_loss(value, work);
  }
  autograd::backward(loss, static_cast<Real>(1.0 / static_cast<double>(work.batches)));
  return value;
}

report::StepRecord TrainingStep::run(const Work& work, FunctionRef<nn::Batch(Index number)> load) {
  const FlushDenormals guard;
  for (const Tensor& parameter : parameters_) parameter.clear_grad();
  double losses = 0;
  for (Index number = work.first_batch; number < work.first_batch + work.batches; ++number) {
    losses += differentiate(load(number), number, work);
  }
  const optim::StepContext context{.step = work.step, .loss = losses / static_cast<double>(work.batches), .lr = work.learning_rate};
  const double norm = norm_();
  if (!std::isfinite(norm)) fail_gradient(work);
  clip(norm);
  return make_record(context, norm, optimizer_.step(context));
}

void TrainingStep::clip(double norm) {
  if (options_.max_grad_norm && norm > *options_.max_grad_norm) scale_gradients(parameters_, *options_.max_grad_norm / (norm + 1e-6));
  if (options_.max_grad_value) clamp_gradients(parameters_, *options_.max_grad_value);
}

void TrainingStep::fail_loss(double loss, const Work& work) const {
  const nn::NamedTensor* bad = find_not_finite(named_, false);
  const std::string cause = bad != nullptr ? fmt::format("parameter {} holds values that are not finite", bad->name)
                                           : std::string("all parameters are finite, the forward pass overflowed");
  fail(ErrorKind::numeric, "step {}: the loss is {}: {}; lower optimizer.lr (now {}) or set trainer.max_grad_norm", work.step,
       std::isnan(loss) ? "not a number" : "infinite", cause, work.learning_rate);
}

void TrainingStep::fail_gradient(const Work& work) const {
  const nn::NamedTensor* bad = find_not_finite(named_, true);
  fail(ErrorKind::numeric, "step {}: the gradient of parameter {} is not finite; lower optimizer.lr (now {})", work.step,
       bad != nullptr ? bad->name : "?", work.learning_rate);
}

}  // namespace emotrain::train
