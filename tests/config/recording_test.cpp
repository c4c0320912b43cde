#include "emotrain/config/recording.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "emotrain/core/error.hpp"
#include "support/temporary_directory.hpp"

using namespace emotrain;
using namespace emotrain::config;

namespace {

const std::string scenario_text = R"({"format": "emotrain-scenario/1", "name": "k", "seed": 7,
 "params": [{"shape": [1, 2], "init": [1, 2]}, {"shape": [], "init": [0.1], "name": "scale"}],
 "steps": [{"loss": 0.5, "grads": [[1, 2], [4]]}, {"loss": 0.7, "grads": [[1e-3, 0], null]}]})";
const std::string trace_text = R"({"format": "emotrain-trace/1", "scenario": "k", "optimizer": {"name": "sgd", "lr": 0.5},
 "expected": [{"step": 1, "ema": {"short": 1, "medium": 2, "long": 3}, "scalar": 0.5, "ratio": 0.25, "should_stop": true,
 "has_shadow": false}, {"step": 2, "params": [[0, 1], [1]], "shadow": [[1, 2], [3]], "eval_params": [[4, 5], [6]]}]})";

struct Folder {
  TemporaryDirectory directory;

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(directory / name) << text;
    return (directory / name).string();
  }
};

/// The text with its first `from` replaced.
std::string changed(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

/// The kind and text of an error, the folder left out.
std::pair<std::optional<ErrorKind>, std::string> refusal(const Folder& folder, const std::string& file) {
  try {
    RecordingReader().read(file);
  } catch (const Error& error) {
    std::string text = error.what();
    const std::string prefix = folder.directory.path().string() + "/";
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) text.erase(at, prefix.size());
    return {error.kind(), text};
  }
  return {};
}

}  // namespace

TEST_CASE("a trace is read with its scenario") {
  const Folder folder;
  folder.write("scenario-k.json", scenario_text);
  const Recording read = RecordingReader().read(folder.write("a.k.json", trace_text));
  const train::Scenario& scenario = *read.scenario;
  CHECK(scenario.name == "k");
  REQUIRE(scenario.parameters.size() == 2);
  CHECK(scenario.parameters[0].name == "0");
  CHECK(scenario.parameters[1].name == "scale");
  CHECK(scenario.parameters[1].shape == Shape{});
  CHECK(scenario.parameters[1].initial == std::vector<Real>{0.1F});
  REQUIRE(scenario.steps.size() == 2);
  CHECK(scenario.steps[1].loss == 0.7);
  CHECK(scenario.steps[1].gradients[0] == std::vector<Real>{1e-3F, 0});
  CHECK_FALSE(scenario.steps[1].gradients[1].has_value());
  CHECK(read.optimizer.name == "sgd");
  REQUIRE(read.expected.size() == 2);
  CHECK(read.expected[0].ema_medium == 2);
  CHECK(read.expected[0].ratio == 0.25);
  CHECK(read.expected[0].should_stop == true);
  CHECK(read.expected[0].has_shadow == false);
  CHECK_FALSE(read.expected[0].params.has_value());
  CHECK(read.expected[1].params == train::TensorValues{{0, 1}, {1}});
  CHECK(read.expected[1].eval_params == train::TensorValues{{4, 5}, {6}});
}

TEST_CASE("traces share a scenario, which may be elsewhere, or stand for itself") {
  const Folder folder;
  const Folder elsewhere;
  const std::string scenario = elsewhere.write("scenario-k.json", scenario_text);
  const std::string trace = folder.write("a.k.json", changed(trace_text, "sgd", "unknown"));
  CHECK(refusal(folder, trace).first == ErrorKind::missing);
  RecordingReader reader(elsewhere.directory.path());
  const Recording first = reader.read(trace, true);
  CHECK(first.optimizer.options == nullptr);
  CHECK(first.expected.empty());
  CHECK(reader.read(scenario).scenario == first.scenario);
}

