#include "emotrain/config/reference.hpp"
#include "emotrain/study/study.hpp"
#include "study/json_number.hpp"

namespace emotrain::study {
namespace {

Json either(Json first, Json second) { return {{"anyOf", Json::array({std::move(first), std::move(second)})}}; }

Json space_definition() {
  const Json range = {{"type", "array"}, {"items", {{"type", "number"}}}, {"minItems", 2}, {"maxItems", 2}};
  return {{"type", "object"},
          {"description", "a search space: the optimizer is tuned"},
          {"properties", {{"log_uniform", range}, {"uniform", range}, {"choice", {{"type", "array"}, {"minItems", 1}}}}},
          {"minProperties", 1},
          {"maxProperties", 1},
          {"additionalProperties", false}};
}

/// Every value of an optimizer may be searched for.
void allow_spaces(Json& definition) {
  for (auto& [key, property] : definition["properties"].items()) {
    if (key == "name" || !property.is_object() || property.contains("$ref")) continue;
    Json plain = property;
    const Json description = plain["description"];
    plain.erase("description");
    property = either(std::move(plain), {{"$ref", "#/$defs/search_space"}});
    property["description"] = description;
  }
}

}  // namespace

std::string study_schema() {
  constexpr const char* required[] = {"problems", "optimizers", "seeds"};
  Json schema = Json::parse(config::options_schema(StudyOptions(), "emotrain: a study", required));
  Json& properties = schema["properties"];
  Json& seeds = properties["seeds"];
  seeds = {{"description", seeds["description"]},
           {"anyOf", Json::array({Json{{"type", "integer"}, {"minimum", 1}}, Json{{"type", "array"}, {"items", seeds["items"]}}})}};
  Json& problems = properties["problems"]["items"];
  Json names = Json::array();
  for (const ZooEntry& entry : zoo()) names.push_back(entry.name);
  problems = {{"anyOf", Json::array({Json{{"enum", std::move(names)}}, Json{{"type", "string"}, {"pattern", "\\.json$"}}, problems})}};
  for (auto& [name, definition] : schema["$defs"].items()) {
    if (!name.starts_with("optimizer_")) continue;
    allow_spaces(definition);
    definition["properties"]["label"] = {{"description", "what reports call it"}, {"type", "string"}, {"minLength", 1}, {"maxLength", 80}};
  }
  schema["$defs"]["search_space"] = space_definition();
  return config::formatted_json(schema.dump());
}

}  // namespace emotrain::study
