#include "emotrain/ops/losses.hpp"

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/kernels/elementwise.hpp"
#include "emotrain/kernels/losses.hpp"
#include "emotrain/ops/elementwise.hpp"
#include "ops/gradient.hpp"

namespace emotrain::ops {
namespace {

using kernels::Binary;
using kernels::Loss;

/// Elements (`each`), or their sum times `scale`.
struct Total {
  bool each;
  double scale;
};

Total total(Reduction reduction, Index count) {
  return {.each = reduction == Reduction::none, .scale = reduction == Reduction::mean ? 1 / static_cast<double>(count) : 1};
}

void require_same(const char* op, const char* what, const Tensor& a, const char* other, const Tensor& b) {
  if (a.shape() != b.shape()) {
    fail(ErrorKind::shape, "[{}] {} {} and {} {} differ: give tensors of one shape", op, what, a.shape(), other, b.shape());
  }
}

struct Inputs {
  Tensor a;
  Tensor b;       // may be undefined
  Tensor target;  // may be undefined; gets no gradient
  double parameter = 0;
};

Scratch<Real> room_for_slope(const Tensor& input) {
  return Scratch<Real>(static_cast<std::size_t>(input.defined() && input.requires_grad() ? input.size() : 0));
}

/// Adds dy * scale * slope to the gradient.
void pass_on(const Tensor& input, const Tensor& y, const Total& how, const Scratch<Real>& slope) {
  add_gradient(input, [&](Real* dx) {
    const Real* dy = y.grad().data();
    if (how.each) {
      kernels::zip(Binary::mul, dy, slope.data(), dx, input.size());
    } else {
      kernels::affine(slope.data(), static_cast<Real>(*dy * how.scale), 0, dx, input.size());
    }
  });
}

/// Losses and derivatives come from one pass over the inputs: the backward pass only scales.
Tensor elementwise_loss(Loss kind, const Inputs& in, const Total& how) {
  Tensor y = Tensor::empty(how.each ? in.a.shape() : Shape{});
  const auto data = [](const Tensor& t) { return t.defined() ? t.data() : nullptr; };
  const kernels::LossArguments arguments{.a = in.a.data(), .b = data(in.b), .target = data(in.target), .parameter = in.parameter};
  kernels::LossResults results{.value = how.each ? y.data() : nullptr};
  double sum = 0;
  if (autograd::tracks(in.a, in.b)) {
    const Scratch<Real> by_a = room_for_slope(in.a);
    const Scratch<Real> by_b = room_for_slope(in.b);
    if (in.a.requires_grad()) results.by_a = by_a.data();
    if (in.b.defined() && in.b.requires_grad()) results.by_b = by_b.data();
    sum = kernels::loss(kind, arguments, results, in.a.size());
    autograd::record(y, [a = in.a, b = in.b, y, how, by_a, by_b] {
      pass_on(a, y, how, by_a);
      pass_on(b, y, how, by_b);
    });
  } else {
    sum = kernels::loss(kind, arguments, results, in.a.size());
  }
  if (!how.each) y.data()[0] = static_cast<Real>(how.scale * sum);
  return y;
}

Tensor compare(const char* op, Loss kind, const Tensor& x, const Tensor& target, double parameter, Reduction reduction) {
  require_same(op, "input", x, "target", target);
  return elementwise_loss(kind, {.a = x, .b = {}, .target = target, .parameter = parameter}, total(reduction, x.size()));
}

void check_labels(const Tensor& logits, std::span<const std::int32_t> labels) {
  if (logits.rank() != 2) fail(ErrorKind::shape, "[cross_entropy] logits {}: want (samples,classes)", logits.shape());
  const Index classes = logits.shape()[1];
  if (static_cast<Index>(labels.size()) != logits.shape()[0]) {
    fail(ErrorKind::shape, "[cross_entropy] {} labels for logits {}: want one for each row", labels.size(), logits.shape());
  }
  for (std::int32_t label : labels) {
    if (label < 0 || label >= classes) {
      fail(ErrorKind::data, "[cross_entropy] label {} with {} classes: labels are 0 to {}", label, classes, classes - 1);
    }
  }
}

}  // namespace

Tensor cross_entropy(const Tensor& logits, std::span<const std::int32_t> labels, double label_smoothing, Reduction reduction) {
  check_labels(logits, labels);
  if (!(label_smoothing >= 0 && label_smoothing <= 1)) {
    fail(ErrorKind::usage, "[cross_entropy] label_smoothing {}: give a value in [0, 1]", label_smoothing);
  }
  const Index rows = logits.shape()[0];
  const Index classes = logits.shape()[1];
  const Total how = total(reduction, rows);
  Tensor y = Tensor::empty(how.each ? Shape{rows} : Shape{});
  const Scratch<Real> slope(static_cast<std::size_t>(logits.size()));
  const double sum =
      kernels::cross_entropy(logits.data(), labels.data(), rows, classes, label_smoothing, how.each ? y.data() : nullptr, slope.data());
  if (!how.each) y.data()[0] = static_cast<Real>(how.scale * sum);
  if (autograd::tracks(logits)) {
    autograd::record(y, [=] {
      if (!how.each) return pass_on(logits, y, how, slope);
      add_gradient(logits, [&](Real* dx) {
        kernels::zip(Binary::mul, y.grad().data(), {rows, 1}, slope.data(), logits.shape(), dx, logits.shape());
      });
    });
  }
  return y;
}

Tensor mse_loss(const Tensor& x, const Tensor& target, Reduction reduction) {
  return compare("mse_loss", Loss::squared, x, target, 0, reduction);
}

Tensor l1_loss(const Tensor& x, const Tensor& target, Reduction reduction) {
  return compare("l1_loss", Loss::absolute, x, target, 0, reduction);
}

Tensor huber_loss(const Tensor& x, const Tensor& target, double delta, Reduction reduction) {
  if (!(delta > 0)) fail(ErrorKind::usage, "[huber_loss] delta {}: give a positive number", delta);
  return compare("huber_loss", Loss::huber, x, target, delta, reduction);
}

Tensor bce_with_logits(const Tensor& logits, const Tensor& target, Reduction reduction) {
  return compare("bce_with_logits", Loss::bce_with_logits, logits, target, 0, reduction);
}

Tensor gaussian_nll(const Tensor& x, const Tensor& target, const Tensor& variance, double eps, Reduction reduction) {
  require_same("gaussian_nll", "input", x, "target", target);
  require_same("gaussian_nll", "input", x, "variance", variance);
  if (!(eps > 0)) fail(ErrorKind::usage, "[gaussian_nll] eps {}: give a positive number", eps);
  return elementwise_loss(Loss::gaussian_nll, {.a = x, .b = variance, .target = target, .parameter = eps}, total(reduction, x.size()));
}

Tensor kl_diagonal_gaussian(const Tensor& mean, const Tensor& log_variance, Reduction reduction) {
  require_same("kl_diagonal_gaussian", "mean", mean, "log_variance", log_variance);
  return elementwise_loss(Loss::kl_gaussian, {.a = mean, .b = log_variance, .target = {}}, total(reduction, mean.size()));
}

Tensor sample_gaussian(const Tensor& mean, const Tensor& log_variance, const RandomKey& key, std::uint64_t step) {
  require_same("sample_gaussian", "mean", mean, "log_variance", log_variance);
  const Index n = mean.size();
  const Scratch<Real> spread(static_cast<std::size_t>(n));
  fill_normal(key, step, spread.data(), n, 0, 1);
  Tensor y = Tensor::empty(mean.shape());
  kernels::sample_gaussian(mean.data(), log_variance.data(), spread.data(), y.data(), n);
  if (autograd::tracks(mean, log_variance)) {
    autograd::record(y, [=] {
      const Real* dy = y.grad().data();
      add_gradient(mean, [&](Real* dx) { kernels::affine(dy, 1, 0, dx, n); });
      add_gradient(log_variance, [&](Real* dx) {
        const Real half = Real(0.5);
        kernels::zip(Binary::mul, dy, spread.data(), dx, n);
        kernels::zip(Binary::mul, dx, {n}, &half, {}, dx, {n});
      });
    });
  }
  return y;
}

Tensor negative_elbo(const Tensor& output, const Tensor& target, const Tensor& mean, const Tensor& log_variance, double beta,
                     Likelihood likelihood) {
  require_same("negative_elbo", "output", output, "target", target);
  require_same("negative_elbo", "mean", mean, "log_variance", log_variance);
  if (output.rank() == 0 || mean.rank() == 0 || output.shape()[0] != mean.shape()[0]) {
    fail(ErrorKind::shape, "[negative_elbo] output {} and mean {} differ in the number of samples", output.shape(), mean.shape());
  }
  const double per_image = 1 / static_cast<double>(output.shape()[0]);
  const Loss reconstruction = likelihood == Likelihood::bernoulli ? Loss::bce_with_logits : Loss::squared;
  return add(elementwise_loss(reconstruction, {.a = output, .b = {}, .target = target}, {.each = false, .scale = per_image}),
             elementwise_loss(Loss::kl_gaussian, {.a = mean, .b = log_variance, .target = {}}, {.each = false, .scale = beta * per_image}));
}

}  // namespace emotrain::ops
