#include "emotrain/kernels/elementwise.hpp"
#include "kernels/cpu/walk.hpp"

namespace emotrain::kernels {
namespace {

/// Calls body with the function as a lambda, so that each gets loops of its own.
template <class Body>
void with_function(Binary f, const Body& body) {
  switch (f) {
    case Binary::add:
      return body([](Real a, Real b) { return a + b; });
    case Binary::sub:
      return body([](Real a, Real b) { return a - b; });
    case Binary::mul:
      return body([](Real a, Real b) { return a * b; });
    case Binary::div:
      return body([](Real a, Real b) { return a / b; });
  }
}

// `out` may be `a` or `b`, element by element: no value is read after another one was written over it.
template <class F>
void zip_row(F f, const Real* a, Index a_step, const Real* b, Index b_step, Real* out, Index n) {
  if (a_step != 0 && b_step != 0) {
#pragma GCC ivdep
    for (Index i = 0; i < n; ++i) out[i] = f(a[i], b[i]);
  } else if (a_step != 0) {
    const Real value = *b;
#pragma GCC ivdep
    for (Index i = 0; i < n; ++i) out[i] = f(a[i], value);
  } else if (b_step != 0) {
    const Real value = *a;
#pragma GCC ivdep
    for (Index i = 0; i < n; ++i) out[i] = f(value, b[i]);
  } else {
    const Real value = f(*a, *b);
    for (Index i = 0; i < n; ++i) out[i] = value;
  }
}

}  // namespace

void zip(Binary f, const Real* a, const Real* b, Real* out, Index n) {
  with_function(f, [&](auto function) {
    for_tiles(n, tile, [&](Index first, Index last) { zip_row(function, a + first, 1, b + first, 1, out + first, last - first); });
  });
}

void zip(Binary f, const Real* a, const Shape& a_shape, const Real* b, const Shape& b_shape, Real* out, const Shape& out_shape) {
  if (a_shape == out_shape && b_shape == out_shape) return zip(f, a, b, out, out_shape.size());
  if (out_shape.size() == 0) return;
  const Walk walk(out_shape, a_shape, b_shape);
  with_function(f, [&](auto function) {
    for_tiles(walk.outer_extent(), items_per_tile(walk.outer_size()), [&](Index first, Index last) {
      walk.rows(first, last, [&](const Walk::Place& at, Index n) {
        zip_row(function, a + at.a, walk.inner_step().a, b + at.b, walk.inner_step().b, out + at.whole, n);
      });
    });
  });
}

}  // namespace emotrain::kernels
