#include "emotrain/config/load.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/field_keys.hpp"
#include "emotrain/config/options_reader.hpp"
#include "emotrain/config/overrides.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/nn/models.hpp"

namespace emotrain::config {
namespace {

/// A run without these would be a surprise.
void require_sections(const Value& document, std::vector<Problem>& problems) {
  for (const char* key : {"data", "model", "optimizer"}) {
    if (document.find(key) != nullptr) continue;
    problems.push_back({document.place, member_pointer({}, key), fmt::format("is missing; add {}: {{\"name\": ...}}", quoted(key))});
  }
}

const char* usual_loss(const Options& model) {
  if (dynamic_cast<const nn::ConvVaeOptions*>(&model) != nullptr) return "elbo";
  if (dynamic_cast<const nn::ConvAutoencoderOptions*>(&model) != nullptr) return "mse";
  if (dynamic_cast<const nn::MlpAutoencoderOptions*>(&model) != nullptr) return "mse";
  const auto* sequential = dynamic_cast<const nn::SequentialOptions*>(&model);
  return sequential != nullptr && sequential->task == "reconstruction" ? "mse" : "cross_entropy";
}

}  // namespace

LoadedConfig load_run_config(const std::string& file, std::span<const std::string> overrides) {
  Value document = read_document(file);
  int number = 0;
  for (const std::string& argument : overrides) apply_override(document, argument, ++number);

  train::RunConfig config;
  std::vector<Problem> problems = read_options(document, config);
  require_sections(document, problems);
  if (!problems.empty()) throw Error(ErrorKind::usage, problems.front().str());

  if (document.find("loss") == nullptr) {
    const char* name = usual_loss(*config.model.options);
    config.loss = {name, nn::losses().find(name)->make()};
  }
  return {std::move(config), std::move(document)};
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
