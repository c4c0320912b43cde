#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "data/allocation_meter.hpp"
#include "data/temp_folder.hpp"
#include "emotrain/data/files.hpp"

/// Runs every case of the corpus for this layer: what is strict comes out as the manifest says, the rest as docs/data-formats.md says.
namespace emotrain::data {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path corpus = fs::path(EMOTRAIN_TEST_DATA) / "corpus";

/// From the table rows "| `FILE` | ... | accepted |".
std::map<std::string, std::string> read_documented_choices() {
  std::map<std::string, std::string> choices;
  std::ifstream docs(EMOTRAIN_SOURCE "/docs/data-formats.md");
  for (std::string line; std::getline(docs, line);) {
    if (!line.starts_with("| `")) continue;
    const std::string file = line.substr(3, line.find('`', 3) - 3);
    if (line.ends_with("| accepted |")) choices[file] = "accept";
    if (line.ends_with("| refused |")) choices[file] = "error";
  }
  return choices;
}

std::string path_in_corpus(const json& test_case, const char* key) { return (corpus / test_case.at(key).get<std::string>()).native(); }

Splits load_idx_case(const json& test_case) {
  IdxOptions options;
  const bool is_labels = test_case.value("role", "") == "labels";
  options.images = path_in_corpus(test_case, is_labels ? "companion" : "file");
  if (is_labels) {
    options.labels = path_in_corpus(test_case, "file");
  } else if (test_case.contains("companion") && !test_case["companion"].is_null()) {
    options.labels = path_in_corpus(test_case, "companion");
  }
  if (options.labels) options.class_names = EMOTRAIN_SOURCE "/data/mnist/classes.txt";
  return load_splits(options);
}

Splits load_csv_case(const json& test_case) {
  if (test_case.value("role", "") == "index") {
    ImageFolderOptions options;
    options.path = corpus.native();
    options.index = test_case.at("file").get<std::string>();
    return load_splits(options);
  }
  CsvOptions options;
  options.path = path_in_corpus(test_case, "file");
  options.test_fraction = 0;
  return load_splits(options);
}

Splits load_image_case(const json& test_case) {
  const TempFolder folder;
  const fs::path file = path_in_corpus(test_case, "file");
  fs::create_directory(folder / "class");
  fs::copy_file(file, folder / "class" / file.filename());
  ImageFolderOptions options;
  options.path = folder.str();
  return load_splits(options);
}

/// Whatever was accepted must be usable: as many values as the shape says, finite, labels within the classes.
void check_usable(const Splits& splits) {
  const Dataset& set = *splits.training_set;
  CHECK(set.size > 0);
  const auto values_expected = static_cast<std::size_t>(set.size * set.sample_shape.size());
  CHECK(set.bytes.size() + set.reals.size() == values_expected);
  std::vector<Real> values(splits.train.size() * static_cast<std::size_t>(set.sample_shape.size()));
  std::vector<std::int32_t> labels(splits.train.size());
  gather(set, splits.train, values.data(), labels.data());
  for (const Real value : values) CHECK(std::isfinite(value));
  for (const std::int32_t label : set.labels) CHECK((label >= 0 && label < set.classes()));
}

void check_message(const Error& error, const std::string& file) {
  const std::string text = error.what();
  CHECK_MESSAGE((error.kind() == ErrorKind::data || error.kind() == ErrorKind::missing), text);
  CHECK_MESSAGE(contains(text, fs::path(file).filename().native()), text);
  CHECK(text.size() < 1200);
  for (const char c : text) CHECK_MESSAGE((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f), text);
}

}  // namespace

TEST_CASE("every case of the corpus comes out as the manifest or the documented choice says") {
  std::ifstream manifest_file(corpus / "manifest.json");
  const json manifest = json::parse(manifest_file);
  const std::map<std::string, std::string> choices = read_documented_choices();
  std::set<std::string> undecided;
  int cases = 0;
  for (const json& test_case : manifest.at("cases")) {
    const std::string kind = test_case.at("kind");
    if (kind == "json") continue;
    ++cases;
    const std::string file = test_case.at("file");
    CAPTURE(file);
    const bool strict = test_case.at("strict");
    if (!strict && !choices.contains(file)) undecided.insert(file);
    const std::string expected = strict || !choices.contains(file) ? test_case.at("expected").get<std::string>() : choices.at(file);
    std::string outcome = "accept";
    std::string text;
    reset_allocations();
    try {
      check_usable(kind == "idx" ? load_idx_case(test_case) : kind == "csv" ? load_csv_case(test_case) : load_image_case(test_case));
    } catch (const Error& error) {
      outcome = "error";
      text = error.what();
      check_message(error, file);
    }
    CHECK_MESSAGE(outcome == expected, text);
    // No file of the corpus is larger than 200 KB.
    CHECK(allocations().largest < (std::size_t{16} << 20U));
  }
  CHECK(cases > 100);
  for (const std::string& file : undecided) FAIL_CHECK("docs/data-formats.md says nothing of ", file);
}

}  // namespace emotrain::data
