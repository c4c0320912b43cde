#pragma once
#include <cstring>

#include "emotrain/core/real.hpp"

namespace emotrain::optim {

/// sum (a - b - ...)^2 in double, in an order that depends on n alone (and on the width of the registers that the library is built for): a
/// few chains of additions side by side, so that their latency is hidden.
template <class... Subtrahend>
double sum_of_squares(Index n, const Real* a, const Subtrahend*... b) {
  constexpr Index lanes = __BIGGEST_ALIGNMENT__ / sizeof(double);
  constexpr Index chains = 4;
  using Narrow [[gnu::vector_size(lanes * sizeof(Real))]] = Real;
  using Wide [[gnu::vector_size(lanes * sizeof(double))]] = double;
  const auto difference = [&](Index i) {
    Narrow x;
    [[maybe_unused]] Narrow y;
    std::memcpy(&x, a + i, sizeof x);
    ((std::memcpy(&y, b + i, sizeof y), x -= y), ...);
    return __builtin_convertvector(x, Wide);
  };
  Wide sum0{};
  Wide sum1{};
  Wide sum2{};
  Wide sum3{};
  const auto add = [&](Wide& sum, Index i) {
    const Wide x = difference(i);
    sum += x * x;
  };
  Index i = 0;
  for (; i + lanes * chains <= n; i += lanes * chains) {
    add(sum0, i);
    add(sum1, i + lanes);
    add(sum2, i + 2 * lanes);
    add(sum3, i + 3 * lanes);
  }
  for (; i + lanes <= n; i += lanes) add(sum0, i);
  const Wide all = (sum0 + sum1) + (sum2 + sum3);
  double sum = 0;
  for (Index lane = 0; lane < lanes; ++lane) sum += all[lane];
  for (; i < n; ++i) {
    const double x = (a[i] - ... - b[i]);
    sum += x * x;
  }
  return sum;
}

}  // namespace emotrain::optim
