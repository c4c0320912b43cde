#include "emotrain/nn/function.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/core/random.hpp"
#include "emotrain/nn/losses.hpp"
#include "emotrain/nn/models.hpp"
#include "emotrain/nn/structure.hpp"

namespace emotrain::test {
namespace {

std::vector<double> gradient_of(const nn::Function& function, std::span<const double> x) {
  std::vector<double> gradient(x.size());
  function.gradient(x, gradient);
  return gradient;
}

std::unique_ptr<nn::Model> model_of(const char* function, std::vector<double> start, std::optional<double> noise, std::uint64_t seed) {
  nn::FunctionOptions options;
  options.function = function;
  options.start = std::move(start);
  options.noise = noise;
  return options.build({}, 0, seed);
}

Tensor point_of(const nn::Model& model) {
  std::vector<nn::NamedTensor> named;
  model.parameters("", named);
  REQUIRE(named.size() == 1);
  CHECK(named.front().name == "x");
  return named.front().value;
}

TEST_CASE("gradients of functions are those of their values") {
  constexpr double h = 1e-6;
  for (const nn::Function& function : nn::functions()) {
    CAPTURE(function.name);
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      std::vector<Real> start(static_cast<std::size_t>(function.dimensions));
      function.start(seed, start);
      std::vector<double> x(start.begin(), start.end());
      const std::vector<double> gradient = gradient_of(function, x);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const nn::Interval& box = function.start_box[function.start_box.size() == 1 ? 0 : i];
        CHECK((x[i] >= box.low && x[i] <= box.high));
        const double kept = x[i];
        x[i] = kept + h;
        const double above = function.value(x);
        x[i] = kept - h;
        const double below = function.value(x);
        x[i] = kept;
        CHECK(gradient[i] == doctest::Approx((above - below) / (2 * h)).epsilon(1e-5));
      }
      CHECK(function.value(x) > function.least);
    }
  }
  CHECK(nn::find_function("parabola") == nullptr);
}

TEST_CASE("functions are least where they say, and level there") {
  for (const nn::Function& function : nn::functions()) {
    CAPTURE(function.name);
    REQUIRE(function.minima_count() > 0);
    for (std::size_t i = 0; i < function.minima_count(); ++i) {
      const std::span<const double> minimum = function.minimum(i);
      CHECK(function.value(minimum) == doctest::Approx(function.least).epsilon(1e-12));
      for (const double slope : gradient_of(function, minimum)) CHECK(std::abs(slope) < 1e-12);
      if (function.dimensions != 2) continue;
      for (std::size_t axis = 0; axis < 2; ++axis) {
        const nn::Interval& window = function.window[axis];
        const nn::Interval& box = function.start_box[function.start_box.size() == 1 ? 0 : axis];
        CHECK((window.low < minimum[axis] && minimum[axis] < window.high));
        CHECK((window.low <= box.low && box.high <= window.high));
      }
    }
  }
}

TEST_CASE("the model is the function with noise that seed and step draw, and without in an evaluation") {
  const nn::Function& function = *nn::find_function("himmelblau");
  const auto model = model_of("himmelblau", {1, -2}, {}, 7);
  CHECK(model->task() == nn::Task::minimization);
  const Tensor x = point_of(*model);
  const std::vector<double> point{1, -2};
  CHECK(model->run({}, {.training = false, .seed = 3, .step = 4}).value == function.value(point));
  std::vector<Real> noise(3);
  fill_normal({.seed = 3, .stream = Stream::sample}, 4, noise.data(), 3, 0, function.noise);
  const nn::ModelOutput output = model->run({}, {.training = true, .seed = 3, .step = 4});
  CHECK(output.value == function.value(point) + double{noise[2]});
  CHECK(output.output.item() == static_cast<Real>(*output.value));
  autograd::backward(nn::ValueOptions().compute(output, {}), Real(0.5));
  const std::vector<double> gradient = gradient_of(function, point);
  for (std::size_t i = 0; i < 2; ++i) CHECK(x.grad()[i] == Real(0.5) * static_cast<Real>(gradient[i] + double{noise[i]}));
  CHECK(model->run({}, {.training = true, .seed = 3, .step = 5}).value != output.value);
  const auto silent = model_of("himmelblau", {1, -2}, 0.0, 7);
  CHECK(silent->run({}, {.training = true, .seed = 3, .step = 4}).value == function.value(point));
  const nn::Structure structure = nn::structure_of(*model, {});
  CHECK(structure.total(&nn::Layer::parameters) == 2);
  autograd::clear();
}

TEST_CASE("without a start the seed draws it") {
  const nn::Function& function = *nn::find_function("saddle");
  std::vector<Real> start(2);
  function.start(11, start);
  const Tensor x = point_of(*model_of("saddle", {}, {}, 11));
  CHECK((x.data()[0] == start[0] && x.data()[1] == start[1]));
  CHECK(point_of(*model_of("saddle", {}, {}, 12)).data()[0] != start[0]);
}

TEST_CASE("functions go with their own loss and without data") {
  const auto refusal = [](auto&& action) -> std::string {
    try {
      action();
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::usage);
      return error.what();
    }
    return {};
  };
  CHECK(refusal([] {
          model_of("beale", {1, 2, 3}, {}, 0);
        }) == "start: has 3 coordinates, and beale is a function of 2: give as many, or none");
  CHECK(refusal([] {
          nn::FunctionOptions().build({1, 28, 28}, 10, 0);
        }) == "name: function takes no data, and the data has samples of shape (1,28,28): give data {\"name\": \"none\"}");
  CHECK(refusal([] { nn::MlpOptions().build({}, 0, 0); }) ==
        "name: the data is none, and only the model function can do without: choose other data");
  const auto function = model_of("beale", {}, {}, 0);
  const auto classifier = nn::MlpOptions().build({4}, 2, 0);
  CHECK(refusal([&] { nn::ValueOptions().check_model(*function); }).empty());
  CHECK(refusal([&] { nn::ValueOptions().check_model(*classifier); }) ==
        "name: value is the loss of functions, and the model is a classifier: use cross_entropy");
  CHECK(refusal([&] { nn::CrossEntropyOptions().check_model(*function); }) ==
        "name: cross_entropy needs a classifier, and the model is a function: use value");
  CHECK(refusal([&] { nn::MseOptions().check_model(*function); }).ends_with("and the model is a function: use value"));
  CHECK(refusal([&] { nn::ElboOptions().check_model(*function); }).ends_with("or value for this model"));
}

}  // namespace
}  // namespace emotrain::test
