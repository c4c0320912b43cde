#include "emotrain/optim/schedule.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <cmath>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "emotrain/core/error.hpp"
#include "json_options.hpp"

using namespace emotrain;
using nlohmann::json;

namespace {

std::unique_ptr<optim::SchedulerOptions> scheduler_from(const json& object) {
  Choice choice = optim::schedulers().choose(object.at("name").get<std::string>());
  REQUIRE_MESSAGE(choice.options != nullptr, object.dump());
  FromJson reader(object);
  choice.options->fields(reader);
  CAPTURE(object.dump());
  CHECK(reader.unused().empty());
  choice.options->check();
  return std::unique_ptr<optim::SchedulerOptions>(dynamic_cast<optim::SchedulerOptions*>(choice.options.release()));
}

std::unique_ptr<optim::Schedule> schedule_from(const json& object, double lr, Index steps) {
  return scheduler_from(object)->build(lr, steps);
}

std::vector<double> rates_of(const optim::Schedule& schedule, Index steps) {
  std::vector<double> rates;
  for (Index step = 1; step <= steps; ++step) rates.push_back(schedule.learning_rate(step));
  return rates;
}

std::string error_of(const json& object, double lr, Index steps) {
  try {
    schedule_from(object, lr, steps);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    return error.what();
  }
  return "accepted";
}

void check_rate(double ours, double recorded) { CHECK(std::abs(ours - recorded) <= 1e-12 * std::abs(recorded)); }

}  // namespace

TEST_CASE("schedules are those of PyTorch and Hugging Face, step by step") {
  const json recorded = json::parse(std::ifstream(EMOTRAIN_TEST_DATA "/schedules/schedules.json"));
  std::set<std::string> names;
  for (const json& row : recorded.at("cases")) {
    CAPTURE(row.at("scheduler").dump());
    const auto schedule = schedule_from(row.at("scheduler"), row.at("lr"), row.at("steps"));
    const bool observes = row.contains("metrics");
    for (Index step = 1; step <= row.at("steps").get<Index>(); ++step) {
      CAPTURE(step);
      check_rate(schedule->learning_rate(step), row.at("rates").at(static_cast<std::size_t>(step - 1)));
      if (observes && step % row.at("every").get<Index>() == 0) {
        schedule->observe(row.at("metrics").at(static_cast<std::size_t>(step / row.at("every").get<Index>() - 1)));
      }
    }
    names.insert(optim::schedulers().find(row.at("scheduler").at("name").get<std::string>())->name);
  }
  CHECK(names.size() == optim::schedulers().entries.size());
}

TEST_CASE("what has no source is what it says") {
  struct Row {
    const char* scheduler;
    Index steps;
    std::vector<double> rates;
  };
  const double half = (1 + std::sqrt(0.5)) / 2;
  const Row rows[] = {
      {R"({"name": "constant"})", 3, {1, 1, 1}},
      {R"({"name": "constant", "warmup_steps": 2, "warmup_start_factor": 0.5})", 4, {0.5, 0.75, 1, 1}},
      {R"({"name": "constant", "warmup_steps": 2, "warmup_type": "cosine"})", 3, {0, 0.5, 1}},
      {R"({"name": "cosine_with_restarts", "T_0": 2, "peak_decay": 0.5})", 6, {1, 0.5, 0.5, 0.25, 0.25, 0.125}},
      {R"({"name": "cosine_with_restarts", "T_0": 1, "T_mult": 2, "peak_decay": 0.5})", 4, {1, 0.5, 0.25, 0.25}},
      {R"({"name": "cosine_with_restarts", "T_0": 2, "peak_decay": 0.5, "eta_min": 0.4})", 6, {1, 0.7, 0.5, 0.45, 0.4, 0.4}},
      {R"({"name": "cosine_with_restarts"})", 4, {1, half, 0.5, 1 - half}},
      {R"({"name": "cosine_with_restarts", "T_0": 2, "warmup_steps": 2})", 6, {0, 0.5, 1, 0.5, 1, 0.5}},
      {R"({"name": "one_cycle", "warmup_steps": 2, "div_factor": 4, "pct_start": 0.5, "anneal_strategy": "linear"})",
       6,
       {0, 0.125, 0.25, 1, 0.5 + 0.5 * 0.25e-4, 0.25e-4}},
      {R"({"name": "warmup_stable_decay", "num_stable_steps": 2, "decay_type": "linear"})", 6, {1, 1, 1, 0.75, 0.5, 0.25}},
      {R"({"name": "warmup_stable_decay", "num_decay_steps": 2, "min_lr_ratio": 0.2, "warmup_steps": 2, "warmup_start_factor": 0})",
       4,
       {0, 0.5, 1, 0.6}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.scheduler);
    const std::vector<double> rates = rates_of(*schedule_from(json::parse(row.scheduler), 1, row.steps), row.steps);
    REQUIRE(rates.size() == row.rates.size());
    for (std::size_t i = 0; i < rates.size(); ++i) CHECK(rates[i] == doctest::Approx(row.rates[i]).epsilon(1e-14));
  }
}

