#include "emotrain/kernels/norm.hpp"

#include <cmath>
#include <type_traits>

#include "emotrain/core/buffer.hpp"
#include "kernels/cpu/sums.hpp"
#include "kernels/cpu/tiles.hpp"

namespace emotrain::kernels {
namespace {

/// Calls f(place in x, channel, step, count) for the runs of the channels [first, last) of a sample: one for each channel (step 0), or, if
/// a channel is a single value, one along the channels (step 1). Element i of a run belongs to `channel + i * step`.
template <class F>
void for_runs(const Channels& c, Index sample, Index first, Index last, const F& f) {
  if (c.inner == 1) return f(sample * c.channels + first, first, std::integral_constant<Index, 1>{}, last - first);
  for (Index channel = first; channel < last; ++channel) {
    f((sample * c.channels + channel) * c.inner, channel, std::integral_constant<Index, 0>{}, c.inner);
  }
}

/// What belongs to the channels of a run: one value for all its elements (step 0), or one for each.
template <class T, Index step>
class Along {
 public:
  Along(const T* values, std::integral_constant<Index, step> /*unused*/) : values_(values), only_(*values) {}
  T operator[](Index i) const { return step == 0 ? only_ : values_[i]; }

 private:
  const T* values_;
  T only_;
};

/// Adds term(i) for i in [0, n) to the total of the channel that it belongs to.
template <class Step, class Term>
void accumulate(double* total, Step step, Index n, const Term& term) {
  if constexpr (step == 0) {
    *total += sum_of(n, term);
  } else {
    for (Index i = 0; i < n; ++i) total[i] += static_cast<double>(term(i));
  }
}

template <class F>
void for_tiles_of_channels(const Channels& c, F&& f) {
  constexpr Index fewest = 16;  // a cache line of values, where channels lie side by side
  for_tiles(c.channels, std::max(items_per_tile(c.samples * c.inner), c.inner == 1 ? fewest : 1), f);
}

template <class F>
void for_runs_of_all(const Channels& c, Index first, Index last, const F& f) {
  for (Index sample = 0; sample < c.samples; ++sample) for_runs(c, sample, first, last, f);
}

}  // namespace

void channel_moments(const Real* x, const Channels& c, double* mean, double* variance) {
  const auto count = static_cast<double>(c.samples * c.inner);
  for_tiles_of_channels(c, [&](Index first, Index last) {
    std::fill(mean + first, mean + last, 0.0);
    std::fill(variance + first, variance + last, 0.0);
    for_runs_of_all(c, first, last, [&](Index at, Index channel, auto step, Index n) {
      accumulate(mean + channel, step, n, [from = x + at](Index i) { return from[i]; });
    });
    for (Index channel = first; channel < last; ++channel) mean[channel] /= count;
    for_runs_of_all(c, first, last, [&](Index at, Index channel, auto step, Index n) {
      accumulate(variance + channel, step, n, [from = x + at, m = Along(mean + channel, step)](Index i) {
        const double d = static_cast<double>(from[i]) - m[i];
        return d * d;
      });
    });
    for (Index channel = first; channel < last; ++channel) variance[channel] /= count;
  });
}

void batch_norm(const Real* x, const Channels& c, const double* mean, const double* scale, const Real* weight, const Real* bias, Real* y) {
  const Scratch<Real> coefficients(static_cast<std::size_t>(2 * c.channels));
  Real* center = coefficients.data();
  Real* slope = center + c.channels;
  for (Index k = 0; k < c.channels; ++k) {
    center[k] = static_cast<Real>(mean[k]);
    slope[k] = static_cast<Real>(scale[k]) * weight[k];
  }
  for_tiles_of_channels(c, [&](Index first, Index last) {
    for_runs_of_all(c, first, last, [&](Index at, Index channel, auto step, Index n) {
      const Real* __restrict from = x + at;
      Real* __restrict to = y + at;
      const Along m(center + channel, step);
      const Along a(slope + channel, step);
      const Along b(bias + channel, step);
      for (Index i = 0; i < n; ++i) to[i] = (from[i] - m[i]) * a[i] + b[i];
    });
  });
}

namespace {

/// sum_g = the sum of g, sum_gx = the sum of g * (x - mean), for the channels [first, last).
void channel_sums(const Real* x, const Real* g, const Channels& c, Index first, Index last, const Real* mean, double* sum_g,
                  double* sum_gx) {
  std::fill(sum_g + first, sum_g + last, 0.0);
  std::fill(sum_gx + first, sum_gx + last, 0.0);
  for_runs_of_all(c, first, last, [&](Index at, Index channel, auto step, Index n) {
    const Real* up = g + at;
    accumulate(sum_g + channel, step, n, [up](Index i) { return up[i]; });
    accumulate(sum_gx + channel, step, n,
               [up, from = x + at, m = Along(mean + channel, step)](Index i) { return up[i] * (from[i] - m[i]); });
  });
}

}  // namespace

void batch_norm_backward(const Real* x, const Real* g, const Channels& c, const double* mean, const double* scale, const Real* weight,
                         bool by_batch, const NormGradients& out) {
  const double share = by_batch ? 1 / static_cast<double>(c.samples * c.inner) : 0;
  const Scratch<double> sums(static_cast<std::size_t>(2 * c.channels));
  double* sum_g = sums.data();
  double* sum_gx = sum_g + c.channels;
  const Scratch<Real> coefficients(static_cast<std::size_t>(4 * c.channels));
  Real* center = coefficients.data();
  Real* shift = center + c.channels;
  Real* tilt = shift + c.channels;
  Real* slope = tilt + c.channels;
  for (Index k = 0; k < c.channels; ++k) center[k] = static_cast<Real>(mean[k]);
  for_tiles_of_channels(c, [&](Index first, Index last) {
    channel_sums(x, g, c, first, last, center, sum_g, sum_gx);
    for (Index k = first; k < last; ++k) {
      shift[k] = static_cast<Real>(share * sum_g[k]);
      tilt[k] = static_cast<Real>(share * scale[k] * scale[k] * sum_gx[k]);
      slope[k] = static_cast<Real>(scale[k]) * weight[k];
      if (out.weight != nullptr) out.weight[k] = static_cast<Real>(scale[k] * sum_gx[k]);
      if (out.bias != nullptr) out.bias[k] = static_cast<Real>(sum_g[k]);
    }
    if (out.x == nullptr) return;
    for_runs_of_all(c, first, last, [&](Index at, Index channel, auto step, Index n) {
      const Real* __restrict up = g + at;
      const Real* __restrict from = x + at;
      Real* __restrict to = out.x + at;
      const Along m(center + channel, step);
      const Along p(shift + channel, step);
      const Along q(tilt + channel, step);
      const Along a(slope + channel, step);
      for (Index i = 0; i < n; ++i) to[i] = (up[i] - p[i] - (from[i] - m[i]) * q[i]) * a[i];
    });
  });
}

void group_norm(const Real* x, const Channels& c, Index groups, double eps, const Real* weight, const Real* bias, double* mean,
                double* scale, Real* y) {
  const Index in_group = c.channels / groups;
  const Index size = in_group * c.inner;
  for_tiles(c.samples * groups, items_per_tile(size), [&](Index first, Index last) {
    for (Index group = first; group < last; ++group) {
      const Real* values = x + group * size;
      const double m = sum(values, size) / static_cast<double>(size);
      const double square = sum_of(size, [values, m](Index i) {
        const double d = static_cast<double>(values[i]) - m;
        return d * d;
      });
      const double s = 1 / std::sqrt(square / static_cast<double>(size) + eps);
      mean[group] = m;
      scale[group] = s;
      const Index channel0 = group % groups * in_group;
      for_runs(c, group / groups, channel0, channel0 + in_group, [&](Index at, Index channel, auto step, Index n) {
        const Real* __restrict from = x + at;
        Real* __restrict to = y + at;
        const Along w(weight + channel, step);
        const Along b(bias + channel, step);
        for (Index i = 0; i < n; ++i) to[i] = (from[i] - static_cast<Real>(m)) * static_cast<Real>(s) * w[i] + b[i];
      });
    }
  });
}

namespace {

/// One group's part of the backward pass; adds to the totals of its channels.
void group_backward(const Real* x, const Real* g, const Channels& c, Index sample, Index first, Index last, Real m, Real s,
                    const Real* weight, double* sum_g, double* sum_gx, Real* dx) {
  double sum_h = 0;  // h = g * weight
  double sum_hx = 0;
  for_runs(c, sample, first, last, [&](Index at, Index channel, auto step, Index n) {
    const Real* up = g + at;
    const Real* from = x + at;
    const Along w(weight + channel, step);
    accumulate(sum_g + channel, step, n, [up](Index i) { return up[i]; });
    accumulate(sum_gx + channel, step, n, [up, from, m, s](Index i) { return up[i] * (from[i] - m) * s; });
    sum_h += sum_of(n, [up, w](Index i) { return up[i] * w[i]; });
    sum_hx += sum_of(n, [up, from, w, m, s](Index i) { return up[i] * w[i] * (from[i] - m) * s; });
  });
  if (dx == nullptr) return;
  const auto count = static_cast<double>((last - first) * c.inner);
  const auto shift = static_cast<Real>(sum_h / count);
  const Real slope = s * static_cast<Real>(sum_hx / count);
  for_runs(c, sample, first, last, [&](Index at, Index channel, auto step, Index n) {
    const Real* __restrict up = g + at;
    const Real* __restrict from = x + at;
    Real* __restrict to = dx + at;
    const Along w(weight + channel, step);
    for (Index i = 0; i < n; ++i) to[i] = s * (up[i] * w[i] - shift - (from[i] - m) * slope);
  });
}

}  // namespace

void group_norm_backward(const Real* x, const Real* g, const Channels& c, Index groups, const double* mean, const double* scale,
                         const Real* weight, const NormGradients& out) {
  // Each part of the samples has totals of its own, added up in order.
  const Index grain = std::max(items_per_tile(c.channels * c.inner), (c.samples + 15) / 16);
  const Index parts = (c.samples + grain - 1) / grain;
  const Index in_group = c.channels / groups;
  const Scratch<double> totals(static_cast<std::size_t>(2 * c.channels * std::max<Index>(1, parts)));
  double* total = totals.data();
  std::fill_n(total, 2 * c.channels * std::max<Index>(1, parts), 0.0);
  for_tiles(c.samples, grain, [&](Index first, Index last) {
    double* sum_g = total + first / grain * 2 * c.channels;
    for (Index i = first * groups; i < last * groups; ++i) {
      const Index channel = i % groups * in_group;
      group_backward(x, g, c, i / groups, channel, channel + in_group, static_cast<Real>(mean[i]), static_cast<Real>(scale[i]), weight,
                     sum_g, sum_g + c.channels, out.x);
    }
  });
  for (Index part = 1; part < parts; ++part) {
    for (Index i = 0; i < 2 * c.channels; ++i) total[i] += total[part * 2 * c.channels + i];
  }
  for (Index k = 0; k < c.channels; ++k) {
    if (out.bias != nullptr) out.bias[k] = static_cast<Real>(total[k]);
    if (out.weight != nullptr) out.weight[k] = static_cast<Real>(total[c.channels + k]);
  }
}

}  // namespace emotrain::kernels
