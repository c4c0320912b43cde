#include "emotrain/config/recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "config/recording_value.hpp"
#include "emotrain/config/options_reader.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::config {
namespace {

constexpr std::string_view scenario_format = "emotrain-scenario/1";
constexpr std::string_view trace_format = "emotrain-trace/1";

Shape read_shape(const RecordingValue& value) {
  const auto& extents = value.array();
  if (extents.size() > Shape::max_rank) value.refuse(fmt::format("{} axes; at most {} are allowed", extents.size(), Shape::max_rank));
  Shape shape;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const RecordingValue extent = value.element(i);
    const Index number = extent.whole_number();
    if (number < 1) extent.refuse(fmt::format("must be at least 1, got {}", number));
    // Beyond what a document can hold; keeps the product from overflowing.
    if (static_cast<std::size_t>(number) > recording_document.max_bytes) extent.refuse(fmt::format("must be smaller, got {}", number));
    shape.push_back(number);
    if (static_cast<std::size_t>(shape.size()) > recording_document.max_bytes) value.refuse("more values than a recording can hold");
  }
  return shape;
}

std::vector<Real> read_tensor(const RecordingValue& value, const Shape& shape) {
  const auto& array = value.array();
  if (std::cmp_not_equal(array.size(), shape.size())) {
    value.refuse(fmt::format("{} values; a tensor of shape {} has {}", array.size(), shape, shape.size()));
  }
  std::vector<Real> out(array.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    const auto* number = std::get_if<Number>(&array[i].data);
    constexpr double largest = std::numeric_limits<Real>::max();
    // Read as float32, which is what was recorded.
    if (number == nullptr) value.element(i).expect("a number");
    if (std::abs(number->value) > largest) value.element(i).refuse(fmt::format("{} is beyond the range of float32", number->value));
    out[i] = static_cast<Real>(number->value);
  }
  return out;
}

/// One tensor for each parameter.
void require_one_each(const RecordingValue& value, const train::Scenario& scenario) {
  if (value.array().size() == scenario.parameters.size()) return;
  value.refuse(fmt::format("{} tensors; the scenario has {}", value.array().size(), scenario.parameters.size()));
}

train::TensorValues read_tensors(const RecordingValue& value, const train::Scenario& scenario) {
  require_one_each(value, scenario);
  train::TensorValues out;
  for (std::size_t i = 0; i < scenario.parameters.size(); ++i) out.push_back(read_tensor(value.element(i), scenario.parameters[i].shape));
  return out;
}

train::Scenario::Step read_step(const RecordingValue& value, const train::Scenario& scenario) {
  train::Scenario::Step step{.loss = value.member("loss").number(), .gradients = {}};
  const RecordingValue gradients = value.member("grads");
  require_one_each(gradients, scenario);
  for (std::size_t i = 0; i < scenario.parameters.size(); ++i) {
    const RecordingValue gradient = gradients.element(i);
    step.gradients.emplace_back();
    if (!gradient.is_null()) step.gradients.back() = read_tensor(gradient, scenario.parameters[i].shape);
  }
  return step;
}

train::Scenario read_scenario(const RecordingValue& root) {
  train::Scenario scenario;
  scenario.name = root.member("name").text();
  const RecordingValue parameters = root.member("params");
  if (parameters.array().empty()) parameters.refuse("is empty; there must be at least one tensor");
  for (std::size_t i = 0; i < parameters.array().size(); ++i) {
    const RecordingValue parameter = parameters.element(i);
    const auto name = parameter.find("name");
    const Shape shape = read_shape(parameter.member("shape"));
    scenario.parameters.push_back({name ? name->text() : fmt::to_string(i), shape, read_tensor(parameter.member("init"), shape)});
  }
  const RecordingValue steps = root.member("steps");
  if (steps.array().empty()) steps.refuse("is empty; there must be at least one step");
  for (std::size_t i = 0; i < steps.array().size(); ++i) scenario.steps.push_back(read_step(steps.element(i), scenario));
  return scenario;
}

