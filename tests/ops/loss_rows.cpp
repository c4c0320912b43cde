#include "emotrain/ops/losses.hpp"

#include "ops/op_table.hpp"

namespace emotrain::test {
namespace {

using ops::Reduction;

/// The first number of a configuration.
Reduction reduction(const Numbers& n) {
  constexpr Reduction all[] = {Reduction::none, Reduction::mean, Reduction::sum};
  return all[n[0]];
}

const std::vector<Numbers> each_reduction = {{0}, {1}, {2}};
const std::vector<Shape> large = {{300, 500}};

OpRow comparison(const char* name, Draw draw, const std::function<Tensor(const Tensor&, Reduction)>& loss) {
  return {.name = name,
          .draw = draw,
          .configs = any_shape(1, each_reduction),
          .apply = [loss](const Inputs& in, const Numbers& n) { return loss(in[0], reduction(n)); },
          .large = {{large, {1}}, {large, {0}}}};
}

/// Numbers: reduction, label smoothing in percent.
std::vector<Config> classifications() {
  std::vector<Config> configs;
  for (const Shape& shape : {Shape{1, 1}, Shape{1, 2}, Shape{3, 1}, Shape{2, 3}, Shape{5, 10}, Shape{7, 17}, Shape{65, 2}, Shape{2, 100}}) {
    for (const Numbers& numbers : {Numbers{0, 10}, Numbers{1, 0}, Numbers{2, 30}}) configs.push_back({{shape}, numbers});
  }
  return configs;
}

Tensor cross_entropy(const Inputs& in, const Numbers& n) {
  const Index rows = in[0].shape()[0];
  std::vector<std::int32_t> labels;
  for (Index i = 0; i < rows; ++i) labels.push_back(static_cast<std::int32_t>((i * 7 + 3) % in[0].shape()[1]));
  return ops::cross_entropy(in[0], labels, static_cast<double>(n[1]) / 100, reduction(n));
}

/// Output, mean and log-variance; numbers: likelihood, beta in percent.
std::vector<Config> elbos() {
  std::vector<Config> configs;
  for (const Shape& pixels : {Shape{1, 1}, Shape{2, 3}, Shape{3, 17}, Shape{2, 1, 3, 4}, Shape{4, 2, 2, 2}}) {
    for (const Index latents : {1, 5}) {
      for (const Numbers& numbers : {Numbers{0, 100}, Numbers{1, 30}}) {
        configs.push_back({{pixels, {pixels[0], latents}, {pixels[0], latents}}, numbers});
      }
    }
  }
  return configs;
}

Tensor negative_elbo(const Inputs& in, const Numbers& n) {
  const auto likelihood = n[0] == 0 ? ops::Likelihood::bernoulli : ops::Likelihood::gaussian;
  return ops::negative_elbo(in[0], uniform_target(in[0].shape()), in[1], in[2], static_cast<double>(n[1]) / 100, likelihood);
}

}  // namespace

std::vector<OpRow> loss_rows() {
  return {
      {.name = "cross_entropy",
       .draw = Draw::normal,
       .configs = classifications(),
       .apply = cross_entropy,
       .large = {{{{10000, 10}}, {1, 10}}}},
      comparison("mse_loss", Draw::normal, [](const Tensor& x, Reduction r) { return ops::mse_loss(x, uniform_target(x.shape()), r); }),
      comparison("l1_loss", Draw::distinct, [](const Tensor& x, Reduction r) { return ops::l1_loss(x, target_between(x.shape()), r); }),
      comparison("huber_loss", Draw::normal,
                 [](const Tensor& x, Reduction r) { return ops::huber_loss(x, uniform_target(x.shape()), 0.7, r); }),
      comparison("bce_with_logits", Draw::normal,
                 [](const Tensor& x, Reduction r) { return ops::bce_with_logits(x, uniform_target(x.shape()), r); }),
      {.name = "gaussian_nll",
       .draw = Draw::positive,
       .configs = any_shape(2, each_reduction),
       .apply = [](const Inputs& in,
                   const Numbers& n) { return ops::gaussian_nll(in[0], uniform_target(in[0].shape()), in[1], 1e-6, reduction(n)); },
       .large = {{{large[0], large[0]}, {1}}}},
      {.name = "kl_diagonal_gaussian",
       .draw = Draw::normal,
       .configs = any_shape(2, each_reduction),
       .apply = [](const Inputs& in, const Numbers& n) { return ops::kl_diagonal_gaussian(in[0], in[1], reduction(n)); },
       .large = {{{large[0], large[0]}, {2}}}},
      {.name = "sample_gaussian",
       .draw = Draw::normal,
       .configs = any_shape(2, {{}}),
       .apply = [](const Inputs& in,
                   const Numbers&) { return ops::sample_gaussian(in[0], in[1], {.seed = 1, .stream = Stream::latent}, 4); },
       .large = {{{large[0], large[0]}}}},
      {.name = "negative_elbo",
       .draw = Draw::normal,
       .configs = elbos(),
       .apply = negative_elbo,
       .large = {{{{64, 784}, {64, 32}, {64, 32}}, {0, 100}}}},
  };
}

}  // namespace emotrain::test
