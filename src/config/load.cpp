#include "emotrain/config/load.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/environment.hpp"
#include "config/field_keys.hpp"
#include "emotrain/config/options_reader.hpp"
#include "emotrain/config/overrides.hpp"
#include "emotrain/config/suggestion.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/nn/models.hpp"

namespace emotrain::config {
namespace {

void require_sections(const Value& document, const std::vector<std::string>& known, std::vector<Problem>& problems) {
  std::vector<std::string> slips;
  for (const Member& member : std::get<Value::Object>(document.data)) {
    if (const auto near = nearest(member.key, known)) slips.push_back(*near);
  }
  for (const char* key : required_sections) {
    if (document.find(key) != nullptr || std::ranges::find(slips, key) != slips.end()) continue;
    problems.push_back({document.place, member_pointer({}, key), fmt::format("is missing; add {}: {{\"name\": ...}}", quoted(key))});
  }
}

/// Another kind of file is told in one line.
void require_run(const Value& document, const std::string& file) {
  if (!std::holds_alternative<Value::Object>(document.data)) return;
  const auto has = [&](const char* key) { return document.find(key) != nullptr; };
  if (has("model") || has("optimizer")) return;
  if (has("optimizers") && has("problems"))
    fail(ErrorKind::usage, "{}: is a study, not the configuration of a run: emotrain compare --config {}", file, file);
  if (has("metric") && (has("run") || has("function"))) fail(ErrorKind::usage, "{}: is a problem: name it in a study's \"problems\"", file);
}

/// What another version means by its keys is not known, so nothing else is said of it.
void require_version(const Value& document) {
  const Member* version = document.find("schema_version");
  const auto* number = version == nullptr ? nullptr : std::get_if<Number>(&version->value.data);
  if (number == nullptr || !number->integer || *number->integer == 1) return;
  std::string text = fmt::format("is {}, and this program knows version 1 alone; ", *number->integer);
  text += *number->integer > 1 ? "use a newer emotrain" : "write 1, or remove the key";
  throw ConfigError(ErrorKind::usage, {{version->value.place, "/schema_version", std::move(text)}});
}

}  // namespace

const char* usual_loss(const Options& model) {
  if (dynamic_cast<const nn::ConvVaeOptions*>(&model) != nullptr) return "elbo";
  if (dynamic_cast<const nn::ConvAutoencoderOptions*>(&model) != nullptr) return "mse";
  if (dynamic_cast<const nn::MlpAutoencoderOptions*>(&model) != nullptr) return "mse";
  if (dynamic_cast<const nn::FunctionOptions*>(&model) != nullptr) return "value";
  const auto* sequential = dynamic_cast<const nn::SequentialOptions*>(&model);
  return sequential != nullptr && sequential->task == "reconstruction" ? "mse" : "cross_entropy";
}

LoadedConfig load_run_config(const std::string& file, std::span<const std::string> overrides, std::span<const std::string> environment) {
  std::vector<Problem> problems;
  std::string text = read_text(file);
  Value document = parse_document(text, file, problems);
  train::RunConfig config;
  auto applied = apply_environment(document, environment, config, problems);
  int number = 0;
  for (const std::string& argument : overrides) apply_override(document, argument, ++number, problems);

  require_run(document, file);
  require_version(document);
  const std::vector<std::string> sections = field_keys(config);
  for (Problem& problem : read_options(document, config)) problems.push_back(std::move(problem));
  if (std::holds_alternative<Value::Object>(document.data)) require_sections(document, sections, problems);
  require_none(std::move(problems));

  if (document.find("loss") == nullptr) {
    const char* name = usual_loss(*config.model.options);
    config.loss = {name, nn::losses().find(name)->make()};
  }
  return {std::move(config), std::move(document), std::move(applied), std::move(text)};
}

std::string with_place(LoadedConfig& loaded, const std::string& text) {
  std::string path = text.substr(0, text.find(": "));
  std::ranges::replace(path, '/', '.');
  // What a group's keys are is known; below other keys there may be elements.
  const std::vector<std::string> keys = field_paths(loaded.config);
  const bool is_option = std::ranges::any_of(keys, [&](const std::string& key) {
    const bool is_group = std::ranges::any_of(keys, [&](const std::string& other) { return other.starts_with(key + "."); });
    return path == "." + key || (!is_group && path.starts_with("." + key + "."));
  });
  if (!is_option) return text;
  const Value* value = &loaded.document;
  for (std::size_t begin = 1; begin < path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const Value* child = value->step(path.substr(begin, end - begin));
    if (child == nullptr) break;
    value = child;
    begin = end + 1;
  }
  return fmt::format("{}: {}", value->place.str(), text);
}

}  // namespace emotrain::config
