#include "emotrain/config/options_listing.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>

#include <set>

#include "config/sample_options.hpp"
#include "emotrain/data/options.hpp"
#include "emotrain/nn/layer_options.hpp"
#include "emotrain/nn/model.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/optim/schedule.hpp"
#include "emotrain/train/events.hpp"

using namespace emotrain;
using namespace emotrain::config;

namespace {

/// One line for each option and row, indented: key, type, default, range, choices.
void describe(const std::vector<ListedOption>& options, const std::string& indent, std::string& out) {
  for (const ListedOption& option : options) {
    out += fmt::format("{}{}: {} = {}", indent, option.key, option.type, option.default_value.value_or("?"));
    if (const std::string range = range_text(option.range); !range.empty()) out += ", " + range;
    if (!option.one_of.empty()) out += fmt::format(", {}", fmt::join(option.one_of, "|"));
    if (option.without_effect) out += ", no effect";
    out += "\n";
    describe(option.members, indent + "  ", out);
    for (const ListedRow& row : option.rows) {
      out += fmt::format("{}  {}={}\n", indent, option.tag, row.name);
      describe(row.options, indent + "    ", out);
    }
  }
}

std::string described(const Options& options) {
  std::string out;
  describe(list_options(options), "", out);
  return out;
}

/// A tree of itself.
struct Branch : Options {
  std::vector<Choice> children;
  Index width = 1;
  void fields(FieldVisitor& v) override;
};

const OptionsTable& branches() {
  static constexpr OptionsEntry entries[] = {{"branch", "", "", make_options<Branch>}};
  static constexpr OptionsTable table = {"twig", "type", entries};
  return table;
}

void Branch::fields(FieldVisitor& v) {
  v.field({"children", ""}, children, branches());
  v.field({.key = "width", .doc = "", .without_effect = true}, width);
}

const OptionsTable* const registries[] = {&optim::optimizers(), &optim::schedulers(), &nn::models(),        &nn::layers(),
                                          &nn::losses(),        &data::datasets(),    &train::event_kinds()};

void check_documented(const std::string& row, const std::vector<ListedOption>& options) {
  std::set<std::string> keys;
  for (const ListedOption& option : options) {
    CAPTURE(row);
    CAPTURE(option.key);
    CHECK_FALSE(option.doc.empty());
    CHECK_FALSE(option.type.empty());
    CHECK(keys.insert(option.key).second);
    check_documented(row, option.members);
    for (const ListedRow& inner : option.rows) check_documented(row, inner.options);
  }
}

}  // namespace

TEST_CASE("fields of every type are listed") {
  CHECK(described(Outer()) == R"(count: integer = 3, at least 1 and at most 100
weight_decay: number = 0.1, at least 0
title: string = "none"
sizes: list of integers = [4, 5], at least 1
steps: integer or null = null, at least 0
root: string or null = null
shape: shape = {"type": "circle"}
  type=circle
    radius: number = 1, above 0
  type=box
    corner: 2 numbers = [0, 0.5], at least 0 and below 1
    colour: string = "red", red|green
parts: list of shapes = []
  type=circle
    radius: number = 1, above 0
  type=box
    corner: 2 numbers = [0, 0.5], at least 0 and below 1
    colour: string = "red", red|green
inner: group = {}
  flag: true/false = false
  limit: number or null = null, at least 0
extra: group or null = null
  flag: true/false = false
  limit: number or null = null, at least 0
tags: list of groups = []
  names: list of strings = []
  number: integer = 7, at least 0
)");
}

TEST_CASE("values that are there are the defaults") {
  Outer options;
  options.steps = 9;
  options.extra.emplace();
  options.extra->flag = true;
  options.tags.append();
  options.parts.push_back({"box", std::make_unique<Box>()});
  const std::string text = described(options);
  for (const char* line : {"steps: integer or null = 9,", "extra: group or null = {}\n  flag: true/false = true\n",
                           "tags: list of groups = [{}]\n", "parts: list of shapes = [{\"type\": \"box\"}]\n"}) {
    CAPTURE(line);
    CHECK(text.find(line) != std::string::npos);
  }
}

TEST_CASE("what has no default, what has no effect, and what is within itself") {
  CHECK(described(Needy()).starts_with("file: string = ?\nshape: shape = ?\n"));
  CHECK(described(Branch()) ==
        "children: list of twigs = []\n  type=branch\n    children: list of twigs = []\n"
        "      type=branch\n    width: integer = 1, no effect\nwidth: integer = 1, no effect\n");
  // A default that the range excludes is none.
  const ListedRow linear = list_row(nn::layers(), "linear");
  CHECK_FALSE(linear.options.front().default_value.has_value());
}

TEST_CASE("the edition's defaults are told") {
  const ListedRow row = list_row(optim::optimizers(), "emonavi");
  REQUIRE(row.dependent_defaults.size() == 1);
  const DependentDefaults& edition = row.dependent_defaults.front();
  CHECK(edition.key == "edition");
  CHECK(edition.choices == std::vector<std::string>{"v1", "v2", "v3.0", "v3.6"});
  const auto defaults_of = [&](const std::string& path) {
    for (const DependentDefaults::Row& each : edition.rows) {
      if (each.path == path) return each.defaults;
    }
    return std::vector<std::string>{};
  };
  CHECK(defaults_of("use_shadow") == std::vector<std::string>{"true", "true", "false", "false"});
  CHECK(defaults_of("emotion.drive") == std::vector<std::string>{R"("none")", R"("none")", R"("calm")", R"("trust")"});
  CHECK(defaults_of("lr").empty());
  CHECK(defaults_of("edition").empty());
  CHECK(list_row(optim::optimizers(), "sgd").dependent_defaults.empty());
}

TEST_CASE("other names have defaults of their own") {
  const ListedRow row = list_row(optim::schedulers(), "PolynomialLR");
  CHECK(row.name == "polynomial");
  CHECK(row.aliases == std::vector<std::string>{"PolynomialLR"});
  REQUIRE(row.dependent_defaults.size() == 1);
  CHECK(row.dependent_defaults[0].choices == std::vector<std::string>{"polynomial", "PolynomialLR"});
  for (const ListedOption& option : row.options) {
    if (option.key == "total_iters") CHECK(option.default_value == "5");
  }
}

TEST_CASE("values change the defaults that follow from them") {
  const std::vector<std::string> values{"edition=v3.6"};
  for (const ListedOption& option : list_row(optim::optimizers(), "emonavi", values).options) {
    if (option.key == "use_shadow") CHECK(option.default_value == "false");
  }
  const std::vector<std::string> slip{"editoin=v3.6"};
  CHECK_THROWS_WITH(list_row(optim::optimizers(), "emonavi", slip), "argument 1: /editoin: unknown key; did you mean \"edition\"?");
  // What must be given in a configuration may be left out here.
  const std::vector<std::string> other{"standardize=false"};
  CHECK(list_row(data::datasets(), "csv", other).name == "csv");
  CHECK_THROWS_WITH(list_row(shapes(), "bax"), R"(there is no shape "bax"; did you mean "box"?; there are "circle", "box")");
}

TEST_CASE("every option of every registry has a meaning, and no key stands twice") {
  for (const OptionsTable* table : registries) {
    for (const OptionsEntry& entry : table->entries) {
      const ListedRow row = list_row(*table, entry.name);
      CHECK_FALSE(row.summary.empty());
      CHECK_FALSE(row.source.empty());
      check_documented(row.name, row.options);
    }
  }
}
