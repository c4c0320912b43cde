#include "emotrain/data/options.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace emotrain::data {
namespace {

/// The keys that options list, as in a configuration.
class KeyCollector : public FieldVisitor {
 public:
  void field(const Field& field, bool&) override { add(field); }
  void field(const Field& field, Index&) override { add(field); }
  void field(const Field& field, double&) override { add(field); }
  void field(const Field& field, std::string&) override { add(field); }
  void field(const Field& field, std::array<double, 2>&) override { add(field); }
  void field(const Field& field, std::vector<Index>&) override { add(field); }
  void field(const Field& field, std::vector<double>&) override { add(field); }
  void field(const Field& field, std::vector<std::string>&) override { add(field); }
  void field(const Field& field, OptionalOptions&) override { add(field); }
  void field(const Field& field, OptionsList&) override { add(field); }
  void field(const Field& field, std::optional<Index>&) override { add(field); }
  void field(const Field& field, std::optional<double>&) override { add(field); }
  void field(const Field& field, std::optional<std::string>&) override { add(field); }
  void field(const Field& field, Options&) override { add(field); }
  void field(const Field& field, Choice&, const OptionsTable&) override { add(field); }
  void field(const Field& field, std::vector<Choice>&, const OptionsTable&) override { add(field); }

  std::set<std::string> keys;

 private:
  void add(const Field& field) {
    CHECK_MESSAGE(keys.insert(field.key).second, field.key, " is listed twice");
    CHECK(*field.doc != '\0');
  }
};

}  // namespace

TEST_CASE("each data set has a row of its own, whose options can be made and whose keys are documented") {
  std::ifstream file(EMOTRAIN_SOURCE "/docs/data-formats.md");
  const std::string docs{std::istreambuf_iterator<char>(file), {}};
  std::set<std::string> names;
  for (const OptionsEntry& entry : datasets().entries) {
    CAPTURE(entry.name);
    names.insert(entry.name);
    const auto options = entry.make();
    CHECK(dynamic_cast<DataOptions*>(options.get()) != nullptr);
    KeyCollector collector;
    options->fields(collector);
    if (entry.name == std::string("none")) {
      CHECK(collector.keys.empty());
      continue;
    }
    for (const char* key : {"batch_size", "validation_fraction", "split_seed", "limit", "offset", "shuffle"}) {
      CHECK_MESSAGE(collector.keys.contains(key), key);
    }
    CHECK(collector.keys.contains("root") == !collector.keys.contains("noise"));
    for (const std::string& key : collector.keys) CHECK_MESSAGE(docs.find(key) != std::string::npos, key, " is not in the documentation");
  }
  CHECK(names == std::set<std::string>{"mnist", "fashion_mnist", "digits8x8", "emoji", "emoji_faces", "natural_images", "iris", "wine",
                                       "breast_cancer", "idx", "csv", "image_folder", "two_moons", "spirals", "rings", "blobs", "none"});
}

}  // namespace emotrain::data
