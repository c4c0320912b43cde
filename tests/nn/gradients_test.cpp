#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/nn/losses.hpp"
#include "nn/layer_list.hpp"

/// Whole models against central differences along random directions, at the tolerances of PyTorch's gradcheck. Needs float64.
namespace emotrain::test {
namespace {

struct GradientRow {
  ModelText model;
  Shape sample;
  Index classes;
  LayerText loss;
  bool training = true;
};

const LayerTexts every_image_layer{
    {"conv2d", {{"out_channels", 4.}, {"padding", 1.}}},
    {"group_norm", {{"num_groups", 2.}}},
    {"silu"},
    {"avg_pool2d"},
    {"conv_transpose2d", {{"out_channels", 3.}, {"stride", 2.}, {"padding", 1.}, {"output_padding", 1.}}},
    {"batch_norm"},
    {"leaky_relu"},
    {"max_pool2d", {{"kernel_size", 3.}, {"stride", 2.}, {"padding", 1.}}},
    {"upsample"},
    {"layer_norm"},
    {"softplus"},
    {"flatten"},
    {"dropout", {{"p", 0.2}}},
    {"linear", {{"out_features", 8.}, {"bias", 0.}}},
    {"sigmoid"},
    {"unflatten", {{"unflattened_size", std::vector<Index>{2, 2, 2}}}},
    {"conv2d", {{"out_channels", 5.}, {"kernel_size", 2.}}},
    {"gelu"},
    {"flatten"},
    {"linear", {{"out_features", 4.}}},
    {"tanh"},
    {"relu"},
    {"linear", {{"out_features", 3.}}},
};

const std::vector<Index> two{3, 4};
const std::vector<GradientRow> rows{
    {{"mlp", {{"hidden", std::vector<Index>{9, 5}}}}, {7}, 3, {"cross_entropy"}},
    {{"mlp", {{"hidden", std::vector<Index>{}}}}, {2, 3, 2}, 4, {"cross_entropy", {{"label_smoothing", 0.1}, {"reduction", "sum"}}}},
    {{"mlp", {{"hidden", two}, {"norm", "batch_norm"}, {"dropout", 0.3}, {"activation", "gelu"}}}, {6}, 3, {"cross_entropy"}},
    {{"mlp", {{"hidden", two}, {"norm", "batch_norm"}, {"activation", "tanh"}}}, {6}, 3, {"cross_entropy"}, false},
    {{"mlp", {{"hidden", two}, {"norm", "layer_norm"}, {"activation", "silu"}}}, {6}, 3, {"cross_entropy"}},
    {{"cnn", {{"channels", two}}}, {1, 8, 8}, 3, {"cross_entropy"}},
    {{"cnn", {{"channels", two}, {"norm", "batch_norm"}, {"dropout", 0.25}}}, {3, 9, 7}, 2, {"cross_entropy"}},
    {{"cnn", {{"channels", two}, {"norm", "batch_norm"}, {"kernel_size", 5.}}}, {3, 6, 6}, 2, {"cross_entropy"}, false},
    {{"mlp_autoencoder", {{"hidden", std::vector<Index>{6}}, {"latent", 3.}}}, {1, 3, 4}, 0, {"mse"}},
    {{"mlp_autoencoder", {{"hidden", two}, {"latent", 2.}, {"activation", "leaky_relu"}}}, {8}, 0, {"l1", {{"reduction", "sum"}}}},
    {{"mlp_autoencoder", {{"hidden", two}, {"latent", 2.}, {"activation", "softplus"}}}, {8}, 0, {"gaussian_nll", {{"variance", 0.3}}}},
    {{"conv_autoencoder", {{"channels", two}, {"latent", 5.}}}, {1, 8, 8}, 0, {"mse", {{"reduction", "sum"}}}},
    {{"conv_autoencoder", {{"channels", two}, {"latent", 5.}}}, {3, 4, 12}, 0, {"huber", {{"delta", 0.7}, {"reduction", "sum"}}}},
    {{"conv_autoencoder", {{"channels", two}, {"latent", 5.}, {"activation", "sigmoid"}}}, {1, 8, 8}, 0, {"bce_with_logits"}},
    {{"conv_vae", {{"channels", two}, {"latent", 5.}}}, {1, 8, 8}, 0, {"elbo"}},
    {{"conv_vae", {{"channels", std::vector<Index>{2, 3, 4}}, {"latent", 3.}}}, {3, 8, 16}, 0, {"elbo", {{"beta", 4.}}}},
    {{"conv_vae", {{"channels", two}, {"latent", 5.}, {"activation", "gelu"}}},
     {1, 4, 4},
     0,
     {"elbo", {{"likelihood", "gaussian"}}},
     false},
    {{"sequential", {}, every_image_layer}, {2, 4, 4}, 3, {"cross_entropy"}},
    {{"sequential", {}, every_image_layer}, {2, 4, 4}, 3, {"cross_entropy"}, false},
};

/// The loss as a function of the values of the model's parameters and of its input, which stay in `leaves`.
class Problem {
 public:
  explicit Problem(const GradientRow& row)
      : context_{.training = row.training, .seed = 17, .step = 23},
        model_(build(row.model, row.sample, row.classes, 3)),
        loss_(choose(nn::losses(), row.loss.type, row.loss.settings)),
        leaves_(parameters_of(*model_)) {
    const Shape shape = batch_shape(samples, row.sample);
    leaves_.push_back({"x", normal_batch(shape).set_requires_grad(true)});
    batch_.x = Tensor::empty(shape);
    fill_uniform({.seed = 5, .stream = Stream::test, .substream = 1}, 0, batch_.x.data(), batch_.x.size(), 0, 1);
    for (std::int32_t i = 0; i < samples; ++i) labels_.push_back(i % static_cast<std::int32_t>(std::max<Index>(row.classes, 1)));
    batch_.labels = labels_;
  }

