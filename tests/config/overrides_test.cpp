#include "emotrain/config/overrides.hpp"

#include <doctest/doctest.h>

#include "config/sample_options.hpp"
#include "emotrain/config/options_reader.hpp"

using namespace emotrain;
using namespace emotrain::config;

namespace {

/// Applies the arguments to a document and reads it; the first thing that is wrong, or nothing. What is wrong with an argument is told
/// alone.
std::string apply(Outer& options, std::string_view text, const std::vector<std::string>& arguments) {
  Value document = parse_document(text, "f");
  std::vector<Problem> problems;
  int number = 0;
  for (const std::string& argument : arguments) apply_override(document, argument, ++number, problems);
  if (problems.empty()) problems = read_options(document, options);
  return problems.empty() ? "" : problems[0].str();
}

}  // namespace

TEST_CASE("overrides set values, elements and sections") {
  Outer options;
  CHECK(apply(options, R"({"count": 2, "shape": {"type": "circle", "radius": 3}, "parts": [{"type": "circle"}]})",
              {"count=9", "count=10", "title=plain words, a=b", "inner.flag=true", "sizes=[7]", "root=null", "parts.0.radius=5",
               R"(shape={"type": "box", "colour": "green"})"}) == "");
  CHECK(options.count == 10);
  CHECK(options.title == "plain words, a=b");
  CHECK(options.inner.flag);
  CHECK(options.sizes == std::vector<Index>{7});
  CHECK(dynamic_cast<Circle&>(*options.parts[0].options).radius == 5);
  CHECK(options.shape.name == "box");
  CHECK(dynamic_cast<Box&>(*options.shape.options).colour == "green");
}

TEST_CASE("what is no JSON is a string") {
  for (const char* text : {"007", "1e999", "nan", "a b", "'x'", "\u00e9", "}", "-", "tru"}) {
    Outer options;
    CAPTURE(text);
    CHECK(apply(options, "{}", {"title=" + std::string(text)}) == "");
    CHECK(options.title == text);
  }
  Outer options;
  CHECK(apply(options, "{}", {R"(title="007")"}) == "");
  CHECK(options.title == "007");
}

TEST_CASE("faults in arguments name the argument") {
  struct Row {
    std::string argument;
    const char* problem;
  };
  const Row rows[] = {
      {"count", R"(argument 1: "count" is not of the form section.key=value)"},
      {"=3", R"(argument 1: "=3" is not of the form section.key=value)"},
      {"a..b=3", R"(argument 1: "a..b=3" is not of the form section.key=value)"},
      {"inner.=3", R"(argument 1: "inner.=3" is not of the form section.key=value)"},
      {"count=", "argument 1: /count: expected a whole number of at most 64 bits, got the string \"\""},
      {"count=2.5", "argument 1: /count: expected a whole number of at most 64 bits, got 2.5"},
      {"count=1e999", "argument 1: /count: expected a whole number of at most 64 bits, got the string \"1e999\""},
      {"inner.flg=true", R"(argument 1: /inner/flg: unknown key; did you mean "flag"?)"},
      {"iner.flag=true", R"(argument 1: /iner: unknown key; did you mean "inner"?)"},
      {"sizes=[1,", "argument 1: /sizes: not valid JSON: unexpected end of input; expected '[', '{', or a literal"},
      {R"(shape={"type": "box", "type": "box"})", "argument 1: /shape/type: the key is given twice; keep one of them"},
      {"count.x=1", "argument 1: /count/x: what holds it is neither an object nor an array; remove it, or replace the whole section"},
      {"sizes.2=1", "argument 1: /sizes/2: an array of 2 elements, counted from 0; give the whole array as JSON"},
      {"sizes.x=1", "argument 1: /sizes/x: an array of 2 elements, counted from 0; give the whole array as JSON"},
      {"title=\xff", "argument 1: /title: \"\ufffd\" is not UTF-8; write it in UTF-8"},
      {"title=", "argument 1: /title: is empty; write a text, or remove the key"},
      {"title=12", "argument 1: /title: expected a string in double quotes, got 12"},
      // The file's key stays, and the new row has no such key: the message is about the file's place.
      {"shape.type=box", "f:1:58: /shape/radius: a key of the shape \"circle\", not of \"box\"; remove it"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.argument);
    Outer options;
    CHECK(apply(options, R"({"count": 2, "sizes": [1, 2], "shape": {"type":"circle", "radius": 3}})", {row.argument}) == row.problem);
  }
}
