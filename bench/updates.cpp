#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "emotrain/core/random.hpp"
#include "emotrain/core/threads.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "rows.hpp"

namespace emotrain::bench {
namespace {

constexpr int tensors = 10;
constexpr Index side = 1000;

std::vector<Tensor> random_tensors(std::uint32_t substream) {
  std::vector<Tensor> result;
  for (int i = 0; i < tensors; ++i) {
    result.push_back(Tensor::empty({side, side}));
    const RandomKey key{.seed = 1, .stream = Stream::test, .substream = substream};
    fill_normal(key, static_cast<std::uint64_t>(i), result.back().data(), result.back().size(), 0, 1);
  }
  return result;
}

/// The losses an optimizer is told: a constant one leaves an emotion calm, one that keeps rising fires the shadow at every step.
enum class Losses { constant, rising };

/// Arrays of the parameters' size that an update reads and writes.
struct Streams {
  int reads, writes;
};

/// What differs from "parameter, gradient and every state slot are read, parameter and every slot are written".
struct Exception {
  const char* optimizer;
  int reads, writes;
};
constexpr Exception exceptions[] = {
    {"emoclan", -1, -1},                                     // Lynx's slot rests while the rule is Navi
    {"emofact", 1, 0},   {"emozeal", 1, 0}, {"fact", 1, 0},  // row and column means first: the gradient once more
    {"adafactor", 2, 0},                                     // parameter and gradient first, for two norms
    {"prodigy", 3, -1},                                      // p0 is only read; parameter and both moments come twice
    {"muon", 1, 1},                                          // momentum into a buffer; the products of its iterations come on top
};

Streams streams_of(const optim::Optimizer& optimizer, std::string_view name) {
  int slots = 0;
  for (const optim::StateSlot& slot : optimizer.state()) {
    if (slot.parameter == 0 && slot.value.size() == optimizer.parameters()[0].size()) ++slots;
  }
  Streams streams{2 + slots, 1 + slots};
  for (const Exception& exception : exceptions) {
    if (name == exception.optimizer) streams = {streams.reads + exception.reads, streams.writes + exception.writes};
  }
  return streams;
}

void report_streams(benchmark::State& state, Streams streams) {
  const double bytes = static_cast<double>(sizeof(float)) * (streams.reads + streams.writes);
  state.counters["reads"] = streams.reads;
  state.counters["writes"] = streams.writes;
  state.counters["bytes/param"] = bytes;
  state.counters["GB/s"] = benchmark::Counter(bytes * tensors * side * side / 1e9, benchmark::Counter::kIsIterationInvariantRate);
}

void time_updates(benchmark::State& state, const OptionsEntry& optimizer, Losses losses) {
  const std::vector<Tensor> parameters = random_tensors(0);
  const std::vector<Tensor> gradients = random_tensors(1);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    parameters[i].set_requires_grad(true);
    std::ranges::copy(gradients[i].values(), parameters[i].grad_sink().data);
  }
  const std::unique_ptr<Options> options = optimizer.make();
  const auto& optimizer_options = dynamic_cast<const optim::OptimizerOptions&>(*options);
  const auto built = optimizer_options.build(parameters);
  Index step = 0;
  double ratio = 0;
  const auto update = [&] {
    ++step;
    const double loss = losses == Losses::rising ? static_cast<double>(step) : 1;
    const optim::StepReport report = built->step({.step = step, .loss = loss, .lr = optimizer_options.lr});
    ratio = report.emotion ? report.emotion->ratio : 0;
  };
  for (int warm_up = 0; warm_up < 3; ++warm_up) update();
  for (auto _ : state) update();
  report_streams(state, streams_of(*built, optimizer.name));
  if ((ratio > 0) != (losses == Losses::rising)) state.SkipWithError("the shadow was not in the state that this row is about");
}

/// Reads `reads` streams and writes the first `writes` of them.
template <int reads, int writes>
void stream(const std::array<float*, reads>& streams, Index first, Index last) {
  std::array<float*, reads> at = streams;
  for (Index i = first; i < last; ++i) {
    float sum = 0;
    for (const float* values : at) sum += values[i];
    for (std::size_t w = 0; w < writes; ++w) at[w][i] = sum * (1.0F / reads);
  }
}

template <int reads, int writes>
void time_streams(benchmark::State& state) {
  constexpr Index tile = 16384;
  constexpr Index size = side * side;
  std::array<std::vector<Tensor>, reads> streams;
  for (std::size_t r = 0; r < reads; ++r) streams[r] = random_tensors(static_cast<std::uint32_t>(r));
  for (auto _ : state) {
    for (std::size_t t = 0; t < tensors; ++t) {
      std::array<float*, reads> at;
      for (std::size_t r = 0; r < reads; ++r) at[r] = streams[r][t].data();
      parallel_for((size + tile - 1) / tile, [&](Index i) { stream<reads, writes>(at, i * tile, std::min(size, (i + 1) * tile)); });
    }
    benchmark::ClobberMemory();
  }
  report_streams(state, {reads, writes});
}

template <int reads, int writes>
void register_limit() {
  const std::string name = "limit/10M/" + std::to_string(reads) + "r" + std::to_string(writes) + "w";
  benchmark::RegisterBenchmark(name.c_str(), time_streams<reads, writes>)->Unit(benchmark::kMicrosecond);
}

}  // namespace

void register_updates() {
  const auto add = [](const OptionsEntry& optimizer, const char* suffix, Losses losses) {
    const std::string name = std::string("update/10M/") + optimizer.name + suffix;
    benchmark::RegisterBenchmark(name.c_str(), [&optimizer, losses](benchmark::State& state) {
      time_updates(state, optimizer, losses);
    })->Unit(benchmark::kMicrosecond);
  };
  for (const OptionsEntry& optimizer : optim::optimizers().entries) add(optimizer, "", Losses::constant);
  add(*optim::optimizers().find("emonavi"), "_shadow", Losses::rising);
  register_limit<2, 1>();
  register_limit<3, 1>();
  register_limit<3, 2>();
  register_limit<4, 3>();
  register_limit<4, 1>();
  register_limit<5, 4>();
  register_limit<9, 4>();
}

}  // namespace emotrain::bench
