#include "emotrain/config/options_writer.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "config/sample_options.hpp"
#include "emotrain/config/options_reader.hpp"

using namespace emotrain;
using namespace emotrain::config;

TEST_CASE("every field is written, in order") {
  Outer options;
  options.title = "a \"b\"\n\u00e9";
  options.steps = 9;
  options.parts.push_back({"box", std::make_unique<Box>()});
  options.tags.values = {Tag{}, Tag{}};
  options.tags.values[1].names = {"a", "b"};
  CHECK(write_options(options) == R"({
  "count": 3,
  "weight_decay": 0.1,
  "title": "a \"b\"\né",
  "sizes": [4, 5],
  "steps": 9,
  "root": null,
  "shape": {
    "type": "circle",
    "radius": 1
  },
  "parts": [
    {
      "type": "box",
      "corner": [0, 0.5],
      "colour": "red"
    }
  ],
  "inner": {
    "flag": false,
    "limit": null
  },
  "extra": null,
  "tags": [
    {
      "names": [],
      "number": 7
    },
    {
      "names": ["a", "b"],
      "number": 7
    }
  ]
}
)");
}

TEST_CASE("what is written reads back to the same values and the same text") {
  std::mt19937_64 bits(1);
  for (int trial = 0; trial < 2000; ++trial) {
    Outer options;
    double x = 0;
    do {
      x = std::abs(std::bit_cast<double>(bits()));
    } while (!std::isfinite(x));
    options.weight_decay = x;
    options.sizes = {static_cast<Index>(bits() >> 1) | 1, 1};
    if (trial % 2 == 0) options.extra.emplace();
    options.tags.values.assign(static_cast<std::size_t>(trial % 3), Tag{});
    for (Tag& tag : options.tags.values) tag.names = {"x"};
    const std::string text = write_options(options);
    Outer again;
    REQUIRE(read_options(parse_document(text, "f"), again).empty());
    CHECK(again.weight_decay == options.weight_decay);
    CHECK(again.sizes == options.sizes);
    CHECK(write_options(again) == text);
  }
}

TEST_CASE("doubles are short") {
  struct Row {
    double value;
    const char* text;
  };
  const Row rows[] = {{0.001, "0.001"},   {1e-8, "1e-08"}, {1e20, "1e+20"}, {0.1 + 0.2, "0.30000000000000004"},
                      {5e-324, "5e-324"}, {0, "0"},        {3, "3"}};
  for (const Row& row : rows) {
    Outer options;
    options.weight_decay = row.value;
    CHECK(write_options(options).find("\"weight_decay\": " + std::string(row.text) + ",") != std::string::npos);
  }
}