TEST_CASE("a schedule is a function of the step, and goes on beyond the run") {
  for (const OptionsEntry& entry : optim::schedulers().entries) {
    const std::string name = entry.name;
    CAPTURE(name);
    json object{{"name", name}, {"warmup_steps", 3}};
    if (name == "step") object["step_size"] = 4;
    if (name == "multistep") object["milestones"] = {4, 7};
    if (name == "exponential") object["gamma"] = 0.9;
    if (name == "warmup_stable_decay") object["num_decay_steps"] = 4;
    const auto schedule = schedule_from(object, 0.1, 20);
    const std::vector<double> rates = rates_of(*schedule, 20);
    for (Index step = 20; step >= 1; --step) CHECK(schedule->learning_rate(step) == rates[static_cast<std::size_t>(step - 1)]);
    for (const Index step : {Index{21}, Index{1000}, Index{1'000'000'000}}) {
      CHECK(schedule->learning_rate(step) >= 0);
      CHECK(schedule->learning_rate(step) <= 0.1);
    }
    CHECK(rates[0] == 0);
    CHECK(rates[1] < rates[2]);
  }
}

TEST_CASE("a plateau's state goes from one schedule to another, through a warm-up") {
  const json object = {{"name", "reduce_on_plateau"}, {"patience", 1}, {"cooldown", 1}, {"factor", 0.5}, {"warmup_steps", 2}};
  const auto whole = schedule_from(object, 0.1, 20);
  const auto first = schedule_from(object, 0.1, 20);
  const auto second = schedule_from(object, 0.1, 20);
  const double metrics[] = {1, 2, 2, 2, 2, 0.5, 3, 3, 3, 3};
  for (std::size_t i = 0; i < std::size(metrics); ++i) {
    whole->observe(metrics[i]);
    if (i == 4) second->restore(first->state());
    (i < 4 ? first : second)->observe(metrics[i]);
    CHECK((i < 4 ? first : second)->learning_rate(9) == whole->learning_rate(9));
  }
  CHECK(whole->learning_rate(9) == 0.1 * 0.5 * 0.5);
  CHECK(whole->learning_rate(2) == whole->learning_rate(9) / 2);
  CHECK(second->state().best == 0.5);
}

TEST_CASE("PyTorch's names stand for rows, with PyTorch's defaults") {
  struct Row {
    const char* alias;
    const char* name;
  };
  const Row rows[] = {{"ConstantLR", "constant"},      {"LinearLR", "linear"},
                      {"CosineAnnealingLR", "cosine"}, {"CosineAnnealingWarmRestarts", "cosine_with_restarts"},
                      {"PolynomialLR", "polynomial"},  {"StepLR", "step"},
                      {"MultiStepLR", "multistep"},    {"ExponentialLR", "exponential"},
                      {"OneCycleLR", "one_cycle"},     {"ReduceLROnPlateau", "reduce_on_plateau"}};
  for (const auto& [alias, name] : rows) {
    const Choice choice = optim::schedulers().choose(alias);
    REQUIRE(choice.options != nullptr);
    CHECK(choice.name == name);
    CHECK(optim::schedulers().find(alias) == optim::schedulers().find(name));
  }
  CHECK(rates_of(*schedule_from({{"name", "LinearLR"}}, 3, 10), 7).back() == 3);
  CHECK(rates_of(*schedule_from({{"name", "linear"}}, 3, 10), 6).back() == 1.5);
  CHECK(optim::schedulers().choose("LambdaLR").options == nullptr);
  CHECK(optim::schedulers().find("Linear") == nullptr);
}

TEST_CASE("what does not fit is told by the key") {
  struct Row {
    const char* scheduler;
    const char* start;
  };
  const Row rows[] = {
      {R"({"name": "cosine", "warmup_steps": 11})", "warmup_steps: 11 steps of warm-up, but the run has 10: "},
      {R"({"name": "cosine", "warmup_steps": 10})", "accepted"},
      {R"({"name": "constant_with_warmup"})", "warmup_steps: is missing; "},
      {R"({"name": "step"})", "step_size: is missing; "},
      {R"({"name": "multistep"})", "milestones: is missing; "},
      {R"({"name": "multistep", "milestones": [3, 2]})", "milestones: do not ascend; "},
      {R"({"name": "exponential"})", "gamma: is missing; "},
      {R"({"name": "polynomial", "lr_end": 0.1})", "lr_end: 0.1 is not below optimizer.lr, 0.1: "},
      {R"({"name": "one_cycle", "total_steps": 9})", "total_steps: the cycle ends after 9 steps, but the run has 10 after 0 of warm-up: "},
      {R"({"name": "one_cycle", "total_steps": 9, "warmup_steps": 1})", "accepted"},
      {R"({"name": "warmup_stable_decay"})", "num_decay_steps: is missing; "},
      {R"({"name": "warmup_stable_decay", "num_decay_steps": 8, "warmup_steps": 3})",
       "num_decay_steps: 8 steps, but the run has 7 after 3 of warm-up: "},
      {R"({"name": "warmup_stable_decay", "num_stable_steps": 11})", "num_stable_steps: 11 steps, but the run has 10 after 0 of warm-up: "},
      {R"({"name": "warmup_stable_decay", "num_decay_steps": 8, "num_stable_steps": 11})", "accepted"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.scheduler);
    const std::string text = error_of(json::parse(row.scheduler), 0.1, 10);
    CHECK_MESSAGE(text.starts_with(row.start), text);
  }
}
