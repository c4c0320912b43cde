#include <benchmark/benchmark.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "emotrain/optim/optimizer.hpp"
#include "emotrain/study/job.hpp"
#include "emotrain/train/trainer.hpp"
#include "rows.hpp"

namespace emotrain::bench {
namespace {

constexpr Index stretches = 20;

/// Runs of a second or so.
struct Problem {
  const char* name;
  const char* model;
  Index steps;
};
constexpr Problem problems[] = {{"mlp", "mlp", 3000}, {"cnn", "cnn", 500}};

train::RunConfig config_of(const Problem& problem) {
  train::RunConfig config;
  config.model = nn::models().choose(problem.model);
  config.optimizer = optim::optimizers().choose("adamw");
  config.trainer.max_steps = problem.steps;
  config.trainer.eval_steps = problem.steps / stretches;
  return config;
}

const data::Splits& splits_of(const train::RunConfig& config) {
  static const data::Splits splits = train::load_data(config);
  return splits;
}

/// The training that a job is: the same steps and evaluations, nothing else.
void train_bare(const train::RunConfig& config) {
  train::Trainer trainer(config, splits_of(config));
  while (!trainer.finished()) {
    benchmark::DoNotOptimize(trainer.step().loss);
    if (trainer.evaluation_due()) benchmark::DoNotOptimize(trainer.validate().size());
  }
  trainer.validate();
  benchmark::DoNotOptimize(trainer.finish().size());
}

void run(const Problem& problem, bool is_job, int at_a_time, benchmark::State& state) {
  const train::RunConfig config = config_of(problem);
  splits_of(config);
  for (auto _ : state) {
    std::vector<std::thread> others;
    const auto work = [&] {
      if (!is_job) return train_bare(config);
      benchmark::DoNotOptimize(
          study::run_job(config, splits_of(config), {.stretches = stretches, .interrupted = [] { return false; }}).steps);
    };
    for (int i = 1; i < at_a_time; ++i) others.emplace_back(work);
    work();
    for (std::thread& other : others) other.join();
  }
}

}  // namespace

void register_jobs() {
  for (const Problem& problem : problems) {
    const auto add = [&](const std::string& name, bool is_job, int at_a_time) {
      benchmark::RegisterBenchmark(("job/" + std::string(problem.name) + "/" + name).c_str(),
                                   [&problem, is_job, at_a_time](benchmark::State& state) { run(problem, is_job, at_a_time, state); })
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
    };
    add("bare", false, 1);
    add("one", true, 1);
    add("two_at_a_time", true, 2);
  }
}

}  // namespace emotrain::bench
