#include "emotrain/train/forecast.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "emotrain/core/buffer.hpp"
#include "emotrain/core/threads.hpp"
#include "emotrain/data/options.hpp"
#include "emotrain/train/safetensors.hpp"
#include "emotrain/train/trainer.hpp"
#include "train/evaluation.hpp"
#include "train/measures/extra_metrics.hpp"

namespace emotrain::train {
namespace {

constexpr Index most_steps = 5000;
/// The first steps fill caches and take memory from the system.
constexpr Index most_warm_up = 2;
constexpr std::size_t evaluated_batches = 4;

constexpr Index real_bytes = sizeof(Real);

double seconds_of(const std::function<void()>& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Index machine_memory() { return static_cast<Index>(::sysconf(_SC_PHYS_PAGES)) * static_cast<Index>(::sysconf(_SC_PAGESIZE)); }

/// The most memory that the process had at a time.
Index peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<Index>(usage.ru_maxrss) * 1024;
}

Index bytes_of(const data::Dataset& set) {
  return static_cast<Index>(set.bytes.size() + set.reals.size() * sizeof(Real) + set.labels.size() * sizeof(std::int32_t));
}

Index bytes_of(const data::Splits& splits) {
  const bool has_own_test_set = splits.test_set && splits.test_set != splits.training_set;
  // The batches of an epoch have the training samples' list twice, in order and shuffled.
  const std::size_t listed = 3 * splits.train.size() + splits.validation.size() + splits.test.size();
  return bytes_of(*splits.training_set) + (has_own_test_set ? bytes_of(*splits.test_set) : 0) +
         static_cast<Index>(listed * sizeof(std::int32_t));
}

Index state_bytes(Trainer& trainer, const RunConfig& config, Index parameters) {
  Index bytes = 0;
  bool has_shadow = false;
  for (const optim::StateSlot& slot : trainer.optimizer().state()) {
    bytes += slot.value.size() * real_bytes;
    has_shadow |= slot.name == "shadow";
  }
  const auto& options = dynamic_cast<const optim::OptimizerOptions&>(*config.optimizer.options);
  return bytes + (options.shadow && !has_shadow ? parameters * real_bytes : 0);
}

/// Mean time of a training step.
double rehearse_steps(Trainer& trainer, double seconds) {
  const Index warm_up = std::min(most_warm_up, trainer.steps() - 1);
  for (Index i = 0; i < warm_up; ++i) trainer.step();
  Index steps = 0;
  double sum = 0;
  do {
    sum += seconds_of([&] { trainer.step(); });
    ++steps;
  } while (!trainer.finished() && steps < most_steps && sum < seconds);
  return sum / static_cast<double>(steps);
}

/// How long the evaluation of these samples takes.
double rehearse_evaluation(Trainer& trainer, const RunConfig& config, const Part& part) {
  const auto batch = static_cast<std::size_t>(config.trainer.eval_batch_size);
  const auto first = [&](std::size_t batches) {
    const auto few = part.indices.first(std::min(batches * batch, part.indices.size()));
    evaluate(trainer.model(), trainer.loss(), {part.set, few}, config.trainer.eval_batch_size, static_cast<std::uint64_t>(config.seed),
             &trainer.extra_metrics());
    return static_cast<double>(few.size());
  };
  const optim::EvaluationWeights guard(trainer.optimizer());
  first(1);
  double samples = 0;
  const double seconds = seconds_of([&] { samples = first(evaluated_batches); });
  return seconds * static_cast<double>(part.indices.size()) / samples;
}

double evaluation_seconds(Trainer& trainer, const RunConfig& config) {
  const data::Splits& splits = trainer.splits();
  double seconds = 0;
  if (!splits.validation.empty()) {
    const Index interval = config.trainer.eval_steps.value_or(trainer.steps_per_epoch());
    const Index evaluations = (interval > 0 ? (trainer.steps() - 1) / interval : 0) + 1;
    double once = rehearse_evaluation(trainer, config, {*splits.training_set, splits.validation});
    if (const auto& others = trainer.extra_metrics().gap_samples(); !others.empty())
      once += rehearse_evaluation(trainer, config, {*splits.training_set, others});
    seconds += static_cast<double>(evaluations) * once;
  }
  if (splits.test_set && !splits.test.empty()) seconds += rehearse_evaluation(trainer, config, {*splits.test_set, splits.test});
  return seconds;
}

void rehearse(Trainer& trainer, const ForecastRequest& request, Forecast& out) {
  const auto pool_before = static_cast<Index>(pool_bytes());
  TimeForecast time{.step = rehearse_steps(trainer, request.seconds)};
  time.steps = time.step * static_cast<double>(out.steps);
  time.evaluations = evaluation_seconds(trainer, request.config);
  out.time = time;
  MemoryForecast& memory = out.memory;
  memory.optimizer_state = state_bytes(trainer, request.config, out.structure.total(&nn::Layer::parameters));
  const Index grown = static_cast<Index>(pool_bytes()) - pool_before;
  memory.activations = std::max(Index{0}, grown - memory.gradients - memory.optimizer_state);
}

Forecast outline(Trainer& trainer, const RunConfig& config) {
  const data::Splits& splits = trainer.splits();
  const data::Dataset& set = *splits.training_set;
  Forecast out{.structure = nn::structure_of(trainer.model(), set.sample_shape),
               .data = config.data.name,
               .classes = set.classes(),
               .train_samples = static_cast<Index>(splits.train.size()),
               .validation_samples = static_cast<Index>(splits.validation.size()),
               .test_samples = static_cast<Index>(splits.test.size()),
               .steps = trainer.steps(),
               .steps_per_epoch = trainer.steps_per_epoch(),
               .memory = {},
               .time = {}};
  const Index parameters = out.structure.total(&nn::Layer::parameters);
  const auto& data_options = dynamic_cast<const data::DataOptions&>(*config.data.options);
  const Index batch = std::min(data_options.batch_size, out.train_samples);
  Index switched = 0;
  for (const auto& other : trainer.event_sets()) switched += bytes_of(*other);
  out.memory = {.data = bytes_of(splits) + switched,
                .weights = (parameters + out.structure.total(&nn::Layer::buffers)) * real_bytes,
                .gradients = parameters * real_bytes,
                .activations = batch * (out.structure.total(&nn::Layer::activation_bytes) + set.sample_shape.size() * real_bytes)};
  return out;
}

}  // namespace

Forecast forecast(const ForecastRequest& request) {
  set_threads(static_cast<int>(request.config.trainer.threads));
  Trainer trainer(request.config, load_data(request.config));
  if (request.init_from) load_weights(trainer.model(), *request.init_from, {.partial = request.init_partial});
  Forecast out = outline(trainer, request.config);
  const MemoryForecast& memory = out.memory;
  if (memory.peak() <= request.available_memory.value_or(machine_memory())) rehearse(trainer, request, out);
  const Index known = out.time ? memory.peak() : memory.data + memory.weights;
  out.memory.rest = std::max(Index{0}, peak_memory() - known);
  return out;
}

}  // namespace emotrain::train
