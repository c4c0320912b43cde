#include "emotrain/study/function.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "emotrain/core/random.hpp"

namespace emotrain::study {
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

constexpr Function all[] = {
    {"noisy_quadratic", "sum of h x^2 / 2 with 20 curvatures h from 1 down to 0.01, noise on loss and gradient; least at 0: 0",
     quadratic_dimensions, -2, 2, 0.1, quadratic, quadratic_gradient},
    {"rosenbrock", "sum of 100 (y - x^2)^2 + (1 - x)^2 over neighbours of 4 coordinates, a bent valley; least at (1, 1, ...): 0", 4, -2, 2,
     0.1, rosenbrock, rosenbrock_gradient},
    {"rastrigin", "sum of x^2 + 10 - 10 cos(2 pi x) over 10 coordinates, a bowl full of dents; least at 0: 0", 10, -5.12, 5.12, 20,
     rastrigin, rastrigin_gradient},
};

}  // namespace

void Function::start(std::uint64_t seed, std::span<Real> x) const {
  fill_uniform({.seed = seed, .stream = Stream::init}, 0, x.data(), static_cast<Index>(x.size()), start_low, start_high);
}

std::span<const Function> functions() { return all; }

const Function* find_function(std::string_view name) {
  const auto found = std::ranges::find_if(all, [&](const Function& function) { return function.name == name; });
  return found == std::end(all) ? nullptr : found;
}

}  // namespace emotrain::study
