#include <doctest/doctest.h>

#include <string>

#include "emotrain/core/error.hpp"
#include "emotrain/nn/losses.hpp"
#include "nn/layer_list.hpp"

namespace emotrain::test {
namespace {

const nn::LossOptions& as_loss(const Choice& choice) { return dynamic_cast<const nn::LossOptions&>(*choice.options); }

Tensor tensor(const Shape& shape, const std::vector<double>& values) {
  return Tensor::from(shape, std::vector<Real>(values.begin(), values.end()));
}

struct LossRow {
  std::string name;
  Settings settings;
  double value;
};

TEST_CASE("losses of a classifier's batch") {
  const std::vector<std::int32_t> labels{0, 2};
  const nn::Batch batch{.x = tensor({2, 1}, {0, 0}), .labels = labels};
  const nn::ModelOutput output{.output = tensor({2, 3}, {1, 0, -1, 2, 2, 0}), .mean = {}, .log_variance = {}};
  const LossRow rows[] = {
      {"cross_entropy", {}, 1.583114820061947},
      {"cross_entropy", {{"reduction", "sum"}}, 3.166229640123894},
      {"cross_entropy", {{"reduction", "sum"}, {"label_smoothing", 0.1}}, 3.13289630679056},
  };
  for (const LossRow& row : rows) {
    const Choice choice = choose(nn::losses(), row.name, row.settings);
    CHECK(as_loss(choice).compute(output, batch).item() == doctest::Approx(row.value).epsilon(1e-6));
    CHECK_FALSE(as_loss(choice).output_is_logits());
  }
}

TEST_CASE("losses of an autoencoder's batch") {
  const nn::Batch batch{.x = tensor({2, 1, 1, 2}, {0, 1, 0.5, 1}), .labels = {}};
  const nn::ModelOutput output{
      .output = tensor({2, 1, 1, 2}, {0.5, -1, 2, 0}), .mean = tensor({2, 1}, {0.5, -1}), .log_variance = tensor({2, 1}, {0, 0.2})};
  const LossRow rows[] = {
      {"mse", {}, 1.875},
      {"mse", {{"reduction", "sum"}}, 7.5},
      {"l1", {}, 1.25},
      {"l1", {{"reduction", "sum"}}, 5},
      {"huber", {}, 0.78125},
      {"huber", {{"reduction", "sum"}, {"delta", 2.}}, 3.75},
      {"bce_with_logits", {}, 1.0268534658253118},
      {"bce_with_logits", {{"reduction", "sum"}}, 4.107413863301247},
      {"gaussian_nll", {}, 0.9375},
      {"gaussian_nll", {{"reduction", "sum"}, {"variance", 0.25}}, 12.227411277760219},
      {"elbo", {}, 2.371557621190666},
      {"elbo", {{"beta", 4.}}, 3.325109689810794},
      {"elbo", {{"likelihood", "gaussian"}}, 4.0678506895400425},
      {"elbo", {{"likelihood", "gaussian"}, {"beta", 0.}, {"reduction", "batchmean"}}, 3.75},
  };
  for (const LossRow& row : rows) {
    CAPTURE(row.name);
    const Choice choice = choose(nn::losses(), row.name, row.settings);
    choice.options->check();
    CHECK(as_loss(choice).compute(output, batch).item() == doctest::Approx(row.value).epsilon(1e-6));
  }
}

TEST_CASE("a reconstruction is the sigmoid of the output for the losses on logits alone") {
  const std::pair<LossRow, bool> rows[] = {
      {{"mse", {}, 0}, false},
      {{"l1", {}, 0}, false},
      {{"huber", {}, 0}, false},
      {{"bce_with_logits", {}, 0}, true},
      {{"elbo", {}, 0}, true},
      {{"gaussian_nll", {}, 0}, false},
      {{"elbo", {{"likelihood", "gaussian"}}, 0}, false},
  };
  for (const auto& [row, expected] : rows) {
    CAPTURE(row.name);
    CHECK(as_loss(choose(nn::losses(), row.name, row.settings)).output_is_logits() == expected);
  }
}

/// The text of the refusal; empty: none.
template <class Action>
std::string refusal(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    return error.what();
  }
  return {};
}

TEST_CASE("a loss refuses the models that it cannot train") {
  const auto classifier = build({"mlp"}, {4}, 3);
  const auto autoencoder = build({"mlp_autoencoder"}, {4}, 0);
  const auto vae = build({"conv_vae", {{"channels", std::vector<Index>{2}}}}, {1, 4, 4}, 0);
  struct Row {
    const char* loss;
    const nn::Model& model;
    const char* refused;  // part of the text; null: accepted
  };
  const Row rows[] = {
      {"cross_entropy", *classifier, nullptr},
      {"cross_entropy", *autoencoder, "name: cross_entropy needs a classifier, and the model is an autoencoder: use mse"},
      {"cross_entropy", *vae, "and the model is an autoencoder: use elbo"},
      {"mse", *classifier, "name: a loss on reconstructions needs an autoencoder, and the model is a classifier: use cross_entropy"},
      {"mse", *autoencoder, nullptr},
      {"mse", *vae, "untrained: use elbo"},
      {"l1", *autoencoder, nullptr},
      {"huber", *autoencoder, nullptr},
      {"bce_with_logits", *autoencoder, nullptr},
      {"gaussian_nll", *autoencoder, nullptr},
      {"elbo", *classifier, "name: elbo needs a model with a latent distribution: use conv_vae, or cross_entropy"},
      {"elbo", *autoencoder, "use conv_vae, or mse"},
      {"elbo", *vae, nullptr},
  };
  for (const Row& row : rows) {
    CAPTURE(row.loss);
    const Choice choice = choose(nn::losses(), row.loss, {});
    const std::string text = refusal([&] { as_loss(choice).check_model(row.model); });
    CAPTURE(text);
    CHECK(text.empty() == (row.refused == nullptr));
    if (row.refused != nullptr) CHECK(text.find(row.refused) != std::string::npos);
  }
}

TEST_CASE("reduction none is refused, because training needs one number") {
  for (const char* name : {"cross_entropy", "mse", "l1", "huber", "bce_with_logits", "gaussian_nll"}) {
    const Choice choice = choose(nn::losses(), name, {{"reduction", "none"}});
    const std::string text = refusal([&] { choice.options->check(); });
    CHECK(text == "reduction: \"none\" does not give the one number that training needs: use \"mean\" or \"sum\"");
  }
}

}  // namespace
}  // namespace emotrain::test
