#include "emotrain/study/lesson_expression.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "data/temp_folder.hpp"
#include "study/lesson_series.hpp"

using namespace emotrain;
using study::Expression;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// A run that went well, and one that diverged after its third step of six.
study::SeriesBook book() {
  study::SeriesBook cells;
  cells["a"] = {6, 6, false, {{"loss", {{1, 2, 3, 4, 5, 6}, {5, 4, 6, 2, 1, 3}}}, {"eval_accuracy", {{2, 4, 6}, {0.5, 0.75, 0.9}}}}};
  cells["b"] = {6, 3, true, {{"loss", {{1, 2, 3}, {5, 4.5, 9}}}, {"eval_accuracy", {{2}, {0.5}}}, {"scalar", {{1, 2, 3}, {0, 0.5, 1}}}}};
  cells["c"] = {6, 6, false, {{"shadow_distance", {}}, {"moved", {{1, 2, 3}, {1, nothing, 2}}}}};
  return cells;
}

bool is_near(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= 1e-14 * std::abs(b); }

double value(const std::string& text) {
  const study::SeriesBook cells = book();
  return study::evaluate(study::parse_expression(text), [&](const Expression& call) { return study::reduce(call, cells); });
}

}  // namespace

TEST_CASE("expressions have the values that they say") {
  const struct {
    const char* text;
    double value;
  } rows[] = {
      {"1", 1},
      {" 1 + 2 * 3 ", 7},
      {"(1 + 2) * 3", 9},
      {"10 - 2 - 3", 5},
      {"16 / 4 / 2", 2},
      {"-2 * -3", 6},
      {"2 - -3", 5},
      {"1e-3 * 1E3", 1},
      {"log10(1000) + abs(-2) + min(1, 2) + max(1, 2)", 8},
      {"first(a.loss)", 5},
      {"last(a.loss)", 3},
      {"best(a.loss)", 1},
      {"worst(a.loss)", 6},
      {"mean(a.loss)", 3.5},
      {"at(a.loss, 4)", 2},
      {"at(a.eval_accuracy, 5)", 0.75},
      {"at(a.eval_accuracy, 2 + 1)", 0.5},
      {"at(a.loss, step_below(a.loss, 2))", 1},
      {"share_above(a.loss, 3)", 0.5},
      {"share_below(a.loss, 3)", 2 / 6.0},
      {"step_above(a.loss, 5)", 3},
      {"step_above(a.loss, 100)", 7},
      {"step_below(a.loss, 2)", 5},
      {"step_below(a.loss, best(a.loss))", 7},
      {"step_above(a.eval_accuracy, 0.7)", 4},
      {"parted(a.loss, a.loss, 0)", 7},
      {"parted(a.loss, b.loss, 0)", 2},
      {"parted(a.loss, b.loss, 1)", 3},
      {"parted(a.loss, b.loss, 10)", 4},
      {"steps(a) + steps(b)", 9},
      {"diverged(a) + 10 * diverged(b)", 10},
      {"first(b.loss)", 5},
      {"last(b.loss)", infinity},
      {"best(b.loss)", infinity},
      {"at(b.loss, 2)", 4.5},
      {"at(b.loss, 4)", infinity},
      {"last(b.eval_accuracy)", 0},
      {"last(b.scalar)", 1},
      {"last(a.loss) - last(b.loss)", -infinity},
      {"log10(last(b.loss))", infinity},
      // Of two runs that diverged none is better, and that is no value, not equality.
      {"last(b.loss) - worst(b.loss)", nothing},
      {"last(b.loss) / worst(b.loss)", nothing},
      // What is missing stays missing.
      {"last(c.shadow_distance)", nothing},
      {"at(a.eval_accuracy, 1)", nothing},
      {"min(last(c.shadow_distance), 1) ", nothing},
      {"min(1, last(c.shadow_distance))", nothing},
      {"max(last(c.shadow_distance), 1)", nothing},
      {"max(1, last(c.shadow_distance))", nothing},
      {"best(c.moved)", nothing},
      {"worst(c.moved)", nothing},
      {"mean(c.moved)", nothing},
      {"share_above(a.loss, last(c.shadow_distance))", nothing},
      {"step_below(a.loss, last(c.shadow_distance))", nothing},
      {"at(a.loss, last(c.shadow_distance))", nothing},
      // Behind the end there is nothing, so that what never happened has no value either.
      {"at(a.loss, 6)", 3},
      {"at(a.loss, 7)", nothing},
      {"at(b.loss, 7)", nothing},
      {"at(a.eval_accuracy, step_below(a.loss, 0))", nothing},
      {"at(a.eval_accuracy, min(step_below(a.loss, 0), steps(a)))", 0.9},
      // A run that diverged has lost from there to its planned end.
      {"share_above(b.loss, 8)", 4 / 6.0},
      {"share_below(b.loss, 8)", 2 / 6.0},
      {"share_above(b.eval_accuracy, 0.4)", 0.5},
      {"share_below(b.eval_accuracy, 0.4)", 0.5},
      {"share_above(b.eval_loss, 1)", 1},
      {"share_above(b.scalar, 0.4)", 2 / 3.0},
      {"step_above(b.loss, 100)", 4},
      {"step_above(b.loss, 8)", 3},
      {"step_below(b.loss, 4)", 7},
      {"step_below(b.eval_accuracy, 0.4)", 4},
      {"step_above(b.scalar, 2)", 7},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(is_near(value(row.text), row.value));
    // What it is written as is read as the same.
    const std::string text = study::expression_text(study::parse_expression(row.text));
    CHECK(study::expression_text(study::parse_expression(text)) == text);
    CHECK(is_near(value(text), row.value));
  }
}