train::Expectation read_expectation(const RecordingValue& value, std::size_t step, const train::Scenario& scenario) {
  // What is misspelt would not be compared, and pass.
  value.know({"step", "ema", "scalar", "ratio", "should_stop", "has_shadow", "params", "shadow", "eval_params"});
  const RecordingValue number = value.member("step");
  if (std::cmp_not_equal(number.whole_number(), step)) number.refuse(fmt::format("must be {}, got {}", step, number.whole_number()));
  train::Expectation out;
  if (const auto ema = value.find("ema")) {
    ema->know({"short", "medium", "long"});
    if (const auto average = ema->find("short")) out.ema_short = average->number();
    if (const auto average = ema->find("medium")) out.ema_medium = average->number();
    if (const auto average = ema->find("long")) out.ema_long = average->number();
  }
  if (const auto scalar = value.find("scalar")) out.scalar = scalar->number();
  if (const auto ratio = value.find("ratio")) out.ratio = ratio->number();
  if (const auto flag = value.find("should_stop")) out.should_stop = flag->flag();
  if (const auto flag = value.find("has_shadow")) out.has_shadow = flag->flag();
  if (const auto tensors = value.find("params")) out.params = read_tensors(*tensors, scenario);
  if (const auto tensors = value.find("shadow")) out.shadow = read_tensors(*tensors, scenario);
  if (const auto tensors = value.find("eval_params")) out.eval_params = read_tensors(*tensors, scenario);
  return out;
}

std::vector<train::Expectation> read_expectations(const RecordingValue& value, const train::Scenario& scenario) {
  const auto& array = value.array();
  if (array.size() != scenario.steps.size()) {
    value.refuse(fmt::format("{} steps; the scenario \"{}\" has {}", array.size(), scenario.name, scenario.steps.size()));
  }
  std::vector<train::Expectation> out;
  bool has_any = false;
  for (std::size_t i = 0; i < array.size(); ++i) {
    out.push_back(read_expectation(value.element(i), i + 1, scenario));
    // The key "step" alone says nothing.
    has_any = has_any || std::get<Value::Object>(array[i].data).size() > 1;
  }
  if (!has_any) value.refuse("there is nothing to compare; give params, say, in at least one step");
  return out;
}

/// Whether the document is a trace; else it is a scenario.
bool is_trace(const RecordingValue& root) {
  const RecordingValue format = root.member("format");
  const std::string text = format.text();
  if (text == trace_format) return true;
  if (text != scenario_format) {
    format.refuse(fmt::format("must be \"{}\" or \"{}\", got {}", trace_format, scenario_format, config::quoted(text)));
  }
  return false;
}

}  // namespace

std::shared_ptr<const train::Scenario> RecordingReader::scenario(const std::filesystem::path& file) {
  std::shared_ptr<const train::Scenario>& known = scenarios_[file.string()];
  if (known == nullptr) {
    const Value document = read_document(file.string(), recording_document);
    const RecordingValue root(document);
    if (is_trace(root)) root.member("format").refuse("this is a trace; a scenario is due");
    known = std::make_shared<const train::Scenario>(read_scenario(root));
  }
  return known;
}

Recording RecordingReader::read(const std::string& file, bool input_alone) {
  const Value document = read_document(file, recording_document);
  const RecordingValue root(document);
  Recording out;
  if (!is_trace(root)) {
    std::shared_ptr<const train::Scenario>& known = scenarios_[file];
    if (known == nullptr) known = std::make_shared<const train::Scenario>(read_scenario(root));
    out.scenario = known;
    return out;
  }
  const RecordingValue name = root.member("scenario");
  const std::string kind = name.text();
  if (kind.empty() || kind.find('/') != std::string::npos) name.refuse(fmt::format("{} names no scenario", config::quoted(kind)));
  const std::filesystem::path folder = folder_.value_or(std::filesystem::path(file).parent_path());
  const std::filesystem::path path = folder / ("scenario-" + kind + ".json");
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    fail(ErrorKind::missing, "{}: there is no {}; put the trace's scenario there, or say where it is with --scenarios DIR", file,
         path.string());
  }
  out.scenario = scenario(path);
  if (input_alone) return out;
  std::vector<Problem> problems;
  const RecordingValue optimizer = root.member("optimizer");
  out.optimizer = read_choice(optimizer.value(), optimizer.pointer(), optim::optimizers(), problems);
  if (!problems.empty()) throw ConfigError(ErrorKind::data, std::move(problems));
  out.expected = read_expectations(root.member("expected"), *out.scenario);
  return out;
}

Choice parse_optimizer(const std::string& text, const std::string& source) {
  std::vector<Problem> problems;
  Choice choice = read_choice(parse_argument(text, source), {}, optim::optimizers(), problems);
  if (!problems.empty()) throw ConfigError(ErrorKind::usage, std::move(problems));
  return choice;
}

}  // namespace emotrain::config
