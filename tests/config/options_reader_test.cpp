#include "emotrain/config/options_reader.hpp"

#include <doctest/doctest.h>

#include "config/sample_options.hpp"

using namespace emotrain;
using namespace emotrain::config;

namespace {

template <class T = Outer>
std::vector<std::string> problems_of(std::string_view text) {
  T options;
  std::vector<std::string> lines;
  for (const Problem& problem : read_options(parse_document(text, "f"), options)) lines.push_back(problem.str());
  return lines;
}

}  // namespace

TEST_CASE("values of every type are read") {
  Outer options;
  const Value document = parse_document(R"({"count": 7, "weight_decay": 1, "title": "😀 \ud83d\ude00", "sizes": [1, 2.0, 3e0],
    "steps": 9, "root": "a/b", "shape": {"corner": [0, 0.25], "type": "box"}, "inner": {"limit": 0.5, "flag": true},
    "parts": [{"type": "circle", "radius": 2}, {"type": "box"}], "extra": {"flag": true},
    "tags": [{"names": ["a", "b"]}, {"number": 3, "names": ["c"]}]})",
                                        "f");
  CHECK(read_options(document, options).empty());
  CHECK(options.count == 7);
  CHECK(options.weight_decay == 1.0);
  CHECK(options.title == "😀 😀");
  CHECK(options.sizes == std::vector<Index>{1, 2, 3});
  CHECK(options.steps == 9);
  CHECK(options.root == "a/b");
  CHECK(options.shape.name == "box");
  CHECK(dynamic_cast<Box&>(*options.shape.options).corner == std::array<double, 2>{0, 0.25});
  REQUIRE(options.parts.size() == 2);
  CHECK(dynamic_cast<Circle&>(*options.parts[0].options).radius == 2);
  CHECK(options.parts[1].name == "box");
  CHECK(options.inner.flag);
  CHECK(options.inner.limit == 0.5);
  REQUIRE(options.extra);
  CHECK(options.extra->flag);
  REQUIRE(options.tags.size() == 2);
  CHECK(options.tags.values[0].names == std::vector<std::string>{"a", "b"});
  CHECK(options.tags.values[0].number == 7);
  CHECK(options.tags.values[1].number == 3);
}

TEST_CASE("what is absent keeps its value, and null removes an optional one") {
  Outer options;
  options.steps = 5;
  options.root = "here";
  options.extra.emplace();
  options.tags.append();
  CHECK(read_options(parse_document(R"({"steps": null, "sizes": [], "inner": {}, "extra": null, "tags": []})", "f"), options).empty());
  CHECK_FALSE(options.extra);
  CHECK(options.tags.size() == 0);
  CHECK_FALSE(options.steps.has_value());
  CHECK(options.root == "here");
  CHECK(options.count == 3);
  CHECK(options.sizes.empty());
  CHECK(options.shape.name == "circle");
}