TEST_CASE("expressions that are wrong are refused where they are") {
  const struct {
    const char* text;
    const char* part;
  } rows[] = {
      {"", "column 1: expected a number, a function or \"(\", not the end"},
      {"1 +", "column 4: expected a number"},
      {"1 2", "column 3: expected the end or an operator, not \"2\""},
      {"(1", "column 3: expected \")\" behind what is in brackets, not the end"},
      {"lst(a.loss)", "column 1: there is no function lst; did you mean last?"},
      {"2 * a.loss", "column 5: a series is no number; say which of its values, as in last(a.eval_loss)"},
      {"last a.loss", "column 6: expected \"(\" behind last"},
      {"last()", "column 6: expected a series, cell.key, not \")\""},
      {"last(a)", "column 7: expected \".\" and a key behind the cell a"},
      {"last(a.)", "column 8: expected a key"},
      {"last(a.loss, 2)", "column 12: expected \")\" at the end of last"},
      {"at(a.loss)", "column 10: expected \",\" and a number"},
      {"parted(a.loss, 2)", "column 17: expected \".\""},
      {"steps(a.loss)", "column 8: expected \")\""},
      {"3x", "column 2: expected an operator behind the number"},
      {"1 % 2", "column 3: expected the end or an operator"},
      {"Last(a.loss)", "column 1: expected a number"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const std::string text = data::error_of(ErrorKind::usage, [&] { study::parse_expression(row.text); });
    CHECK_MESSAGE(text.starts_with(row.part), text);
  }
  const std::string deep = std::string(100, '(') + "1" + std::string(100, ')');
  CHECK(data::contains(data::error_of(ErrorKind::usage, [&] { study::parse_expression(deep); }), "brackets within brackets"));
  CHECK(data::contains(data::error_of(ErrorKind::usage, [&] { study::parse_expression(std::string(100'000, '-') + "1"); }),
                       "within each other"));
}

TEST_CASE("the outer calls are those that stand in no other, each once") {
  const Expression expression = study::parse_expression("last(a.x) / at(b.y, step_above(c.z, 1)) - last( a.x ) * 2");
  std::vector<std::string> texts;
  for (const Expression* call : study::outer_calls(expression)) texts.push_back(study::expression_text(*call));
  CHECK(texts == std::vector<std::string>{"last(a.x)", "at(b.y, step_above(c.z, 1))"});
  CHECK(study::series_of(expression).size() == 4);
}

TEST_CASE("curves are thinned by the steps of the run") {
  study::CellSeries run{.planned = 10, .done = 10, .diverged = false, .series = {}};
  for (Index step = 1; step <= 10; ++step) {
    run.series["loss"].steps.push_back(step);
    run.series["loss"].values.push_back(static_cast<double>(step));
  }
  const study::Series thin = study::thinned("loss", run, 4);
  CHECK(thin.steps == std::vector<Index>{2, 5, 7, 10});
  CHECK(thin.values == std::vector<double>{1.5, 4, 6.5, 9});
  CHECK(study::thinned("loss", run, 10).values == run.series["loss"].values);
}
