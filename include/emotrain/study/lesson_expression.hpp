#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "emotrain/core/function_ref.hpp"
#include "emotrain/core/real.hpp"

/// What a lesson measures of its runs, as it is written: `last(high.eval_loss) - last(low.eval_loss)`.
///
///     sum      = product { ("+" | "-") product }
///     product  = factor { ("*" | "/") factor }
///     factor   = "-" factor | number | "(" sum ")" | "log10" "(" sum ")" | "abs" "(" sum ")" | ("min" | "max") "(" sum "," sum ")" | call
///     call     = ("first" | "last" | "best" | "worst" | "mean") "(" series ")"
///              | ("at" | "share_above" | "share_below" | "step_above" | "step_below") "(" series "," sum ")"
///              | "parted" "(" series "," series "," sum ")"  |  ("steps" | "diverged") "(" cell ")"
///     series   = cell "." key
///
/// A cell's name consists of small letters, digits and `_`; a key is one of a run's records (lesson.hpp).
namespace emotrain::study {

enum class Reduction {
  first,
  last,
  best,         ///< the least
  worst,        ///< the greatest
  mean,         ///< of all values
  at,           ///< the value at a step, or the last before it; NaN behind the last planned step
  share_above,  ///< part of the values above x; of a run that diverged, the steps to its planned end count as lost
  share_below,
  step_above,  ///< the first step whose value is above x; the run's steps + 1 if there is none
  step_below,
  parted,    ///< the first step at which two series differ by more than x; the run's steps + 1 if there is none
  steps,     ///< that were done
  diverged,  ///< 0 or 1
};

struct SeriesName {
  std::string cell;
  /// Empty for steps() and diverged().
  std::string key;

  auto operator<=>(const SeriesName&) const = default;
};

struct Expression {
  enum class Kind { number, add, subtract, multiply, divide, negate, log10, abs, min, max, call };

  Kind kind = Kind::number;
  double number = 0;
  /// Of a call.
  Reduction reduction = Reduction::first;
  std::vector<SeriesName> series = {};
  /// Of a call: the number behind its series.
  std::vector<Expression> operands = {};
  /// Where its first character stands, counted from 1.
  std::size_t column = 1;
};

/// Throws Error{usage}, `column 6: there is no function lst; did you mean last?`.
Expression parse_expression(std::string_view text);

/// An expression as it would be written, always in the same way.
std::string expression_text(const Expression& expression);

/// The calls that stand in no other call, each text once, in their order.
std::vector<const Expression*> outer_calls(const Expression& expression);
/// All series that are named, also within calls.
std::vector<SeriesName> series_of(const Expression& expression);

/// As IEEE 754 has it: of two infinities, of runs that diverged, the difference is NaN, and so is the least and the greatest of anything
/// and NaN, a value that is missing.
double evaluate(const Expression& expression, FunctionRef<double(const Expression& call)> value_of);

}  // namespace emotrain::study