TEST_CASE("each fault is named with its place, pointer and remedy") {
  struct Row {
    const char* text;
    const char* problem;
  };
  const Row rows[] = {
      {R"([1])", "f:1:1: expected an object, got an array of 1"},
      {R"({"weight_decy": 1})", R"(f:1:2: /weight_decy: unknown key; did you mean "weight_decay"?)"},
      {R"({"Count": 1})", R"(f:1:2: /Count: unknown key; did you mean "count"?)"},
      {R"({"flag": true})", R"(f:1:2: /flag: unknown key here; did you mean "inner.flag"?)"},
      {R"({"inner": {"nonsense": 1}})", R"(f:1:12: /inner/nonsense: unknown key; known here: "flag", "limit")"},
      {R"({"shape": {"type": "circle", "colour": "red"}})",
       R"(f:1:30: /shape/colour: a key of the shape "box", not of "circle"; remove it)"},
      {R"({"shape": {"type": "circle", "radios": 1}})", R"(f:1:30: /shape/radios: unknown key; did you mean "radius"?)"},
      {R"({"shape": {"type": "cirle"}})",
       R"(f:1:20: /shape/type: there is no shape "cirle"; did you mean "circle"?; there are "circle", "box")"},
      {R"({"shape": {"radius": 1}})", R"(f:1:11: /shape: the key "type" is missing; give one of "circle", "box")"},
      {R"({"shape": {"type": 1}})", "f:1:20: /shape/type: expected a string in double quotes, got 1"},
      {R"({"shape": "circle"})", R"(f:1:11: /shape: expected an object such as {"type": "circle"}, got the string "circle")"},
      {R"({"shape": null})", R"(f:1:11: /shape: expected an object such as {"type": "circle"}, got null)"},
      {R"({"shape": {"type": "box", "colour": "gren"}})",
       R"(f:1:37: /shape/colour: must be one of "red", "green", got "gren"; did you mean "green"?)"},
      {R"({"parts": [{"type": "box"}, {"type": "circle", "radius": 0}]})", "f:1:58: /parts/1/radius: must be above 0, got 0"},
      {R"({"parts": {"type": "box"}})", "f:1:11: /parts: expected an array of objects, got an object"},
      {R"({"parts": [1]})", R"(f:1:12: /parts/0: expected an object such as {"type": "circle"}, got 1)"},
      {R"({"count": "five"})", R"(f:1:11: /count: expected a whole number of at most 64 bits, got the string "five")"},
      {R"({"count": true})", "f:1:11: /count: expected a whole number of at most 64 bits, got true"},
      {R"({"count": 2.5})", "f:1:11: /count: expected a whole number of at most 64 bits, got 2.5"},
      {R"({"count": 99999999999999999999999999})", "f:1:11: /count: expected a whole number of at most 64 bits, got 1e+26"},
      {R"({"count": 0})", "f:1:11: /count: must be at least 1 and at most 100, got 0"},
      {R"({"count": 4294967297})", "f:1:11: /count: must be at least 1 and at most 100, got 4294967297"},
      {R"({"count": null})", "f:1:11: /count: expected a whole number of at most 64 bits, got null; remove the key to get its default"},
      {R"({"steps": "x"})", R"(f:1:11: /steps: expected a whole number of at most 64 bits, got the string "x")"},
      {R"({"steps": -1})", "f:1:11: /steps: must be at least 0, got -1"},
      {R"({"weight_decay": [0.1]})", "f:1:18: /weight_decay: expected a number, got an array of 1"},
      {R"({"weight_decay": -0.1})", "f:1:18: /weight_decay: must be at least 0, got -0.1"},
      {R"({"sizes": 3})", "f:1:11: /sizes: expected an array of whole numbers, got 3"},
      {R"({"sizes": [1, 0, 1]})", "f:1:15: /sizes/1: must be at least 1, got 0"},
      {R"({"shape": {"type": "box", "corner": [0.5]}})", "f:1:37: /shape/corner: expected an array of two numbers, got an array of 1"},
      {R"({"shape": {"type": "box", "corner": [0.5, 1]}})", "f:1:43: /shape/corner/1: must be at least 0 and below 1, got 1"},
      {R"({"inner": {"flag": "yes"}})", R"(f:1:20: /inner/flag: expected true or false, got the string "yes")"},
      {R"({"inner": []})", "f:1:11: /inner: expected an object, got an array of 0"},
      {R"({"extra": 1})", "f:1:11: /extra: expected an object, got 1"},
      {R"({"extra": {"flg": true}})", R"(f:1:12: /extra/flg: unknown key; did you mean "flag"?)"},
      {R"({"tags": {}})", "f:1:10: /tags: expected an array of objects, got an object"},
      {R"({"tags": [{"names": ["a"]}, 4]})", "f:1:29: /tags/1: expected an object, got 4"},
      {R"({"tags": [{"names": "a"}]})", R"(f:1:21: /tags/0/names: expected an array of strings, got the string "a")"},
      {R"({"tags": [{"names": ["a", ""]}]})", "f:1:27: /tags/0/names/1: is empty; write a text, or remove the key"},
      {R"({"tags": [{"number": 1}]})", "f:1:11: /tags/0/names: give at least one"},
      {R"({"title": ""})", "f:1:11: /title: is empty; write a text, or remove the key"},
      {R"({"title": "a\u0000b"})", R"(f:1:11: /title: contains a NUL character: "a\u0000b"; remove it)"},
      {R"({"title": 7})", "f:1:11: /title: expected a string in double quotes, got 7"},
      {R"({"root": ""})", "f:1:10: /root: is empty; write a text, or remove the key"},
      {R"({"count": 9,
 "steps": 4})",
       "f:2:11: /steps: 4 is less than count (9); raise it"},
      {R"({"title": "odd"})", "f:1:1: an odd title"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const std::vector<std::string> found = problems_of(row.text);
    REQUIRE(found.size() == 1);
    CHECK(found[0] == row.problem);
  }
}

TEST_CASE("what has no default must be given") {
  CHECK(problems_of<Needy>("{}") == std::vector<std::string>{"f:1:1: /file: is missing; give a string: the file to read",
                                                             "f:1:1: /shape: is missing; give an object: what to draw"});
  CHECK(problems_of<Needy>(R"({"file": "x", "shape": {"type": "box"}})").empty());
}

TEST_CASE("all faults are found, but no flood of them") {
  CHECK(problems_of(R"({"count": 0, "sizes": ["a", "b"], "inner": {"flag": 1}, "bogus": 1})").size() == 5);
  std::string text = "{\"k\": 1";
  for (int i = 0; i < 1000; ++i) text += ", \"k" + std::to_string(i) + "\": 1";
  CHECK(problems_of(text + "}").size() == 100);
  CHECK(problems_of("{\"title\": \"" + std::string(5000, 'x') + "\"}")[0] ==
        "f:1:11: /title: is 5000 bytes long; at most 4096 are allowed");
  CHECK(problems_of("{\"" + std::string(5000, 'x') + "\": 1}")[0].size() < 300);
}

TEST_CASE("every single slip in a long key is understood") {
  const std::string key = "weight_decay";
  for (std::size_t i = 0; i < key.size(); ++i) {
    std::vector<std::string> slips = {key.substr(0, i) + key.substr(i + 1), key.substr(0, i) + "q" + key.substr(i),
                                      key.substr(0, i) + "q" + key.substr(i + 1)};
    if (i > 0) slips.push_back(key.substr(0, i - 1) + key[i] + key[i - 1] + key.substr(i + 1));
    for (const std::string& slip : slips) {
      CAPTURE(slip);
      CHECK(problems_of("{\"" + slip + "\": 1}")[0].ends_with("did you mean \"weight_decay\"?"));
    }
  }
}
