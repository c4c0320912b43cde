#include "emotrain/config/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "emotrain/config/options_listing.hpp"
#include "emotrain/config/options_writer.hpp"

namespace emotrain::config {
namespace {

const std::string* text_in(const Value* object, const char* key) {
  const Member* member = object == nullptr ? nullptr : object->find(key);
  return member == nullptr ? nullptr : std::get_if<std::string>(&member->value.data);
}

/// What defaults follow from, by the paths of the options.
using Sources = std::map<std::string, std::string>;

/// Of a section that names a row of a table: `given` as it was written, `resolved` with all values.
void add_sources(const ListedOption& section, const Value* given, const Value& resolved, Sources& sources) {
  const std::string* name = text_in(&resolved, section.tag.c_str());
  if (name == nullptr) return;
  const std::string* given_name = text_in(given, section.tag.c_str());
  for (const DependentDefaults& dependent : list_row(*section.table, *name).dependent_defaults) {
    const bool is_name = dependent.key == section.tag;
    const std::string* choice = is_name ? given_name : text_in(&resolved, dependent.key.c_str());
    if (choice == nullptr || (is_name && *choice == *name)) continue;
    for (const DependentDefaults::Row& row : dependent.rows) {
      sources[section.key + "." + row.path] = is_name ? *choice : dependent.key + " " + *choice;
    }
  }
}

class Explainer {
 public:
  explicit Explainer(Sources sources) : sources_(std::move(sources)) {}

  /// `given`: the same value as it was written; null if it was not.
  void walk(const Value& resolved, const Value* given, const std::string& path) {
    if (const auto* object = std::get_if<Value::Object>(&resolved.data)) {
      for (const Member& member : *object) {
        const std::string inner = path.empty() ? member.key : path + "." + member.key;
        const Member* written = given == nullptr ? nullptr : given->find(member.key);
        walk(member.value, written == nullptr ? nullptr : &written->value, inner);
      }
      return;
    }
    const auto* array = std::get_if<Value::Array>(&resolved.data);
    if (array == nullptr || array->empty() || !std::holds_alternative<Value::Object>(array->front().data)) {
      values.push_back({path, json_text(resolved), origin(given, path)});
      return;
    }
    for (std::size_t i = 0; i < array->size(); ++i) {
      const std::string step = fmt::to_string(i);
      walk((*array)[i], given == nullptr ? nullptr : given->step(step), path + "." + step);
    }
  }

  std::vector<ExplainedValue> values;

 private:
  std::string origin(const Value* given, const std::string& path) const {
    if (given != nullptr) return given->place.str();
    const auto source = sources_.find(path);
    return source == sources_.end() ? "default" : source->second;
  }

  Sources sources_;
};

}  // namespace

std::vector<ExplainedValue> explain(const LoadedConfig& loaded) {
  const Value resolved = parse_document(write_options(loaded.config), "resolved configuration");
  Sources sources;
  for (const ListedOption& section : list_options(loaded.config)) {
    if (section.kind != ValueKind::row) continue;
    const Member* given = loaded.document.find(section.key);
    if (const Member* member = resolved.find(section.key)) {
      add_sources(section, given == nullptr ? nullptr : &given->value, member->value, sources);
    }
  }
  // A loss that is not given is the model's usual one.
  sources["loss.name"] = "model " + loaded.config.model.name;
  Explainer explainer(std::move(sources));
  explainer.walk(resolved, &loaded.document, {});
  return std::move(explainer.values);
}

}  // namespace emotrain::config
