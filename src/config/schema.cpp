#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <algorithm>
#include <cmath>
#include <map>

#include "emotrain/config/load.hpp"
#include "emotrain/config/options_listing.hpp"
#include "emotrain/config/reference.hpp"

namespace emotrain::config {
namespace {

using Json = nlohmann::ordered_json;

/// What is said of a default that follows from another option, by the option's path in its row.
using Notes = std::map<std::string, std::string>;

Json number_json(double value) {
  constexpr double exact = 9007199254740992.0;
  if (std::trunc(value) == value && std::abs(value) <= exact) return static_cast<Index>(value);
  return value;
}

void add_range(Json& out, const Range& range) {
  const Range any;
  if (range.min != any.min) out["minimum"] = number_json(range.min);
  if (range.above != any.above) out["exclusiveMinimum"] = number_json(range.above);
  if (range.max != any.max) out["maximum"] = number_json(range.max);
  if (range.below != any.below) out["exclusiveMaximum"] = number_json(range.below);
}

Json text_json(const ListedOption& option) {
  if (!option.one_of.empty()) return {{"type", "string"}, {"enum", option.one_of}};
  return {{"type", "string"}, {"minLength", 1}, {"maxLength", 4096}, {"pattern", "^[^\\u0000]*$"}};
}

/// Null is a value too.
void allow_null(Json& out) {
  if (out.contains("$ref")) {
    Json either = Json::array({std::move(out), Json{{"type", "null"}}});
    out = Json::object();
    out["anyOf"] = std::move(either);
    return;
  }
  out["type"] = Json::array({out["type"], "null"});
  if (out.contains("enum")) out["enum"].push_back(nullptr);
}

Notes notes_of(const ListedRow& row, const std::string& tag) {
  Notes notes;
  for (const DependentDefaults& dependent : row.dependent_defaults) {
    if (dependent.key == tag) continue;
    for (const DependentDefaults::Row& each : dependent.rows) {
      std::string text;
      for (std::size_t i = 0; i < dependent.choices.size(); ++i) {
        text += fmt::format("{}{} {}", i == 0 ? "" : ", ", dependent.choices[i], each.defaults[i]);
      }
      notes[each.path] = fmt::format("by {}: {}", dependent.key, text);
    }
  }
  return notes;
}

class SchemaBuilder {
 public:
  /// Of an object with these options, `path` being the way to it within its row.
  Json object(const std::vector<ListedOption>& options, const Notes& notes, const std::string& path) {
    Json properties = Json::object();
    Json required = Json::array();
    for (const ListedOption& option : options) {
      properties[option.key] = described(option, notes, path + option.key);
      if (!option.default_value) required.push_back(option.key);
    }
    Json out{{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) out["required"] = std::move(required);
    out["additionalProperties"] = false;
    return out;
  }
  Json definitions = Json::object();

 private:
  Json described(const ListedOption& option, const Notes& notes, const std::string& path) {
    const auto note = notes.find(path);
    Json out{{"description", option.doc}};
    if (option.without_effect) out["description"] = option.doc + " (no effect)";
    if (note != notes.end()) out["description"] = fmt::format("{} (default {})", option.doc, note->second);
    out.update(value(option, notes, path));
    const bool is_object = option.kind == ValueKind::group || option.kind == ValueKind::row;
    if (option.default_value && !is_object && note == notes.end()) out["default"] = Json::parse(*option.default_value);
    return out;
  }

  Json value(const ListedOption& option, const Notes& notes, const std::string& path) {
    Json out = element(option, notes, path);
    if (option.list) {
      out = {{"type", "array"}, {"items", std::move(out)}};
      if (option.pair) out["minItems"] = out["maxItems"] = 2;
    }
    if (option.nullable) allow_null(out);
    return out;
  }

  Json element(const ListedOption& option, const Notes& notes, const std::string& path) {
    switch (option.kind) {
      case ValueKind::flag:
        return {{"type", "boolean"}};
      case ValueKind::text:
        return text_json(option);
      case ValueKind::group:
        return reference(option.key, object(option.members, notes, path + "."));
      case ValueKind::row:
        return reference(option.table->kind, rows(option));
      case ValueKind::integer:
      case ValueKind::number:
        break;
    }
    Json out{{"type", option.kind == ValueKind::integer ? "integer" : "number"}};
    add_range(out, option.range);
    return out;
  }

  /// An object whose tag says which row of the table it is.
  Json rows(const ListedOption& option) {
    const OptionsTable& table = *option.table;
    Json names = Json::array();
    Json cases = Json::array();
    const auto add_case = [&](const Json& case_names, const ListedRow& row, const std::string& name) {
      Json definition = object(row.options, notes_of(row, table.tag), {});
      Json properties;
      properties[table.tag] = true;
      properties.update(definition["properties"]);
      definition["properties"] = std::move(properties);
      Json condition;
      condition["properties"][table.tag]["enum"] = case_names;
      condition["required"] = Json::array({table.tag});
      cases.push_back({{"if", condition}, {"then", reference(fmt::format("{} {}", table.kind, name), std::move(definition))}});
    };
    for (const OptionsEntry& entry : table.entries) {
      Json case_names = Json::array({entry.name});
      names.push_back({{"const", entry.name}, {"description", entry.summary}});
      for (const OptionsAlias& alias : entry.aliases) {
        names.push_back({{"const", alias.name}, {"description", fmt::format("{}: {}", entry.name, entry.summary)}});
        if (alias.make == nullptr) case_names.push_back(alias.name);
      }
      add_case(case_names, list_row(table, entry.name), entry.name);
      for (const OptionsAlias& alias : entry.aliases) {
        if (alias.make != nullptr) add_case(Json::array({alias.name}), list_row(table, alias.name), alias.name);
      }
    }
    Json out{{"type", "object"}, {"required", Json::array({table.tag})}};
    out["properties"][table.tag] = {{"description", fmt::format("which {}", table.kind)}, {"oneOf", std::move(names)}};
    out["allOf"] = std::move(cases);
    return out;
  }

  /// To a definition of that content: the one that is there already, or a new one with the first free name.
  Json reference(std::string name, Json content) {
    std::ranges::replace(name, ' ', '_');
    std::string free = name;
    for (int number = 2; definitions.contains(free) && definitions[free] != content; ++number) free = fmt::format("{}_{}", name, number);
    definitions[free] = std::move(content);
    return {{"$ref", "#/$defs/" + free}};
  }
};

std::string one_line(const Json& json) {
  if (!json.is_structured()) return json.dump();
  std::string text;
  for (const auto& item : json.items()) {
    text += (text.empty() ? "" : ", ") + (json.is_object() ? Json(item.key()).dump() + ": " : "") + one_line(item.value());
  }
  return json.is_object() ? "{" + text + "}" : "[" + text + "]";
}

/// What is short stays on its line.
void print(const Json& json, std::size_t indent, std::size_t before, std::string& out) {
  constexpr std::size_t width = 140;
  const std::string text = one_line(json);
  const bool is_short = before + text.size() <= width;
  if (!json.is_structured() || json.empty() || is_short) {
    out += text;
    return;
  }
  const std::string pad(indent + 2, ' ');
  out += json.is_object() ? "{" : "[";
  bool first = true;
  for (const auto& item : json.items()) {
    const std::string key = json.is_object() ? Json(item.key()).dump() + ": " : "";
    out += (first ? "\n" : ",\n") + pad + key;
    print(item.value(), indent + 2, indent + 3 + key.size(), out);
    first = false;
  }
  out += "\n" + std::string(indent, ' ') + (json.is_object() ? "}" : "]");
}

}  // namespace

std::string formatted_json(const std::string& json) {
  std::string text;
  print(Json::parse(json), 0, 0, text);
  return text + "\n";
}

std::string options_schema(const Options& options, const std::string& title, std::span<const char* const> required) {
  SchemaBuilder builder;
  Json object = builder.object(list_options(options), {}, {});
  object["required"] = required;
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", title},
              {"description", "Made by `emotrain schema`. Conditions between options are checked by the program alone."}};
  schema.update(object);
  schema["$defs"] = std::move(builder.definitions);
  return formatted_json(schema.dump());
}

std::string run_config_schema() { return options_schema(train::RunConfig(), "emotrain: the configuration of a run", required_sections); }

}  // namespace emotrain::config
