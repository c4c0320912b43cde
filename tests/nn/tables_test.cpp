#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "emotrain/nn/layer_options.hpp"
#include "emotrain/nn/model.hpp"
#include "emotrain/nn/models.hpp"

namespace emotrain::test {
namespace {

/// Checks that each field has a key of its own and a text, and that its default is among the values that it allows.
class FieldCheck final : public FieldVisitor {
 public:
  void field(const Field& f, bool& /*value*/) override { describe(f); }
  void field(const Field& f, Index& value) override {
    describe(f);
    if (value != 0) inside(f, static_cast<double>(value));  // 0: has to be given
  }
  void field(const Field& f, double& value) override {
    describe(f);
    inside(f, value);
  }
  void field(const Field& f, std::string& value) override {
    describe(f);
    CHECK(std::count(f.one_of.begin(), f.one_of.end(), value) == 1);
  }
  void field(const Field& f, std::array<double, 2>& /*value*/) override { describe(f); }
  void field(const Field& f, std::vector<Index>& value) override {
    describe(f);
    for (const Index element : value) inside(f, static_cast<double>(element));
  }
  void field(const Field& f, std::vector<double>& /*value*/) override { describe(f); }
  void field(const Field& f, std::vector<std::string>& /*value*/) override { describe(f); }
  void field(const Field& f, OptionalOptions& /*value*/) override { describe(f); }
  void field(const Field& f, OptionsList& /*value*/) override { describe(f); }
  void field(const Field& f, std::optional<Index>& /*value*/) override { describe(f); }
  void field(const Field& f, std::optional<double>& /*value*/) override { describe(f); }
  void field(const Field& f, std::optional<std::string>& /*value*/) override { describe(f); }
  void field(const Field& f, Options& /*value*/) override { describe(f); }
  void field(const Field& f, Choice& /*value*/, const OptionsTable& /*table*/) override { describe(f); }
  void field(const Field& f, std::vector<Choice>& /*value*/, const OptionsTable& table) override {
    describe(f);
    CHECK(&table == &nn::layers());
  }

  const std::set<std::string>& keys() const { return keys_; }

 private:
  void describe(const Field& f) {
    CAPTURE(f.key);
    CHECK(keys_.insert(f.key).second);
    CHECK_FALSE(std::string(f.doc).empty());
  }
  static void inside(const Field& f, double value) {
    CAPTURE(f.key);
    CHECK(value >= f.range.min);
    CHECK(value <= f.range.max);
    CHECK(value > f.range.above);
    CHECK(value < f.range.below);
  }
  std::set<std::string> keys_;
};

TEST_CASE("the rows of the tables have names of their own and describe themselves") {
  for (const OptionsTable* table : {&nn::models(), &nn::losses(), &nn::layers()}) {
    std::set<std::string> names;
    for (const OptionsEntry& entry : table->entries) {
      CAPTURE(entry.name);
      CHECK(names.insert(entry.name).second);
      CHECK(table->find(entry.name) == &entry);
      CHECK_FALSE(std::string(entry.summary).empty());
      CHECK_FALSE(std::string(entry.source).empty());
      FieldCheck visitor;
      entry.make()->fields(visitor);
      CHECK(visitor.keys().count(table->tag) == 0);
      if (table == &nn::models() && entry.name != std::string("function")) CHECK(visitor.keys().count("init") == 1);
      if (table == &nn::losses() && entry.name != std::string("value")) CHECK(visitor.keys().count("reduction") == 1);
    }
    CHECK(table->find("no such row") == nullptr);
  }
}

}  // namespace
}  // namespace emotrain::test
