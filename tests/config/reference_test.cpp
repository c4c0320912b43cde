#include "emotrain/config/reference.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "emotrain/config/options_listing.hpp"
#include "emotrain/train/run_config.hpp"

using namespace emotrain;
using namespace emotrain::config;

namespace {

std::string text_of(const char* file) {
  std::ifstream stream(std::filesystem::path(EMOTRAIN_SOURCE) / "docs" / file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("the shipped schema and reference are those of the lists of fields") {
  const bool schema_is_new = text_of("config.schema.json") == run_config_schema();
  CHECK_MESSAGE(schema_is_new, "run: emotrain schema > docs/config.schema.json");
  const bool reference_is_new = text_of("config.md") == run_config_reference();
  CHECK_MESSAGE(reference_is_new, "run: emotrain schema --markdown > docs/config.md");
}

TEST_CASE("the schema describes every section, row and name") {
  const auto schema = nlohmann::json::parse(run_config_schema());
  CHECK(schema["required"] == nlohmann::json({"data", "model", "optimizer"}));
  CHECK(schema["additionalProperties"] == false);
  const auto& definitions = schema["$defs"];
  for (const ListedOption& section : list_options(train::RunConfig())) {
    CAPTURE(section.key);
    CHECK(schema["properties"].contains(section.key));
    for (const ListedRow& row : section.rows) {
      std::string name = std::string(section.table->kind) + " " + row.name;
      for (char& c : name) c = c == ' ' ? '_' : c;
      CAPTURE(name);
      REQUIRE(definitions.contains(name));
      CHECK(definitions[name]["additionalProperties"] == false);
      CHECK(definitions[name]["properties"].size() == row.options.size() + 1);
    }
  }
  const auto& adamw = definitions["optimizer_adamw"]["properties"];
  CHECK(adamw["lr"] == nlohmann::json::parse(R"({"description": "learning rate", "type": "number", "minimum": 0, "default": 0.001})"));
  CHECK(adamw["betas"]["items"]["exclusiveMaximum"] == 1);
  CHECK(definitions["scheduler_LinearLR"]["properties"]["total_iters"]["default"] == 5);
  CHECK_FALSE(definitions["optimizer_emonavi"]["properties"]["use_shadow"].contains("default"));
  CHECK(definitions["data_set_csv"]["required"] == nlohmann::json({"path"}));
}
