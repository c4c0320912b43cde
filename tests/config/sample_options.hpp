#pragma once
#include <memory>
#include <string>
#include <vector>

#include "emotrain/core/error.hpp"
#include "emotrain/core/options.hpp"

/// Options with a field of every type, for the tests of readers and writers.
namespace emotrain::config {

struct Circle : Options {
  double radius = 1;
  void fields(FieldVisitor& v) override { v.field({"radius", "", {.above = 0}}, radius); }
};

struct Box : Options {
  std::array<double, 2> corner = {0, 0.5};
  std::string colour = "red";
  void fields(FieldVisitor& v) override {
    static constexpr const char* colours[] = {"red", "green"};
    v.field({"corner", "", {.min = 0, .below = 1}}, corner);
    v.field({"colour", "", {}, colours}, colour);
  }
};

inline const OptionsTable& shapes() {
  static constexpr OptionsEntry entries[] = {{"circle", "", "", make_options<Circle>}, {"box", "", "", make_options<Box>}};
  static constexpr OptionsTable table = {"shape", "type", entries};
  return table;
}

struct Inner : Options {
  bool flag = false;
  std::optional<double> limit;
  void fields(FieldVisitor& v) override {
    v.field({"flag", ""}, flag);
    v.field({"limit", "", {.min = 0}}, limit);
  }
};

struct Tag : Options {
  std::vector<std::string> names;
  Index number = 7;
  void fields(FieldVisitor& v) override {
    v.field({"names", ""}, names);
    v.field({"number", "", {.min = 0}}, number);
  }
  void check() const override {
    if (names.empty()) fail(ErrorKind::usage, "names: give at least one");
  }
};

struct Outer : Options {
  Index count = 3;
  double weight_decay = 0.1;
  std::string title = "none";
  std::vector<Index> sizes = {4, 5};
  std::optional<Index> steps;
  std::optional<std::string> root;
  Choice shape{"circle", std::make_unique<Circle>()};
  std::vector<Choice> parts;
  Inner inner;
  Maybe<Inner> extra;
  ListOf<Tag> tags;
  void fields(FieldVisitor& v) override {
    v.field({"count", "", {.min = 1, .max = 100}}, count);
    v.field({"weight_decay", "", {.min = 0}}, weight_decay);
    v.field({"title", ""}, title);
    v.field({"sizes", "", {.min = 1}}, sizes);
    v.field({"steps", "", {.min = 0}}, steps);
    v.field({"root", ""}, root);
    v.field({"shape", ""}, shape, shapes());
    v.field({"parts", ""}, parts, shapes());
    v.field({"inner", ""}, inner);
    v.field({"extra", ""}, extra);
    v.field({"tags", ""}, tags);
  }
  void check() const override {
    if (steps && *steps < count) fail(ErrorKind::usage, "steps: {} is less than count ({}); raise it", *steps, count);
    if (title == "odd") fail(ErrorKind::usage, "an odd title");
  }
};

/// Nothing here has a default.
struct Needy : Options {
  std::string file;
  Choice shape;
  void fields(FieldVisitor& v) override {
    v.field({"file", "the file to read"}, file);
    v.field({"shape", "what to draw"}, shape, shapes());
  }
};

}  // namespace emotrain::config
