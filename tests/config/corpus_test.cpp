#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "emotrain/config/load.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/data/options.hpp"

using namespace emotrain;

namespace {

/// What the configuration, and then the data that it names, are refused with, a line for each problem; empty if they are not.
std::string refusal(const std::string& file, bool with_data) {
  try {
    const config::LoadedConfig loaded = config::load_run_config(file);
    if (with_data) data::load_splits(dynamic_cast<data::DataOptions&>(*loaded.config.data.options));
  } catch (const config::ConfigError& error) {
    std::string lines;
    for (const config::Problem& problem : error.problems()) {
      CHECK(problem.str().find('\n') == std::string::npos);
      CHECK(problem.str().size() < 1000);
      lines += problem.str() + "\n";
    }
    return lines;
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("every JSON case of the corpus comes out as its manifest says") {
  const std::filesystem::path folder = std::filesystem::path(EMOTRAIN_TEST_DATA) / "corpus";
  std::ifstream stream(folder / "manifest.json");
  const auto manifest = nlohmann::json::parse(stream);
  int count = 0;
  for (const auto& row : manifest.at("cases")) {
    if (row.at("kind") != "json") continue;
    const std::string file = row.at("file");
    CAPTURE(file);
    const bool refused = row.at("expected") == "error";
    const std::string text = refusal((folder / file).string(), refused);
    CHECK(text.empty() != refused);
    if (refused) CHECK_MESSAGE(text.find(row.at("message").get<std::string>()) != std::string::npos, text);
    ++count;
  }
  CHECK(count == 51);
}
