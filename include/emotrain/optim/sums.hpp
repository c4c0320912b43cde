#pragma once
#include <cstring>

#include "emotrain/core/real.hpp"

namespace emotrain::optim {

/// sum (a - b - ...)^2 in double, in an order that depends on n alone. Eight sums at a time, for the vector units.
template <class... Subtrahend>
double sum_of_squares(Index n, const Real* a, const Subtrahend*... b) {
  constexpr Index lanes = 8;
  using Narrow [[gnu::vector_size(lanes * sizeof(Real))]] = Real;
  using Wide [[gnu::vector_size(lanes * sizeof(double))]] = double;
  const auto load = [](Narrow& to, const Real* from) { std::memcpy(&to, from, sizeof to); };
  Wide sums{};
  Index i = 0;
  for (; i + lanes <= n; i += lanes) {
    Narrow x;
    [[maybe_unused]] Narrow y;
    load(x, a + i);
    ((load(y, b + i), x -= y), ...);
    const Wide wide = __builtin_convertvector(x, Wide);
    sums += wide * wide;
  }
  double sum = ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
  for (; i < n; ++i) {
    const double x = (a[i] - ... - b[i]);
    sum += x * x;
  }
  return sum;
}

}  // namespace emotrain::optim