TEST_CASE("what is malformed is refused with its place") {
  struct Row {
    const char* from;
    const char* to;
    const char* text;
  };
  const Row rows[] = {
      {R"("format": "emotrain-trace/1", )", "", R"(t.json:1:1: the key "format" is missing)"},
      {"trace/1", "trace/2", R"(t.json:1:12: /format: must be "emotrain-trace/1" or "emotrain-scenario/1", got "emotrain-trace/2")"},
      {R"("k")", "7", "t.json:1:44: /scenario: expected a string, got 7"},
      {R"("k")", R"("../k")", R"(t.json:1:44: /scenario: "../k" names no scenario)"},
      {"sgd", "sdg", "t.json:1:71: /optimizer/name: there is no optimizer \"sdg\"; did you mean \"sgd\"?"},
      {"\"lr\"", "\"lrr\"", R"(t.json:1:78: /optimizer/lrr: unknown key; did you mean "lr"?)"},
      {"\"optimizer\"", "\"optimiser\"", R"(t.json:1:1: the key "optimizer" is missing)"},
      {"\"expected\"", "\"expects\"", R"(t.json:1:1: the key "expected" is missing)"},
      {R"("step": 1)", R"("step": 2)", "t.json:2:24: /expected/0/step: must be 1, got 2"},
      {R"("step": 1)", R"("step": 1.5)", "t.json:2:24: /expected/0/step: expected a whole number, got 1.5"},
      {"\"params\"", "\"parms\"", R"(t.json:3:36: /expected/1/parms: unknown key; did you mean "params"?)"},
      {"\"short\"", "\"short_\"", R"(t.json:2:35: /expected/0/ema/short_: unknown key; did you mean "short"?)"},
      {"[[0, 1], [1]]", "[[0, 1]]", "t.json:3:46: /expected/1/params: 1 tensors; the scenario has 2"},
      {"[[0, 1], [1]]", "[[0], [1]]", "t.json:3:47: /expected/1/params/0: 1 values; a tensor of shape (1,2) has 2"},
      {"[[0, 1], [1]]", "[[0, \"1\"], [1]]", "t.json:3:51: /expected/1/params/0/1: expected a number, got the string \"1\""},
      {"[[0, 1], [1]]", "[[0, 1e39], [1]]", "t.json:3:51: /expected/1/params/0/1: 1e+39 is beyond the range of float32"},
      {"true", "1", "/expected/0/should_stop: expected true or false, got 1"},
      {R"("scalar": 0.5)", R"("scalar": null)", "/expected/0/scalar: expected a number, got null"},
      {R"({"step": 1,)", R"({"step": 1}, {"step": 1,)", "t.json:2:14: /expected: 3 steps; the scenario \"k\" has 2"},
      {"[6]]}]}", "[6]]}]", "not valid JSON: unexpected end of input"},
  };
  const Folder folder;
  folder.write("scenario-k.json", scenario_text);
  for (const Row& row : rows) {
    CAPTURE(std::string(row.from));
    const auto [kind, text] = refusal(folder, folder.write("t.json", changed(trace_text, row.from, row.to)));
    CHECK(kind == ErrorKind::data);
    CHECK_MESSAGE(text.find(row.text) != std::string::npos, text);
  }
  const std::string nothing = R"({"format": "emotrain-trace/1", "scenario": "k", "optimizer": {"name": "sgd"},
    "expected": [{"step": 1}, {"step": 2}]})";
  CHECK(refusal(folder, folder.write("t.json", nothing)).second.find("there is nothing to compare") != std::string::npos);
  CHECK(refusal(folder, (folder.directory / "absent.json").string()).first == ErrorKind::missing);
}

TEST_CASE("a malformed scenario is refused with its place") {
  struct Row {
    const char* from;
    const char* to;
    const char* text;
  };
  const Row rows[] = {
      {"[1, 2], \"init\"", "[1, 0], \"init\"", "/params/0/shape/1: must be at least 1, got 0"},
      {"[1, 2], \"init\"", "[1, 3], \"init\"", "/params/0/init: 2 values; a tensor of shape (1,3) has 3"},
      {"[1, 2], \"init\"", "[1, 1, 1, 1, 1, 1, 1, 1, 2], \"init\"", "/params/0/shape: 9 axes; at most 8 are allowed"},
      {"[1, 2], \"init\"", "[1e15, 2], \"init\"", "/params/0/shape/0: must be smaller, got 1000000000000000"},
      {"[1, 2], \"init\"", "[67108864, 67108864, 67108864], \"init\"", "/params/0/shape: more values than a recording can hold"},
      {"\"loss\": 0.5", "\"los\": 0.5", "/steps/0: the key \"loss\" is missing"},
      {"[[1, 2], [4]]", "[[1, 2], [4], [5]]", "/steps/0/grads: 3 tensors; the scenario has 2"},
      {"scenario/1", "trace/1", R"(the key "scenario" is missing)"},
  };
  const Folder folder;
  for (const Row& row : rows) {
    CAPTURE(std::string(row.text));
    const auto [kind, text] = refusal(folder, folder.write("s.json", changed(scenario_text, row.from, row.to)));
    CHECK(kind == ErrorKind::data);
    CHECK_MESSAGE(text.find(row.text) != std::string::npos, text);
  }
  const std::string trace = folder.write("t.json", trace_text);
  folder.write("scenario-k.json", trace_text);
  CHECK(refusal(folder, trace).second == "scenario-k.json:1:12: /format: this is a trace; a scenario is due");
}

TEST_CASE("an optimizer that is given as an argument") {
  const Choice choice = parse_optimizer(R"({"name": "adamw", "lr": 0.5})", "--optimizer");
  CHECK(choice.name == "adamw");
  CHECK(dynamic_cast<const optim::OptimizerOptions&>(*choice.options).lr == 0.5);
  const std::pair<const char*, const char*> refused[] = {
      {R"({"name": "adamw", "lrr": 1})", R"(--optimizer: /lrr: unknown key; did you mean "lr"?)"},
      {R"({"name": "adamw", "lr": "x"})", R"(--optimizer: /lr: expected a number, got the string "x")"},
      {R"({"lr": 1})", R"(--optimizer: the key "name" is missing; give one of )"},
      {"adamw", "--optimizer: not valid JSON"},
  };
  for (const auto& [text, problem] : refused) {
    CAPTURE(text);
    CHECK(kind_of([&] { parse_optimizer(text, "--optimizer"); }) == ErrorKind::usage);
    CHECK_THROWS_WITH(parse_optimizer(text, "--optimizer"), doctest::Contains(problem));
  }
}
