#include "study/lesson_options.hpp"

#include <algorithm>
#include <set>

#include "emotrain/core/error.hpp"

namespace emotrain::study {
namespace {

constexpr const char* carries[] = {"weights", "all"};

bool is_plain(const std::string& name) {
  return std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace

void PredictionOptions::fields(FieldVisitor& visitor) { visitor.field({"ask", "what the reader is asked before the runs"}, ask); }

void CellOptions::fields(FieldVisitor& visitor) {
  visitor.field({"name", "what expressions call it: small letters, digits and _"}, name);
  visitor.field({"label", "what charts and tables call it"}, label);
  visitor.field({"from", "the cell from whose end it goes on"}, from);
  visitor.field({"carry", "what it takes from there: the weights alone, or all", {}, carries}, carry);
  visitor.field({"scalars_of", "the cell whose scalars an emotion with the source random or shuffled uses"}, scalars_of);
}

void CellOptions::check() const {
  if (!is_plain(name)) fail(ErrorKind::usage, "name: \"{}\" is not made of small letters, digits and _ alone; choose another", name);
  if (from && !carry) fail(ErrorKind::usage, "carry: is missing; say what it takes from {}: \"weights\" or \"all\"", *from);
  if (carry && !from) fail(ErrorKind::usage, "from: is missing; name the cell that it goes on from, or remove carry");
}

void SizeOptions::fields(FieldVisitor& visitor) {
  visitor.field({"seeds", "runs of each cell; 8 or more can tell something", {.min = 1, .max = 1000}}, seeds);
}

void SizesOptions::fields(FieldVisitor& visitor) {
  visitor.field({"smoke", "whether all works: --smoke"}, smoke);
  visitor.field({"default", "a minute or so"}, usual);
  visitor.field({"full", "to be sure: --full"}, full);
}

void FindingOptions::fields(FieldVisitor& visitor) {
  visitor.field({"text", "what the value is, in words"}, text);
  visitor.field({"value", "an expression of the cells' series"}, value);
  visitor.field({"claim", "what is said of it: \"< 0\", \"> 1.5\", \"within 0.1\""}, claim);
  visitor.field({"unit", "of the value"}, unit);
}

void ChartOptions::fields(FieldVisitor& visitor) {
  visitor.field({"title", "what it shows"}, title);
  visitor.field({"series", "a key of the records"}, series);
  visitor.field({"cells", "whose"}, cells);
  visitor.field({"log", "whether values are on a logarithmic axis"}, log);
}

void LessonOptions::fields(FieldVisitor& visitor) {
  visitor.field({"title", "in a few words"}, title);
  visitor.field({"claim", "number of the guide's claim", {.min = 1, .max = 999}}, claim);
  visitor.field({"fact", "or the name of a fact"}, fact);
  visitor.field({"question", "in one sentence"}, question);
  visitor.field({"prediction", "what the reader thinks"}, prediction);
  visitor.field({"cells", "the runs that are compared"}, cells);
  visitor.field({"sizes", "seeds and values, by size"}, sizes);
  visitor.field({"findings", "what is measured, and what the claim says of it"}, findings);
  visitor.field({"charts", "what is drawn"}, charts);
}

void LessonOptions::check() const {
  if (claim.has_value() == fact.has_value()) fail(ErrorKind::usage, "claim: give either the number of a claim or a \"fact\"");
  if (cells.values.empty()) fail(ErrorKind::usage, "cells: there is none; add {{\"name\": ..., \"label\": ...}}");
  if (findings.values.empty()) fail(ErrorKind::usage, "findings: there is none; add {{\"text\": ..., \"value\": ..., \"claim\": \"< 0\"}}");
  std::set<std::string> names;
  for (const CellOptions& cell : cells.values) {
    if (!names.insert(cell.name).second) fail(ErrorKind::usage, "cells: two are called {}; give one another name", cell.name);
  }
  if (sizes.usual.seeds == 0) fail(ErrorKind::usage, "sizes: \"default\" is missing; add {{\"default\": {{\"seeds\": 12}}}}");
}

}  // namespace emotrain::study
