#pragma once
#include "emotrain/core/real.hpp"
#include "emotrain/core/shape.hpp"

namespace emotrain::kernels {

/// out = scale * the sum of x over the axes where out has extent 1 or that it lacks (out_shape broadcasts to x_shape). Adds in float64.
void sum_to(const Real* x, const Shape& x_shape, Real scale, Real* out, const Shape& out_shape);
/// The maximum over those axes, and the place in x of the first one. A NaN counts as larger than any number.
void max_to(const Real* x, const Shape& x_shape, Real* out, Index* place, const Shape& out_shape);

/// Each row of x (rows, columns): y = exp(x) / sum exp(x), or its logarithm. Shifted by the row's maximum.
void softmax(const Real* x, Real* y, Index rows, Index columns);
void log_softmax(const Real* x, Real* y, Index rows, Index columns);
/// dx = y (g - sum g y).
void softmax_backward(const Real* y, const Real* g, Real* dx, Index rows, Index columns);
/// dx = g - exp(y) sum g.
void log_softmax_backward(const Real* y, const Real* g, Real* dx, Index rows, Index columns);

}  // namespace emotrain::kernels
