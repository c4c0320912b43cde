#pragma once
#include "emotrain/core/real.hpp"
#include "emotrain/core/shape.hpp"

/// Kernels overwrite their outputs; unless said otherwise outputs do not overlap inputs. Large problems are cut into tiles of fixed size,
/// so that no result depends on the number of threads.
namespace emotrain::kernels {

enum class Unary { exp, log, sqrt, square, tanh, sigmoid, relu, leaky_relu, gelu, silu, softplus };

/// y[i] = f(x[i]). `slope` is leaky_relu's.
void map(Unary f, Real slope, const Real* x, Real* y, Index n);
/// dx[i] = g[i] * f'(x[i]), given y = f(x).
void map_backward(Unary f, Real slope, const Real* x, const Real* y, const Real* g, Real* dx, Index n);

/// y[i] = scale * x[i] + shift.
void affine(const Real* x, Real scale, Real shift, Real* y, Index n);

enum class Binary { add, sub, mul, div };

/// out = f(a, b) with a and b broadcast to the shape of out. `out` may be a or b if that has the shape of out.
void zip(Binary f, const Real* a, const Shape& a_shape, const Real* b, const Shape& b_shape, Real* out, const Shape& out_shape);

/// out[i] = a[i] f b[i]; `out` may be a or b.
void zip(Binary f, const Real* a, const Real* b, Real* out, Index n);

/// mask[i] = mask[i] < probability ? 0 : 1 / (1 - probability), y = x * mask. `mask` holds uniform numbers in [0, 1) on entry.
void dropout(const Real* x, double probability, Real* mask, Real* y, Index n);
/// spread = exp(log_variance / 2) * noise, y = mean + spread. `spread` holds the noise on entry.
void sample_gaussian(const Real* mean, const Real* log_variance, Real* spread, Real* y, Index n);

}  // namespace emotrain::kernels
