#include "emotrain/nn/function.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numbers>

#include "emotrain/core/random.hpp"

namespace emotrain::nn {
namespace {

constexpr Index quadratic_dimensions = 20;

/// Curvatures from 0.01 to 1, evenly on the scale of logarithms.
double curvature(std::size_t i) { return std::pow(10.0, -2 * static_cast<double>(i) / (quadratic_dimensions - 1)); }

double quadratic(std::span<const double> x) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += curvature(i) * x[i] * x[i] / 2;
  return sum;
}

void quadratic_gradient(std::span<const double> x, std::span<double> out) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = curvature(i) * x[i];
}

double rosenbrock(std::span<const double> x) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    const double valley = x[i + 1] - x[i] * x[i];
    sum += 100 * valley * valley + (1 - x[i]) * (1 - x[i]);
  }
  return sum;
}

void rosenbrock_gradient(std::span<const double> x, std::span<double> out) {
  std::ranges::fill(out, 0.0);
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    const double valley = x[i + 1] - x[i] * x[i];
    out[i] += -400 * x[i] * valley - 2 * (1 - x[i]);
    out[i + 1] += 200 * valley;
  }
}

double rastrigin(std::span<const double> x) {
  double sum = 10 * static_cast<double>(x.size());
  for (const double c : x) sum += c * c - 10 * std::cos(2 * std::numbers::pi * c);
  return sum;
}

void rastrigin_gradient(std::span<const double> x, std::span<double> out) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = 2 * x[i] + 20 * std::numbers::pi * std::sin(2 * std::numbers::pi * x[i]);
}

double steep_quadratic(std::span<const double> x) { return (x[0] * x[0] + 0.05 * x[1] * x[1]) / 2; }

void steep_quadratic_gradient(std::span<const double> x, std::span<double> out) {
  out[0] = x[0];
  out[1] = 0.05 * x[1];
}

double himmelblau(std::span<const double> x) {
  const double a = x[0] * x[0] + x[1] - 11;
  const double b = x[0] + x[1] * x[1] - 7;
  return a * a + b * b;
}

void himmelblau_gradient(std::span<const double> x, std::span<double> out) {
  const double a = x[0] * x[0] + x[1] - 11;
  const double b = x[0] + x[1] * x[1] - 7;
  out[0] = 4 * x[0] * a + 2 * b;
  out[1] = 2 * a + 4 * x[1] * b;
}

/// The terms c - x (1 - y^k), k = 1, 2, 3.
constexpr std::array beale_constants{1.5, 2.25, 2.625};

double beale(std::span<const double> x) {
  double sum = 0;
  double power = 1;
  for (const double c : beale_constants) {
    power *= x[1];
    const double term = c - x[0] * (1 - power);
    sum += term * term;
  }
  return sum;
}

void beale_gradient(std::span<const double> x, std::span<double> out) {
  std::ranges::fill(out, 0.0);
  double before = 1;
  double k = 1;
  for (const double c : beale_constants) {
    const double power = before * x[1];
    const double term = c - x[0] * (1 - power);
    out[0] -= 2 * term * (1 - power);
    out[1] += 2 * term * x[0] * k * before;
    before = power;
    ++k;
  }
}

double saddle(std::span<const double> x) {
  const double well = x[1] * x[1] - 1;
  return x[0] * x[0] / 2 + well * well / 4;
}

void saddle_gradient(std::span<const double> x, std::span<double> out) {
  out[0] = x[0];
  out[1] = x[1] * (x[1] * x[1] - 1);
}

constexpr Interval two[] = {{-2, 2}};
constexpr Interval five[] = {{-5, 5}};
constexpr Interval rastrigin_box[] = {{-5.12, 5.12}};
/// The ridge between the two valleys is y = 0.
constexpr Interval ridge[] = {{-2, 2}, {-0.05, 0.05}};

constexpr std::array<double, quadratic_dimensions> origin{};
constexpr std::array<double, 4> ones{1, 1, 1, 1};
constexpr std::array<double, 2> beale_minimum{3, 0.5};
constexpr std::array<double, 4> saddle_minima{0, 1, 0, -1};
/// Beside (3, 2) the roots of x^2 + y = 11, x + y^2 = 7.
constexpr std::array<double, 8> himmelblau_minima{
    3, 2, -2.80511808695274485, 3.13131251825057297, -3.77931025337774689, -3.28318599128616941, 3.58442834033049174, -1.84812652696440355};

