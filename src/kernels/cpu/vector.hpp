#pragma once
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#include <bit>
#include <cstring>
#include <utility>

#include "emotrain/core/real.hpp"

/// The compiler's vector types: one SIMD register of Real, whatever its width on the machine that the library is built for.
namespace emotrain::kernels {

#if defined(__AVX512F__)
inline constexpr int vector_bytes = 64;
inline constexpr int vector_registers = 32;
#elif defined(__AVX__)
inline constexpr int vector_bytes = 32;
inline constexpr int vector_registers = 16;
#else
inline constexpr int vector_bytes = 16;
inline constexpr int vector_registers = 16;
#endif

inline constexpr int lanes = vector_bytes / static_cast<int>(sizeof(Real));

using Vec [[gnu::vector_size(vector_bytes)]] = Real;

inline Vec load(const Real* from) {
  Vec value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

inline void store(Real* to, Vec value) { std::memcpy(to, &value, sizeof value); }

/// The first n < lanes values, and zeros; memory behind them is not touched. The only place that needs the machine's own instructions.
inline Vec load_part(const Real* from, Index n) {
#if defined(__AVX512F__)
  const auto mask = static_cast<unsigned>((1U << static_cast<unsigned>(n)) - 1U);
  if constexpr (sizeof(Real) == 4) {
    return reinterpret_cast<Vec>(_mm512_maskz_loadu_ps(static_cast<__mmask16>(mask), from));
  } else {
    return reinterpret_cast<Vec>(_mm512_maskz_loadu_pd(static_cast<__mmask8>(mask), from));
  }
#else
  Real lane[lanes] = {};
  std::memcpy(lane, from, static_cast<std::size_t>(n) * sizeof(Real));
  return load(lane);
#endif
}

inline void store_part(Real* to, Vec value, Index n) {
#if defined(__AVX512F__)
  const auto mask = static_cast<unsigned>((1U << static_cast<unsigned>(n)) - 1U);
  if constexpr (sizeof(Real) == 4) {
    _mm512_mask_storeu_ps(to, static_cast<__mmask16>(mask), reinterpret_cast<__m512>(value));
  } else {
    _mm512_mask_storeu_pd(to, static_cast<__mmask8>(mask), reinterpret_cast<__m512d>(value));
  }
#else
  std::memcpy(to, &value, static_cast<std::size_t>(n) * sizeof(Real));
#endif
}

/// Calls body(position, load, store) for each register of n values, where load(p) and store(p, v) touch just the values that exist.
template <class Body>
[[gnu::always_inline]] inline void for_each_vector(Index n, Body&& body) {
  Index j = 0;
  for (; j + lanes <= n; j += lanes) {
    body(
        j, [](const Real* from) { return load(from); }, [](Real* to, Vec value) { store(to, value); });
  }
  if (j < n) {
    body(
        j, [rest = n - j](const Real* from) { return load_part(from, rest); },
        [rest = n - j](Real* to, Vec value) { store_part(to, value, rest); });
  }
}

inline Vec broadcast(Real value) { return value - Vec{}; }

/// Stops the compiler from loading the value again at each use: a load that crosses cache lines costs more than a register.
inline void keep_in_register([[maybe_unused]] Vec& value) {
#if defined(__AVX512F__)
  asm("" : "+v"(value));
#elif defined(__x86_64__)
  asm("" : "+x"(value));
#endif
}

/// Sum of the lanes, by halves.
inline Real horizontal_sum(Vec value) {
  Real lane[lanes];
  store(lane, value);
  for (int width = lanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) lane[i] += lane[i + width];
  }
  return lane[0];
}

namespace detail {
/// Places first, first + 1, ... of the sequence a0 b0 a1 b1 ...
template <int first, class V, int... I>
V interleave(V a, V b, std::integer_sequence<int, I...> /*unused*/) {
  constexpr int n = sizeof...(I);
  return __builtin_shufflevector(a, b, ((first + I) % 2 * n + (first + I) / 2)...);
}
template <int first, class V, int... I>
V every_second(V a, V b, std::integer_sequence<int, I...> /*unused*/) {
  return __builtin_shufflevector(a, b, (2 * I + first)...);
}
template <class V>
using Places = std::make_integer_sequence<int, static_cast<int>(sizeof(V) / sizeof(Real))>;
}  // namespace detail

/// a0 b0 a1 b1 ... from the lower, or the upper, halves.
template <class V>
V interleave_low(V a, V b) {
  return detail::interleave<0>(a, b, detail::Places<V>{});
}
template <class V>
V interleave_high(V a, V b) {
  return detail::interleave<detail::Places<V>::size()>(a, b, detail::Places<V>{});
}
/// a0 a2 ... b0 b2 ..., and a1 a3 ... b1 b3 ...
template <class V>
V even_lanes(V a, V b) {
  return detail::every_second<0>(a, b, detail::Places<V>{});
}
template <class V>
V odd_lanes(V a, V b) {
  return detail::every_second<1>(a, b, detail::Places<V>{});
}

/// `value` where `test` is positive, else 0.
template <class V>
V where_positive(V test, V value) {
  return test > V{} ? value : V{};
}

/// A register, or a part of one, of `width` values.
template <int width>
struct Slice {
  using Type [[gnu::vector_size(width * sizeof(Real))]] = Real;
  static constexpr Index size = width;
  static Type get(const Real* from) {
    Type value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }
  static void put(Real* to, Type value) { std::memcpy(to, &value, sizeof value); }
};

/// Calls body(slice, row, position) for rows of n values each until all are covered, some of them twice: what the body writes must depend
/// only on what it does not write. Short rows cost a few whole moves this way instead of a masked one.
template <int width = lanes, class Body>
[[gnu::always_inline]] inline void cover(Index rows, Index n, Body&& body) {
  if (n >= width) {
    for (Index row = 0; row < rows; ++row) {
      for (Index j = 0; j + width <= n; j += width) body(Slice<width>{}, row, j);
      if (n % width != 0) body(Slice<width>{}, row, n - width);
    }
  } else if constexpr (width > 1) {
    cover<width / 2>(rows, n, std::forward<Body>(body));
  }
}

/// Transposes a square block held in `lanes` registers: log2(lanes) rounds of interleaving the lower with the upper half of the rows.
inline void transpose(Vec (&rows)[lanes]) {
#pragma GCC unroll 6
  for (int round = 1; round < lanes; round *= 2) {
    Vec next[lanes];
#pragma GCC unroll 16
    for (int i = 0; i < lanes / 2; ++i) {
      next[2 * i] = interleave_low(rows[i], rows[i + lanes / 2]);
      next[2 * i + 1] = interleave_high(rows[i], rows[i + lanes / 2]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < lanes; ++i) rows[i] = next[i];
  }
}

}  // namespace emotrain::kernels
