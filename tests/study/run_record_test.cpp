#include "emotrain/study/run_record.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "emotrain/core/error.hpp"

using namespace emotrain;
using study::Key;
using study::read_steps;
using study::StepSeries;

namespace {

/// A step's line with some keys as given.
std::string step(int number, const std::string& more = R"("grad_norm":1,"rule":"navi","should_stop":false)") {
  return R"({"step":)" + std::to_string(number) + R"(,"epoch":0.5,"loss":2.5,"learning_rate":0.001,)" + more + "}\n";
}

}  // namespace

TEST_CASE("a record of steps becomes arrays") {
  const std::string text =
      step(7, R"("scalar":-0.25,"rule":"navi","should_stop":false,"shadow_distance":null,"point":[1,-2])") +
      step(8, R"("events":["label_noise","lr_factor"],"rule":"fact","should_stop":true,"shadow_distance":3e-05)") +
      R"({"step": 8, "epoch": 1, "eval_loss": 0.5, "eval_accuracy": null})" + "\n" +
      R"({"step":8,"epoch":1,"eval_loss":0.5,"test_loss":0.75})" + "\n" +
      step(9,
           R"("rule":null,"should_stop":null,"moved":0.5,"layers":{"b.\"":{"norm":1,"moved":2,"shadow_distance":null},"a":{"norm":3}})") +
      step(
          10,
          R"("rule":"navi","should_stop":true,"layers":{"a":{"norm":4,"moved":5,"shadow_distance":6},"c":{"norm":7}},"new":{"x":[1,"}"]})") +
      R"({"step":11,"loss":)";
  const StepSeries record = read_steps(text, "m");
  CHECK(record.first_step == 7);
  CHECK(record.last_step() == 10);
  CHECK(record.of(Key::loss) == std::vector<double>(4, 2.5));
  CHECK(record.of(Key::scalar)[0] == -0.25);
  CHECK(std::isnan(record.of(Key::scalar)[1]));
  CHECK(std::isnan(record.of(Key::shadow_distance)[0]));
  CHECK(record.of(Key::shadow_distance)[1] == 3e-05);
  CHECK(record.rules == std::vector<std::string>{"navi", "fact"});
  CHECK(record.rule == std::vector<std::uint8_t>{0, 1, StepSeries::no_rule, 0});
  CHECK(record.should_stop == std::vector<std::uint8_t>{0, 1, 0, 1});
  CHECK(record.events.size() == 1);
  CHECK(record.events.at(8) == std::vector<std::string>{"label_noise", "lr_factor"});
  CHECK(record.point.size() == 8);
  CHECK(record.point[1] == -2);
  CHECK(std::isnan(record.point[7]));
  CHECK(record.shadow_point.empty());
  CHECK(record.evaluations.steps == std::vector<Index>{8});
  CHECK(record.evaluations.metrics.size() == 3);
  CHECK(std::isnan(record.evaluations.metrics[1].second[0]));
  CHECK(record.evaluations.metrics[2] == std::pair<std::string, std::vector<double>>("test_loss", {0.75}));
  CHECK(record.details.steps == std::vector<Index>{9, 10});
  CHECK(record.details.layers.size() == 3);
  CHECK(record.details.layers[0].name == "b.\"");
  CHECK(record.details.layers[1].norm == std::vector<double>{3, 4});
  CHECK(std::isnan(record.details.layers[2].norm[0]));
  CHECK(record.of(Key::moved)[2] == 0.5);
  CHECK(read_steps("", "m").steps() == 0);
}

TEST_CASE("what is wrong with a record is told with its line") {
  const struct {
    std::string text;
    const char* message;
  } rows[] = {
      {step(1) + step(3), "m:2: step 3 follows step 1"},
      {step(1) + step(1), "m:2: step 1 follows step 1"},
      {step(0), "m:1: step is 0, steps count from 1"},
      {"\n", "m:1: the line is empty"},
      {step(1) + "{}\n", "m:2: not a record"},
      {step(1) + "[1]\n", "m:2: not a record"},
      {step(1) + R"({"step":2,"loss":1)" + "\n", "m:2: not a record"},
      {R"({"step":1,"loss":1} x)"
       "\n",
       "m:1: not a record"},
      {R"({"step":1 "loss":1})"
       "\n",
       "m:1: not a record"},
      {R"({"step":1,"loss":1e999})"
       "\n",
       "m:1: loss is 1e999, not a number"},
      {R"({"step":1,"loss":"1"})"
       "\n",
       "m:1: loss is \"1\", not a number"},
      {R"({"step":1,"loss":1x})"
       "\n",
       "m:1: loss is 1x, not a number"},
      {R"({"step":1,"loss":nan})"
       "\n",
       "m:1: loss is nan, not a number"},
      {R"({"step":1.5,"loss":1})"
       "\n",
       "m:1: step is 1.5"},
      {R"({"step":-1,"loss":1})"
       "\n",
       "m:1: step is -1"},
      {step(1, R"("rule":7)"), "m:1: rule is 7, not a name"},
      {step(1, R"("should_stop":1)"), "m:1: should_stop is 1"},
      {step(1, R"("events":[1])"), "m:1: events names something that is no text"},
      {step(1, R"("events":["x)"), "m:1: not a record"},
      {step(1, R"("events":["x{y}"])"), "m:1: events names x{y}; names are of letters, digits, _, . and -"},
      {step(1, R"("events":[""])"), "m:1: events names "},
      {step(1, R"("rule":"a b")"), "m:1: rule is a b; names are of letters, digits, _, . and -"},
      {step(1) + step(2, R"("rule":"{loss}")"), "m:2: rule is {loss}; names are"},
      {step(1, R"("rule":"\u0061")"), "m:1: rule is \\u0061; names are"},
      {step(1, R"("layers":[1])"), "m:1: layers is no object"},
      {step(1, R"("layers":{"a":])"), "m:1: layers is no JSON"},
      {step(1, R"("layers":{"a":1}})"), "m:1: not a record"},
      {step(1, R"("point":[1,)"), "m:1: not a record"},
      {step(1, R"("point":[1,x])"), "m:1: point is no JSON"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    try {
      read_steps(row.text, "m");
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::data);
      CHECK(std::string(error.what()).starts_with(row.message));
    }
  }
}
