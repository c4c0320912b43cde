#include "emotrain/ops/norm.hpp"

#include <algorithm>
#include <cmath>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/kernels/norm.hpp"
#include "ops/gradient.hpp"

namespace emotrain::ops {
namespace {

using kernels::Channels;

void require_channels(const char* op, const char* what, const Tensor& t, Index channels) {
  if (!t.defined()) fail(ErrorKind::shape, "[{}] {} is undefined: want shape ({})", op, what, channels);
  if (t.shape() != Shape{channels})
    fail(ErrorKind::shape, "[{}] {} {}: want ({}), one value for each channel", op, what, t.shape(), channels);
}

Channels channels_of(const char* op, const Tensor& x) {
  if (x.rank() < 2) fail(ErrorKind::shape, "[{}] input {}: want (samples,channels,...)", op, x.shape());
  return {.samples = x.shape()[0], .channels = x.shape()[1], .inner = x.shape().size(2, x.rank())};
}

/// Runs backward(gradients) with memory for the gradients that are wanted, and adds them.
template <class Backward>
void pass_on(const Tensor& x, const Tensor& weight, const Tensor& bias, const Backward& backward) {
  // Nested, so that all three are written by one pass over the data.
  const auto with = [](const Tensor& t, const auto& next) {
    if (!t.requires_grad()) return next(nullptr);
    add_gradient(t, next);
  };
  with(x, [&](Real* dx) {
    with(weight, [&](Real* dweight) {
      with(bias, [&](Real* dbias) { backward(kernels::NormGradients{.x = dx, .weight = dweight, .bias = dbias}); });
    });
  });
}

void update_running(const Tensor& running, const double* batch, double factor, double momentum) {
  for (Index k = 0; k < running.size(); ++k) {
    const auto before = static_cast<double>(running.data()[k]);
    running.data()[k] = static_cast<Real>((1 - momentum) * before + momentum * factor * batch[k]);
  }
}

Tensor grouped(const char* op, const Tensor& x, const Channels& c, Index groups, const Tensor& weight, const Tensor& bias, double eps) {
  require_channels(op, "weight", weight, c.channels);
  require_channels(op, "bias", bias, c.channels);
  const Index rows = c.samples * groups;
  const Scratch<double> statistics(static_cast<std::size_t>(2 * rows));
  Tensor y = Tensor::empty(x.shape());
  kernels::group_norm(x.data(), c, groups, eps, weight.data(), bias.data(), statistics.data(), statistics.data() + rows, y.data());
  if (autograd::tracks(x, weight, bias)) {
    autograd::record(y, [=] {
      pass_on(x, weight, bias, [&](const kernels::NormGradients& out) {
        kernels::group_norm_backward(x.data(), y.grad().data(), c, groups, statistics.data(), statistics.data() + rows, weight.data(), out);
      });
    });
  }
  return y;
}

}  // namespace

Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean, const Tensor& running_var,
                  bool training, double momentum, double eps) {
  const char* op = "batch_norm";
  const Channels c = channels_of(op, x);
  require_channels(op, "weight", weight, c.channels);
  require_channels(op, "bias", bias, c.channels);
  require_channels(op, "running_mean", running_mean, c.channels);
  require_channels(op, "running_var", running_var, c.channels);
  const Scratch<double> statistics(static_cast<std::size_t>(2 * c.channels));
  double* mean = statistics.data();
  double* scale = mean + c.channels;
  if (training) {
    const auto count = static_cast<double>(c.samples * c.inner);
    if (count < 2) fail(ErrorKind::shape, "[batch_norm] input {} has one value for each channel: training wants a larger batch", x.shape());
    kernels::channel_moments(x.data(), c, mean, scale);
    update_running(running_mean, mean, 1, momentum);
    update_running(running_var, scale, count / (count - 1), momentum);
  } else {
    std::copy_n(running_mean.data(), c.channels, mean);
    std::copy_n(running_var.data(), c.channels, scale);
  }
  for (Index k = 0; k < c.channels; ++k) scale[k] = 1 / std::sqrt(scale[k] + eps);
  Tensor y = Tensor::empty(x.shape());
  kernels::batch_norm(x.data(), c, mean, scale, weight.data(), bias.data(), y.data());
  if (autograd::tracks(x, weight, bias)) {
    autograd::record(y, [=] {
      pass_on(x, weight, bias, [&](const kernels::NormGradients& out) {
        kernels::batch_norm_backward(x.data(), y.grad().data(), c, statistics.data(), statistics.data() + c.channels, weight.data(),
                                     training, out);
      });
    });
  }
  return y;
}

Tensor group_norm(const Tensor& x, Index groups, const Tensor& weight, const Tensor& bias, double eps) {
  const Channels c = channels_of("group_norm", x);
  if (groups < 1 || c.channels % groups != 0) {
    fail(ErrorKind::shape, "[group_norm] {} groups of {} channels: give a number of groups that divides the channels", groups, c.channels);
  }
  return grouped("group_norm", x, c, groups, weight, bias, eps);
}

Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps) {
  if (x.rank() == 0) fail(ErrorKind::shape, "[layer_norm] input {}: want at least one axis", x.shape());
  const Channels c{.samples = x.shape().size(0, x.rank() - 1), .channels = x.shape()[-1], .inner = 1};
  return grouped("layer_norm", x, c, 1, weight, bias, eps);
}

}  // namespace emotrain::ops