  Tensor loss() const {
    const auto output = model_->run(leaves_.back().value, context_);
    return dynamic_cast<const nn::LossOptions&>(*loss_.options).compute(output, batch_);
  }
  const std::vector<nn::NamedTensor>& leaves() const { return leaves_; }

 private:
  static constexpr std::int32_t samples = 5;
  nn::Context context_;
  std::unique_ptr<nn::Model> model_;
  Choice loss_;
  std::vector<nn::NamedTensor> leaves_;
  std::vector<std::int32_t> labels_;
  nn::Batch batch_;
};

/// A random direction of length 1 over some of the leaves.
struct Direction {
  std::vector<Tensor> leaves;
  std::vector<Tensor> steps;

  Direction(std::vector<Tensor> chosen, std::uint32_t number) : leaves(std::move(chosen)) {
    double squares = 0;
    for (const Tensor& leaf : leaves) {
      steps.push_back(normal_batch(leaf.shape(), 100 + 64 * number + static_cast<std::uint32_t>(steps.size())));
      for (const Real value : steps.back().values()) squares += double{value} * value;
    }
    for (const Tensor& step : steps) {
      for (Real& value : step.values()) value = static_cast<Real>(value / std::sqrt(squares));
    }
  }

  void move(double distance) const {
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      for (Index j = 0; j < leaves[i].size(); ++j) leaves[i].data()[j] += static_cast<Real>(distance * steps[i].data()[j]);
    }
  }

  double slope_from_gradients() const {
    double slope = 0;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      const auto grad = leaves[i].grad();
      REQUIRE(static_cast<Index>(grad.size()) == leaves[i].size());
      for (std::size_t j = 0; j < grad.size(); ++j) slope += double{grad[j]} * steps[i].values()[j];
    }
    return slope;
  }
};

double slope_from_differences(const Problem& problem, const Direction& direction) {
  constexpr double eps = 1e-6;
  const autograd::NoGrad guard;
  direction.move(eps);
  const double ahead = problem.loss().item();
  direction.move(-2 * eps);
  const double behind = problem.loss().item();
  direction.move(eps);
  return (ahead - behind) / (2 * eps);
}

TEST_CASE("gradients of whole models agree with central differences" * doctest::skip(sizeof(Real) != 8)) {
  for (const GradientRow& row : rows) {
    CAPTURE(row.model.name);
    CAPTURE(row.sample.str());
    CAPTURE(row.loss.type);
    const Problem problem(row);
    autograd::backward(problem.loss());

    std::vector<Tensor> all;
    double strongest = 0;
    const auto check = [&](const std::string& name, const Direction& direction) {
      CAPTURE(name);
      const double numeric = slope_from_differences(problem, direction);
      const double analytic = direction.slope_from_gradients();
      CAPTURE(numeric);
      CAPTURE(analytic);
      CHECK(std::abs(numeric - analytic) <= 1e-5 + 1e-3 * std::abs(numeric));
      strongest = std::max(strongest, std::abs(numeric));
    };
    std::uint32_t number = 0;
    for (const auto& leaf : problem.leaves()) {
      all.push_back(leaf.value);
      check(leaf.name, Direction({leaf.value}, number++));
    }
    for (int i = 0; i < 3; ++i) check("all", Direction(all, number++));
    CHECK(strongest > 1e-2);
  }
}

TEST_CASE("every parameter of every model gets a finite gradient") {
  for (const GradientRow& row : rows) {
    CAPTURE(row.model.name);
    const Problem problem(row);
    autograd::backward(problem.loss());
    for (const auto& leaf : problem.leaves()) {
      CAPTURE(leaf.name);
      CHECK(static_cast<Index>(leaf.value.grad().size()) == leaf.value.size());
      for (const Real value : leaf.value.grad()) CHECK(std::isfinite(value));
    }
  }
}

}  // namespace
}  // namespace emotrain::test
