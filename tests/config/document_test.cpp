#include <doctest/doctest.h>

#include <string>

#include "emotrain/config/document.hpp"
#include "emotrain/core/error.hpp"

using namespace emotrain;
using namespace emotrain::config;

namespace {

std::string error_of(std::string_view text) {
  try {
    parse_document(text, "f");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    return error.what();
  }
  return "accepted";
}

std::string repeat(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace

TEST_CASE("malformed documents are refused with their place") {
  struct Row {
    std::string text;
    const char* error;
  };
  const Row rows[] = {
      {"", "f:1:1: not valid JSON: unexpected end of input; expected '[', '{', or a literal"},
      {" \n\t", "f:2:2: not valid JSON: unexpected end of input; expected '[', '{', or a literal"},
      {"{\"a\": [1,\n 2", "f:2:3: not valid JSON: unexpected end of input; expected ']'"},
      {"{\"a\": 1}\n{}", "f:2:1: not valid JSON: unexpected '{'; expected end of input at \"{}\""},
      {"{\"a\": 1} x", "f:1:10: not valid JSON: invalid literal; expected end of input at \"x\""},
      {"{\"a\": 1,}", "f:1:9: not valid JSON: unexpected '}'; expected string literal at \"}\""},
      {"[1,,2]", "f:1:4: not valid JSON: unexpected ','; expected '[', '{', or a literal at \",2]\""},
      {"{\"a\" \"b\"}", "f:1:6: not valid JSON: unexpected string literal; expected ':' at \"\\\"b\\\"}\""},
      {"{\"é\": 1, \"b\" 2}", "f:1:14: not valid JSON: unexpected number literal; expected ':' at \"2}\""},
      {"{\n  // no\n}", "f:2:3: not valid JSON: invalid literal; expected string literal at \"// no\\n}\""},
      {"{'a': 1}", "f:1:2: not valid JSON: invalid literal; expected string literal at \"'a': 1}\""},
      {"[NaN]", "f:1:2: not valid JSON: invalid literal at \"NaN]\""},
      {"[-Infinity]", "f:1:3: not valid JSON: invalid number; expected digit after '-' at \"Infinity]\""},
      {"[010]", "f:1:4: not valid JSON: unexpected number literal; expected ']' at \"0]\""},
      {"[+1]", "f:1:2: not valid JSON: invalid literal at \"+1]\""},
      {"[0x10]", "f:1:3: not valid JSON: invalid literal; expected ']' at \"x10]\""},
      {"{\"a\": 1e999}", "f:1:7: /a: a number beyond the range of double precision (about 1.8e308)"},
      {"[0.0e5, 1e-999]", "f:1:9: /1: a number too small for double precision (below about 4.9e-324); write 0 if that is meant"},
      {"{\"a\": [0, {\"b\": -1e999}]}", "f:1:17: /a/1/b: a number beyond the range of double precision (about 1.8e308)"},
      {"{\"a\": 1,\n \"b\": {\"c\": 1, \"c\": 2}}", "f:2:16: /b/c: the key is given twice; keep one of them"},
      {std::string("{\"a\": 1}\0{}", 11), "f:1:9: a NUL byte; a configuration is plain text"},
      {"\xff\xfe{\0", "f:1:1: UTF-16 text; save it as UTF-8"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(error_of(row.text) == row.error);
  }
}

TEST_CASE("text that is not Unicode is refused") {
  for (const char* text : {"[\"\xff\"]", "[\"\xc0\xae\"]", "[\"\\ud83d\"]", "[\"\\udc00\"]", "[\"a\x01\"]", "[\"a\nb\"]", "[\"\\x\"]",
                           "\xff", "[\"\xed\xa0\x80\"]"}) {
    CAPTURE(text);
    const std::string error = error_of(text);
    CHECK(error.find("not valid JSON: invalid ") != std::string::npos);
    CHECK(error.find('\n') == std::string::npos);
  }
}

TEST_CASE("depth and size are limited") {
  const std::string inside = repeat("[", max_nesting) + repeat("]", max_nesting);
  CHECK(error_of(inside) == "accepted");
  CHECK(error_of("[" + inside + "]") == "f:1:65: more than 64 brackets within brackets; a configuration needs fewer than 10");
  CHECK(error_of(repeat("{\"a\":", 100000)).find("more than 64 brackets") != std::string::npos);
  CHECK(error_of(repeat("[", 100000)).find("more than 64 brackets") != std::string::npos);
  CHECK(error_of(std::string(configuration_document.max_bytes, ' ') + "1") == "f:1:1: longer than 1024 KiB; this is no configuration");
  CHECK(error_of(std::string(configuration_document.max_bytes - 1, ' ') + "1") == "accepted");
}

TEST_CASE("values keep their order and places") {
  const Value root = parse_document("\xef\xbb\xbf{\"z\": [true, null,\n\t-2.5e0 , \"\\u00e9\\\"\"],\r\n  \"a\": {} }\n", "f");
  REQUIRE(std::get<Value::Object>(root.data).size() == 2);
  CHECK(root.place.str() == "f:1:1");
  const Member& z = std::get<Value::Object>(root.data)[0];
  CHECK(z.key == "z");
  CHECK(z.place.str() == "f:1:2");
  const auto& array = std::get<Value::Array>(z.value.data);
  REQUIRE(array.size() == 4);
  CHECK(z.value.place.str() == "f:1:7");
  CHECK(std::get<bool>(array[0].data));
  CHECK(array[1].place.str() == "f:1:14");
  CHECK(std::get<Number>(array[2].data).value == -2.5);
  CHECK(array[2].place.str() == "f:2:2");
  CHECK(std::get<std::string>(array[3].data) == "\u00e9\"");
  CHECK(array[3].place.str() == "f:2:11");
  const Member* a = root.find("a");
  REQUIRE(a != nullptr);
  CHECK(a->place.str() == "f:3:3");
  CHECK(a->value.place.str() == "f:3:8");
  CHECK(root.find("b") == nullptr);
  CHECK(parse_argument("[1]", "argument 3").place.str() == "argument 3");
}

TEST_CASE("whole numbers are told from others") {
  struct Row {
    const char* text;
    std::optional<Index> integer;
  };
  const Row rows[] = {
      {"0", 0},
      {"-7", -7},
      {"9223372036854775807", 9223372036854775807},
      {"-9223372036854775808", -9223372036854775807 - 1},
      {"9223372036854775808", {}},
      {"18446744073709551615", {}},
      {"99999999999999999999999999", {}},
      {"3.0", 3},
      {"1e4", 10000},
      {"2.5", {}},
      {"1e-3", {}},
      {"1e300", {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(std::get<Number>(parse_document(row.text, "f").data).integer == row.integer);
  }
}

TEST_CASE("texts in messages are short and on one line") {
  CHECK(quoted("a\n\"b\"") == R"("a\n\"b\"")");
  CHECK(quoted(std::string(100, 'x')) == "\"" + std::string(60, 'x') + "...\"");
  CHECK(quoted("\xff") == "\"\ufffd\"");
  CHECK(member_pointer("/a", "b/c~d") == "/a/b~1c~0d");
  CHECK(string_literal("\u00e9\x01") == "\"\u00e9\\u0001\"");
  CHECK(is_utf8("\u00e9 \U0001f600"));
  for (const char* text : {"\xff", "a\xc3", "\xc0\xae", "\xed\xa0\x80"}) CHECK_FALSE(is_utf8(text));
}

TEST_CASE("files") {
  const auto kind_of = [](const std::string& file) {
    try {
      read_document(file);
    } catch (const Error& error) {
      return error.kind();
    }
    return ErrorKind::shape;
  };
  CHECK(kind_of("/nonexistent/run.json") == ErrorKind::missing);
  CHECK(kind_of("/") == ErrorKind::missing);
  CHECK(kind_of("/dev/zero") == ErrorKind::usage);
  CHECK(kind_of("/dev/null") == ErrorKind::usage);
}
