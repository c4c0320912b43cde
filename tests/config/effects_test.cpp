#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "config/effect_search.hpp"
#include "emotrain/config/options_reader.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/core/tensor.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/optim/schedule.hpp"

/// That no option of an optimizer or a schedule is accepted and then not used: for each there are values that make a difference.
using namespace emotrain;
using namespace emotrain::config;

namespace {

template <class T>
void append(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

Choice chosen(const OptionsTable& table, const Json& object) {
  std::vector<Problem> problems;
  Choice choice = read_choice(parse_argument(object.dump(), "test"), {}, table, problems);
  return problems.empty() ? std::move(choice) : Choice{};
}

/// A descent, spikes, a quiet stretch, and a rough end.
double loss_of(Index step) {
  if (step % 11 == 0) return 4 + 0.1 * static_cast<double>(step);
  if (step > 20 && step < 32) return 0.5;
  return 3 * std::exp(-0.2 * static_cast<double>(step)) + 0.3 + 0.2 * std::sin(static_cast<double>(step));
}

void append_step(std::string& out, optim::Optimizer& optimizer, Index step, double lr) {
  for (const Tensor& parameter : optimizer.parameters()) {
    auto sink = parameter.grad_sink();
    for (Index i = 0; i < parameter.size(); ++i) {
      sink.data[i] = static_cast<Real>(parameter.data()[i] * 0.1 + std::sin(static_cast<double>(3 * i + step * step)) * 0.3);
    }
  }
  const optim::StepReport report = optimizer.step({.step = step, .loss = loss_of(step), .lr = lr});
  if (report.emotion) {
    append(out, report.emotion->ema_short);
    append(out, report.emotion->ema_medium);
    append(out, report.emotion->ema_long);
    append(out, report.emotion->scalar);
    append(out, report.emotion->ratio);
    append(out, report.emotion->drive);
    append(out, report.emotion->should_stop);
  }
  append(out, report.shadow_distance.value_or(-1));
  for (const Tensor& parameter : optimizer.parameters()) {
    for (Index i = 0; i < parameter.size(); ++i) append(out, parameter.data()[i]);
  }
}

/// 40 steps of a matrix and a vector.
std::optional<std::string> seen_of_optimizer(const Json& object) {
  const Choice choice = chosen(optim::optimizers(), object);
  if (choice.options == nullptr) return {};
  const auto& options = dynamic_cast<const optim::OptimizerOptions&>(*choice.options);
  std::string out;
  try {
    std::vector<Tensor> parameters;
    for (const Shape& shape : {Shape{3, 2}, Shape{3}}) {
      parameters.push_back(Tensor::full(shape, Real(0.5)).set_requires_grad(true));
      for (Index i = 0; i < parameters.back().size(); ++i) parameters.back().data()[i] += Real(0.25) * static_cast<Real>(i);
    }
    const auto optimizer =
        options.build(std::move(parameters), {.names = {"w", "b"}, .seed = 5, .recorded_scalars = {0.1, -0.4, 0.7, 0.2, -0.8}});
    for (Index step = 1; step <= 40; ++step) append_step(out, *optimizer, step, options.lr);
    if (!optimizer->has_evaluation_weights()) return out;
    const optim::EvaluationWeights guard(*optimizer);
    for (const Tensor& parameter : optimizer->parameters()) append(out, parameter.data()[0]);
  } catch (const Error& error) {
    return error.what();
  }
  return out;
}

/// The learning rates of 40 steps, with an evaluation after each.
std::optional<std::string> seen_of_scheduler(const Json& object) {
  const Choice choice = chosen(optim::schedulers(), object);
  if (choice.options == nullptr) return {};
  const auto& options = dynamic_cast<const optim::SchedulerOptions&>(*choice.options);
  std::string out(options.observed_metric());
  try {
    const auto schedule = options.build(0.1, 40);
    for (Index step = 1; step <= 40; ++step) {
      append(out, schedule->learning_rate(step));
      schedule->observe(loss_of(step));
    }
  } catch (const Error& error) {
    return error.what();
  }
  return out;
}

std::vector<Json> contexts(const char* name, std::initializer_list<const char*> objects) {
  std::vector<Json> out;
  for (const char* object : objects) {
    Json context{{"name", name}};
    context.update(Json::parse(object));
    out.push_back(std::move(context));
  }
  return out;
}

std::vector<Json> optimizer_contexts(const char* name) {
  return contexts(name, {
                            R"({})",
                            R"({"weight_decay": 0.1})",
                            R"({"lr": 0.1, "weight_decay": 0.1})",
                            R"({"momentum": 0.9})",
                            R"({"warmup_steps": 5})",
                            R"({"emotion": {"stop_window": 2}})",
                            R"({"emotion": {"stop_window": 2, "stop_mean": 1}})",
                            R"({"emotion": {}, "shadow": {}})",
                            R"({"emotion": {}, "shadow": {"mild": 0.1}})",
                            R"({"emotion": {"scalar": "relative"}})",
                            R"({"emotion": {"drive": "trust"}})",
                            R"({"emotion": {"source": "shuffled", "record": "a"}})",
                            R"({"parameter_groups": [{"match": ["w"], "lr": 0.5}]})",
                            R"({"lookahead": {"k": 2}})",
                            R"({"parameter_ema": {}})",
                            R"({"aux_adam": {"weight_decay": 0.1}})",
                        });
}

}  // namespace

TEST_CASE("every option of every optimizer has an effect") {
  for (const OptionsEntry& entry : optim::optimizers().entries) {
    CAPTURE(std::string(entry.name));
    const Search search{.seen = seen_of_optimizer,
                        .contexts = optimizer_contexts(entry.name),
                        .values = {{"parameter_groups", {Json::parse(R"([{"match": ["w"], "lr": 0.5}])")}},
                                   {"match", {Json::array({"b"})}},
                                   // Its file is read by the run: run_effects_test.cpp.
                                   {"record", {}}}};
    std::vector<std::string> silent = without_effect(list_row(optim::optimizers(), entry.name).options, search);
    CHECK(std::erase(silent, "emotion/record") == 1);
    for (const std::string& path : silent) CHECK_MESSAGE(false, path);
  }
}

TEST_CASE("every option of every schedule has an effect") {
  for (const OptionsEntry& entry : optim::schedulers().entries) {
    CAPTURE(std::string(entry.name));
    const Search search{.seen = seen_of_scheduler,
                        .contexts = contexts(entry.name,
                                             {
                                                 R"({})",
                                                 R"({"warmup_steps": 4})",
                                                 R"({"factor": 0.5})",
                                                 R"({"step_size": 3})",
                                                 R"({"step_size": 3, "warmup_steps": 4})",
                                                 R"({"milestones": [3, 6]})",
                                                 R"({"milestones": [3, 6], "warmup_steps": 4})",
                                                 R"({"gamma": 0.9})",
                                                 R"({"gamma": 0.9, "warmup_steps": 4})",
                                                 R"({"num_decay_steps": 10})",
                                                 R"({"num_stable_steps": 10, "warmup_steps": 4})",
                                                 R"({"T_0": 5})",
                                                 R"({"patience": 1})",
                                                 R"({"patience": 0, "threshold": 0.5})",
                                                 R"({"patience": 0, "mode": "max"})",
                                             }),
                        .values = {{"metric", {"eval_accuracy"}}, {"total_steps", {50, 45}}}};
    for (const std::string& path : without_effect(list_row(optim::schedulers(), entry.name).options, search)) {
      CHECK_MESSAGE(false, path);
    }
  }
}
