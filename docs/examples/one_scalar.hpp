#pragma once
#include "emotrain/ops/elementwise.hpp"

/// The error of w x at one point, squared, and the square of w: so w has a part in it twice.
inline emotrain::Tensor penalized_error(const emotrain::Tensor& w, const emotrain::Tensor& x, const emotrain::Tensor& t) {
  namespace ops = emotrain::ops;
  const emotrain::Tensor a = ops::mul(w, x);
  const emotrain::Tensor e = ops::sub(a, t);
  const emotrain::Tensor s = ops::square(e);
  const emotrain::Tensor p = ops::square(w);
  return ops::add(s, p);
}
