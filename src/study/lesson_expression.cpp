#include "emotrain/study/lesson_expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include "emotrain/config/document.hpp"
#include "emotrain/config/suggestion.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::study {
namespace {

using Kind = Expression::Kind;

struct Function {
  const char* name;
  Kind kind;
  Reduction reduction = Reduction::first;
  /// Of a call: series (or cells), then numbers.
  std::size_t series = 0;
  std::size_t numbers = 0;
  bool of_cell = false;
};

constexpr Function functions[] = {
    {"log10", Kind::log10, {}, 0, 1},
    {"abs", Kind::abs, {}, 0, 1},
    {"min", Kind::min, {}, 0, 2},
    {"max", Kind::max, {}, 0, 2},
    {"first", Kind::call, Reduction::first, 1, 0},
    {"last", Kind::call, Reduction::last, 1, 0},
    {"best", Kind::call, Reduction::best, 1, 0},
    {"worst", Kind::call, Reduction::worst, 1, 0},
    {"mean", Kind::call, Reduction::mean, 1, 0},
    {"at", Kind::call, Reduction::at, 1, 1},
    {"share_above", Kind::call, Reduction::share_above, 1, 1},
    {"share_below", Kind::call, Reduction::share_below, 1, 1},
    {"step_above", Kind::call, Reduction::step_above, 1, 1},
    {"step_below", Kind::call, Reduction::step_below, 1, 1},
    {"parted", Kind::call, Reduction::parted, 2, 1},
    {"steps", Kind::call, Reduction::steps, 1, 0, true},
    {"diverged", Kind::call, Reduction::diverged, 1, 0, true},
};

constexpr int max_depth = 64;

bool is_cell_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }
bool is_key_character(char c) { return is_cell_character(c) || (c >= 'A' && c <= 'Z') || c == '.'; }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Expression parse() {
    Expression whole = sum();
    if (peek() != '\0') refuse("expected the end or an operator, not {}", here());
    return whole;
  }

 private:
  template <class... Values>
  [[noreturn]] void refuse_at(std::size_t at, fmt::format_string<Values...> format, Values&&... values) {
    fail(ErrorKind::usage, "column {}: {}", at + 1, fmt::format(format, std::forward<Values>(values)...));
  }
  template <class... Values>
  [[noreturn]] void refuse(fmt::format_string<Values...> format, Values&&... values) {
    peek();
    refuse_at(at_, format, std::forward<Values>(values)...);
  }
  std::string here() { return peek() == '\0' ? std::string("the end") : config::quoted(text_.substr(at_, 1)); }

  /// The next character that is no space; 0 at the end.
  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c, const char* behind) {
    if (!take(c)) refuse("expected \"{}\" {}, not {}", c, behind, here());
  }

  Expression binary(Kind kind, Expression left, Expression right) {
    Expression both{.kind = kind, .column = left.column};
    both.operands.push_back(std::move(left));
    both.operands.push_back(std::move(right));
    return both;
  }

  Expression sum() {
    if (++depth_ > max_depth) refuse("more than {} brackets within brackets", max_depth);
    Expression left = product();
    for (;;) {
      const bool adds = peek() == '+';
      if (!adds && peek() != '-') break;
      ++at_;
      left = binary(adds ? Kind::add : Kind::subtract, std::move(left), product());
    }
    --depth_;
    return left;
  }

  Expression product() {
    Expression left = factor();
    for (;;) {
      const bool multiplies = peek() == '*';
      if (!multiplies && peek() != '/') return left;
      ++at_;
      left = binary(multiplies ? Kind::multiply : Kind::divide, std::move(left), factor());
    }
  }

  Expression factor() {
    const char c = peek();
    const std::size_t column = at_ + 1;
    if (c == '-') {
      if (++depth_ > max_depth) refuse("more than {} brackets and signs within each other", max_depth);
      ++at_;
      Expression negated{.kind = Kind::negate, .column = column};
      negated.operands.push_back(factor());
      --depth_;
      return negated;
    }
    if (take('(')) {
      Expression inner = sum();
      expect(')', "behind what is in brackets");
      return inner;
    }
    if ((c >= '0' && c <= '9') || c == '.') return number();
    if (is_cell_character(c)) return function();
    refuse("expected a number, a function or \"(\", not {}", here());
  }

  Expression number() {
    Expression literal{.kind = Kind::number, .column = at_ + 1};
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), literal.number);
    if (error != std::errc()) refuse("this is no number");
    at_ = static_cast<std::size_t>(end - text_.data());
    if (at_ < text_.size() && is_cell_character(text_[at_])) refuse("expected an operator behind the number, not {}", here());
    return literal;
  }

  std::string word(bool (*belongs)(char)) {
    peek();
    const std::size_t begin = at_;
    while (at_ < text_.size() && belongs(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  Expression function() {
    const std::size_t begin = at_;
    const std::string name = word(is_cell_character);
    const auto known = std::ranges::find(functions, name, &Function::name);
    if (known == std::end(functions)) refuse_function(begin, name);
    Expression call{.kind = known->kind, .reduction = known->reduction, .column = begin + 1};
    expect('(', ("behind " + name).c_str());
    for (std::size_t i = 0; i < known->series + known->numbers; ++i) {
      if (i > 0 && !take(',')) refuse("expected \",\" and {}, not {}", i < known->series ? "another series" : "a number", here());
      if (i < known->series) {
        call.series.push_back(series(*known));
      } else {
        call.operands.push_back(sum());
      }
    }
    expect(')', ("at the end of " + name).c_str());
    return call;
  }

  [[noreturn]] void refuse_function(std::size_t begin, const std::string& name) {
    if (begin + name.size() < text_.size() && text_[begin + name.size()] == '.') {
      refuse_at(begin, "a series is no number; say which of its values, as in last({}.eval_loss)", name);
    }
    std::vector<std::string> names;
    for (const Function& function : functions) names.emplace_back(function.name);
    const auto near = config::nearest(name, names);
    refuse_at(begin, "there is no function {}{}; there are {}", name, near ? "; did you mean " + *near + "?" : "", config::listed(names));
  }

  SeriesName series(const Function& of) {
    SeriesName name{word(is_cell_character), {}};
    if (name.cell.empty()) refuse("expected {}, not {}", of.of_cell ? "a cell" : "a series, cell.key", here());
    if (of.of_cell) return name;
    if (at_ >= text_.size() || text_[at_] != '.') refuse("expected \".\" and a key behind the cell {}, not {}", name.cell, here());
    ++at_;
    name.key = word(is_key_character);
    if (name.key.empty()) refuse("expected a key, not {}", here());
    return name;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

const Function& function_of(const Expression& expression) {
  return *std::ranges::find_if(functions, [&](const Function& function) {
    return function.kind == expression.kind && (function.kind != Kind::call || function.reduction == expression.reduction);
  });
}

void gather_calls(const Expression& expression, std::vector<const Expression*>& calls) {
  if (expression.kind != Kind::call) {
    for (const Expression& operand : expression.operands) gather_calls(operand, calls);
    return;
  }
  const std::string text = expression_text(expression);
  if (std::ranges::none_of(calls, [&](const Expression* other) { return expression_text(*other) == text; })) calls.push_back(&expression);
}

void gather_series(const Expression& expression, std::vector<SeriesName>& names) {
  names.insert(names.end(), expression.series.begin(), expression.series.end());
  for (const Expression& operand : expression.operands) gather_series(operand, names);
}

/// std::min and std::max drop a NaN or keep it, by the order of their arguments.
double less_of(double a, double b) { return std::isnan(a) || a < b ? a : b; }
double greater_of(double a, double b) { return std::isnan(a) || a > b ? a : b; }

}  // namespace

Expression parse_expression(std::string_view text) { return Parser(text).parse(); }

std::string expression_text(const Expression& expression) {
  const auto operand = [&](std::size_t i) { return expression_text(expression.operands[i]); };
  switch (expression.kind) {
    case Kind::number:
      return fmt::format("{}", expression.number);
    case Kind::negate:
      return "-" + operand(0);
    case Kind::add:
      return fmt::format("({} + {})", operand(0), operand(1));
    case Kind::subtract:
      return fmt::format("({} - {})", operand(0), operand(1));
    case Kind::multiply:
      return fmt::format("({} * {})", operand(0), operand(1));
    case Kind::divide:
      return fmt::format("({} / {})", operand(0), operand(1));
    default:
      break;
  }
  std::string arguments;
  const auto add = [&](const std::string& text) { arguments += (arguments.empty() ? "" : ", ") + text; };
  for (const SeriesName& series : expression.series) add(series.key.empty() ? series.cell : series.cell + "." + series.key);
  for (std::size_t i = 0; i < expression.operands.size(); ++i) add(operand(i));
  return fmt::format("{}({})", function_of(expression).name, arguments);
}

std::vector<const Expression*> outer_calls(const Expression& expression) {
  std::vector<const Expression*> calls;
  gather_calls(expression, calls);
  return calls;
}

std::vector<SeriesName> series_of(const Expression& expression) {
  std::vector<SeriesName> names;
  gather_series(expression, names);
  return names;
}

double evaluate(const Expression& expression, FunctionRef<double(const Expression& call)> value_of) {
  const auto operand = [&](std::size_t i) { return evaluate(expression.operands[i], value_of); };
  switch (expression.kind) {
    case Kind::number:
      return expression.number;
    case Kind::add:
      return operand(0) + operand(1);
    case Kind::subtract:
      return operand(0) - operand(1);
    case Kind::multiply:
      return operand(0) * operand(1);
    case Kind::divide:
      return operand(0) / operand(1);
    case Kind::negate:
      return -operand(0);
    case Kind::log10:
      return std::log10(operand(0));
    case Kind::abs:
      return std::abs(operand(0));
    case Kind::min:
      return less_of(operand(0), operand(1));
    case Kind::max:
      return greater_of(operand(0), operand(1));
    case Kind::call:
      return value_of(expression);
  }
  return 0;
}

}  // namespace emotrain::study