constexpr std::span zeros(origin);

constexpr Function all[] = {
    {"noisy_quadratic", "sum of h x^2 / 2 with 20 curvatures h from 1 down to 0.01, noise on loss and gradient; least at 0: 0",
     quadratic_dimensions, two, 0.1, quadratic, quadratic_gradient, zeros},
    {"rosenbrock", "sum of 100 (y - x^2)^2 + (1 - x)^2 over neighbours of 4 coordinates, a bent valley; least at (1, 1, ...): 0", 4, two,
     0.1, rosenbrock, rosenbrock_gradient, ones},
    {"rastrigin", "sum of x^2 + 10 - 10 cos(2 pi x) over 10 coordinates, a bowl full of dents; least at 0: 0", 10, rastrigin_box, 20,
     rastrigin, rastrigin_gradient, zeros.first(10)},
    {"noisy_quadratic_2d",
     "(x^2 + 0.05 y^2) / 2, a long bowl, much noise; least at 0: 0",
     2,
     two,
     0.3,
     steep_quadratic,
     steep_quadratic_gradient,
     zeros.first(2),
     0,
     {{{-2.5, 2.5}, {-2.5, 2.5}}}},
    {"rosenbrock_2d",
     "100 (y - x^2)^2 + (1 - x)^2, a bent valley; least at (1, 1): 0",
     2,
     two,
     0.1,
     rosenbrock,
     rosenbrock_gradient,
     std::span(ones).first(2),
     0,
     {{{-2.25, 2.25}, {-2.25, 3.25}}}},
    {"rastrigin_2d",
     "sum of x^2 + 10 - 10 cos(2 pi x) over 2 coordinates, a bowl full of dents; least at 0: 0",
     2,
     rastrigin_box,
     5,
     rastrigin,
     rastrigin_gradient,
     zeros.first(2),
     0,
     {{{-5.5, 5.5}, {-5.5, 5.5}}}},
    {"himmelblau",
     "(x^2 + y - 11)^2 + (x + y^2 - 7)^2, four valleys; least at (3, 2), (-2.8, 3.1), (-3.8, -3.3), (3.6, -1.8): 0",
     2,
     five,
     1,
     himmelblau,
     himmelblau_gradient,
     himmelblau_minima,
     0,
     {{{-5.5, 5.5}, {-5.5, 5.5}}}},
    {"beale",
     "(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2, a flat valley between steep walls; least at (3, 0.5): 0",
     2,
     two,
     0.1,
     beale,
     beale_gradient,
     beale_minimum,
     0,
     {{{-2.5, 4.5}, {-2.5, 2.5}}}},
    {"saddle",
     "x^2 / 2 + (y^2 - 1)^2 / 4, a saddle of height 1/4 at 0, started near its ridge; least at (0, 1), (0, -1): 0",
     2,
     ridge,
     0.05,
     saddle,
     saddle_gradient,
     saddle_minima,
     0,
     {{{-2.25, 2.25}, {-1.75, 1.75}}}},
};

constexpr auto names = [] {
  std::array<const char*, std::size(all)> out{};
  std::ranges::transform(all, out.begin(), &Function::name);
  return out;
}();

}  // namespace

void Function::start(std::uint64_t seed, std::span<Real> x) const {
  const RandomKey key{.seed = seed, .stream = Stream::init};
  if (start_box.size() == 1) return fill_uniform(key, 0, x.data(), dimensions, start_box[0].low, start_box[0].high);
  for (std::size_t i = 0; i < x.size(); ++i) fill_uniform(key, i, &x[i], 1, start_box[i].low, start_box[i].high);
}

std::span<const Function> functions() { return all; }

std::span<const char* const> function_names() { return names; }

const Function* find_function(std::string_view name) {
  const auto found = std::ranges::find_if(all, [&](const Function& function) { return function.name == name; });
  return found == std::end(all) ? nullptr : found;
}

}  // namespace emotrain::nn
