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

double root_mean_square(std::span<const Real> values) {
  double squares = 0;
  for (const Real value : values) squares += double{value} * double{value};
  return std::sqrt(squares / static_cast<double>(values.size()));
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
      norm_(parameters_) {
  undisturbed_.reserve(parameters_.size());
}

double TrainingStep::differentiate(const Work& work, FunctionRef<nn::Batch(Index number)> load, std::string& fault) {
  double losses = 0;
  for (Index number = work.first_batch; number < work.first_batch + work.batches; ++number) {
    const nn::Batch batch = load(number);
    const nn::Context context{.training = true, .seed = options_.seed, .step = static_cast<std::uint64_t>(number + 1)};
    const nn::ModelOutput output = model_.run(batch.x, context);
    const Tensor loss = loss_.compute(output, batch);
    const double value = report::loss_of_record(output.value.value_or(double{loss.item()}));
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
  disturb_weights(work);
  std::string fault;
  const double loss = differentiate(work, load, fault);
  double norm = std::numeric_limits<double>::quiet_NaN();
  if (std::isfinite(loss)) {
    disturb_gradient(work);
    norm = norm_();
  }
  if (fault.empty() && !std::isfinite(norm)) fault = gradient_fault(work);
  if (fault.empty() && !std::isfinite(loss + work.loss_offset)) {
    fault =
        fmt::format("step {}: the loss that the optimizer is handed is not finite, by the events' loss_offset; lower offset", work.step);
  }
  if (!fault.empty() && options_.on_nonfinite != Options::OnNonfinite::warn) {
    for (std::size_t p = 0; p < undisturbed_.size(); ++p) std::ranges::copy(undisturbed_[p].values(), parameters_[p].data());
    if (options_.on_nonfinite == Options::OnNonfinite::stop) throw Error(ErrorKind::numeric, fault);
  }
  const optim::StepContext context{.step = work.update, .loss = loss + work.loss_offset, .lr = work.learning_rate};
  report::StepRecord record{.loss = context.loss, .learning_rate = context.lr, .grad_norm = norm};
  if (fault.empty() || options_.on_nonfinite == Options::OnNonfinite::warn) {
    clip(norm);
    record = make_record(context, norm, optimizer_.step(context));
  }
  record.step = work.step;
  record.fault = std::move(fault);
  return record;
}

void TrainingStep::disturb_weights(const Work& work) {
  undisturbed_.clear();
  if (work.weight_noise.empty()) return;
  for (const Tensor& parameter : parameters_) undisturbed_.push_back(Tensor::from(parameter.shape(), parameter.values()));
  for (const auto& [event, std] : work.weight_noise) {
    for (std::size_t p = 0; p < parameters_.size(); ++p) {
      const RandomKey key{options_.seed, Stream::event, static_cast<std::uint32_t>(p)};
      add_normal(key, event_step(event, work.step), parameters_[p].values(), std * root_mean_square(undisturbed_[p].values()));
    }
  }
}

void TrainingStep::disturb_gradient(const Work& work) {
  if (work.gradient_noise.empty()) return;
  Index elements = 0;
  for (const Tensor& parameter : parameters_) elements += static_cast<Index>(parameter.grad().size());
  const double rms = norm_() / std::sqrt(static_cast<double>(std::max(elements, Index{1})));
  if (!std::isfinite(rms)) return;
  for (const auto& [event, std] : work.gradient_noise) {
    for (std::size_t p = 0; p < parameters_.size(); ++p) {
      const RandomKey key{options_.seed, Stream::event, static_cast<std::uint32_t>(p)};
      add_normal(key, event_step(event, work.step), parameters_[p].grad(), std * rms);
    }
  }
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
