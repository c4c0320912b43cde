#include "emotrain/ops/losses.hpp"

#include <doctest/doctest.h>

#include "emotrain/autograd/tape.hpp"
#include "ops/naive.hpp"

/// Expected numbers: PyTorch 1.13.1 in float64.
namespace emotrain::test {
namespace {

using ops::Reduction;

const Tensor x = Tensor::from({2, 3}, std::vector<Real>{Real(0.5), Real(-1.25), 2, -3, Real(0.75), 40});
const Tensor t = Tensor::from({2, 3}, std::vector<Real>{Real(0.25), Real(0.5), 1, 0, Real(0.9), Real(0.75)});
const Tensor v = Tensor::from({2, 3}, std::vector<Real>{Real(0.5), Real(1.5), 2, Real(0.1), Real(1e-9), 3});
const std::vector<std::int32_t> labels = {2, 0};

struct Row {
  const char* name;
  std::function<Tensor(Reduction)> loss;
  Doubles elements;
  double mean, sum;
};

const Row rows[] = {
    {"mse_loss",
     [](Reduction r) { return ops::mse_loss(x, t, r); },
     {0.0625, 3.0625, 1, 9, 0.0225, 1540.5625},
     258.95166666666665,
     1553.71},
    {"l1_loss", [](Reduction r) { return ops::l1_loss(x, t, r); }, {0.25, 1.75, 1, 3, 0.15, 39.25}, 7.5666666666666664, 45.4},
    {"huber_loss",
     [](Reduction r) { return ops::huber_loss(x, t, 0.8, r); },
     {0.03125, 1.08, 0.48, 2.08, 0.01125, 31.08},
     5.79375,
     34.7625},
    {"bce_with_logits",
     [](Reduction r) { return ops::bce_with_logits(x, t, r); },
     {0.84907698418010669, 0.87692908134537295, 0.1269280110429726, 0.048587351573741965, 0.46187100611489995, 10},
     2.0605654057095157,
     12.363392434257094},
    {"gaussian_nll",
     [](Reduction r) { return ops::gaussian_nll(x, t, v, 1e-6, r); },
     {-0.28407359027997264, 1.2235658873874153, 0.5965735902799727, 43.848707453502975, 11243.092244721021, 257.30972281100077},
     1924.2977901454851,
     11545.786740872911},
    {"kl_diagonal_gaussian",
     [](Reduction r) { return ops::kl_diagonal_gaussian(x, t, r); },
     {0.1420127083438707, 0.8556106353500641, 2.3591409142295223, 4.5, 0.56105155557847497, 800.18350000830628},
     134.76688597030139,
     808.60131582180827},
    {"cross_entropy",
     [](Reduction r) { return ops::cross_entropy(x, labels, 0, r); },
     {0.23262198310203266, 43},
     21.616310991551018,
     43.232621983102035},
    {"cross_entropy, smoothed",
     [](Reduction r) { return ops::cross_entropy(x, labels, 0.1, r); },
     {0.39095531643536596, 41.44166666666667},
     20.916310991551018,
     41.832621983102037},
};

}  // namespace

TEST_CASE("losses equal PyTorch's under every reduction") {
  // (x - t)^2 / v of the smallest variance magnifies the rounding of its inputs.
  for (const Row& row : rows) {
    INFO(row.name);
    const double limit = std::string_view(row.name) == "gaussian_nll" ? 20 * tolerance : tolerance;
    CHECK(largest_miss(row.loss(Reduction::none).values(), row.elements) < limit);
    CHECK(largest_miss(row.loss(Reduction::mean).values(), {row.mean}) < limit);
    CHECK(largest_miss(row.loss(Reduction::sum).values(), {row.sum}) < limit);
  }
}

TEST_CASE("the ELBO sums over pixels and latents and averages over the batch") {
  CHECK(largest_miss(ops::negative_elbo(x, t, x, t, 0.5, ops::Likelihood::bernoulli).values(), {208.33202517258061}) < tolerance);
  CHECK(largest_miss(ops::negative_elbo(x, t, x, t, 2, ops::Likelihood::gaussian).values(), {1585.4563158218084}) < tolerance);
}

TEST_CASE("losses of far-off logits stay finite, and so do their gradients") {
  const Tensor logits = Tensor::from({2, 2}, std::vector<Real>{1000, -1000, -1000, 1000});
  logits.set_requires_grad(true);
  const Tensor target = Tensor::from({2, 2}, std::vector<Real>{1, 0, 1, 0});
  autograd::backward(ops::bce_with_logits(logits, target, Reduction::sum));
  CHECK(largest_miss(logits.grad(), {0, 0, -1, 1}) < 1e-30);
  logits.clear_grad();
  const Tensor loss = ops::cross_entropy(logits, std::vector<std::int32_t>{0, 0}, 0, Reduction::sum);
  CHECK(loss.item() == 2000);
  autograd::backward(loss);
  CHECK(largest_miss(logits.grad(), {0, 0, -1, 1}) < 1e-30);
}

TEST_CASE("a NaN among the inputs makes the loss NaN") {
  for (Index place = 0; place < 6; ++place) {
    Tensor bad = Tensor::from(x.shape(), x.values());
    bad.data()[place] = std::numeric_limits<Real>::quiet_NaN();
    CHECK(std::isnan(ops::mse_loss(bad, t, Reduction::mean).item()));
    CHECK(std::isnan(ops::l1_loss(bad, t, Reduction::mean).item()));
    CHECK(std::isnan(ops::huber_loss(bad, t, 1, Reduction::mean).item()));
    CHECK(std::isnan(ops::bce_with_logits(bad, t, Reduction::mean).item()));
    CHECK(std::isnan(ops::gaussian_nll(x, t, bad, 1e-6, Reduction::mean).item()));
    CHECK(std::isnan(ops::kl_diagonal_gaussian(bad, t, Reduction::mean).item()));
    CHECK(std::isnan(ops::cross_entropy(bad, labels, 0, Reduction::mean).item()));
  }
}

TEST_CASE("the mean of many losses is as accurate as its scalar type") {
  const Tensor many = Tensor::full({128, 784}, Real(0.3));
  const Tensor target = Tensor::full({128, 784}, Real(0.6));
  const auto one = static_cast<double>(ops::bce_with_logits(many, target, Reduction::none).data()[0]);
  CHECK(static_cast<double>(ops::bce_with_logits(many, target, Reduction::mean).item()) ==
        doctest::Approx(one).epsilon(sizeof(Real) == 4 ? 6e-8 : 1e-14));
  CHECK(static_cast<double>(ops::bce_with_logits(many, target, Reduction::sum).item()) ==
        doctest::Approx(128 * 784 * one).epsilon(sizeof(Real) == 4 ? 6e-8 : 1e-14));
}

TEST_CASE("samples of a Gaussian have its mean and deviation, and depend on key and step alone") {
  const RandomKey key{.seed = 2, .stream = Stream::latent};
  const Tensor mean = Tensor::full({200000}, 3);
  const Tensor log_variance = Tensor::full({200000}, static_cast<Real>(std::log(4.0)));
  const Tensor z = ops::sample_gaussian(mean, log_variance, key, 7);
  double first = 0;
  double second = 0;
  for (Real value : z.values()) {
    first += static_cast<double>(value);
    second += (static_cast<double>(value) - 3) * (static_cast<double>(value) - 3);
  }
  CHECK(first / 200000 == doctest::Approx(3).epsilon(0.005));
  CHECK(second / 200000 == doctest::Approx(4).epsilon(0.02));
  CHECK(std::ranges::equal(ops::sample_gaussian(mean, log_variance, key, 7).values(), z.values()));
  CHECK(!std::ranges::equal(ops::sample_gaussian(mean, log_variance, key, 8).values(), z.values()));
}

}  // namespace emotrain::test
