#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "emotrain/train/trainer.hpp"
#include "train/configs.hpp"
#include "train/trainers.hpp"

using namespace emotrain;

namespace {

double distance(const std::vector<nn::NamedTensor>& now, const std::vector<std::vector<Real>>& then) {
  double sum = 0;
  for (std::size_t i = 0; i < now.size(); ++i) {
    for (std::size_t j = 0; j < then[i].size(); ++j) {
      const double difference = double{now[i].value.values()[j]} - double{then[i][j]};
      sum += difference * difference;
    }
  }
  return std::sqrt(sum);
}

std::vector<std::vector<Real>> copies(const std::vector<nn::NamedTensor>& tensors) {
  std::vector<std::vector<Real>> out;
  for (const nn::NamedTensor& tensor : tensors) out.emplace_back(tensor.value.values().begin(), tensor.value.values().end());
  return out;
}

}  // namespace

TEST_CASE("detail steps tell how far the parameters moved, and the layers' parts add up to it") {
  train::RunConfig config = test::small_run();
  config.trainer.max_steps = 9;
  config.trainer.detail_steps = 4;
  train::Trainer trainer(config, train::load_data(config));
  const std::vector<nn::NamedTensor> parameters = train::named_parameters(trainer.model());
  while (!trainer.finished()) {
    const auto before = copies(parameters);
    const report::StepRecord record = trainer.step();
    CAPTURE(record.step);
    CHECK(record.point.empty());
    CHECK(record.moved.has_value() == (record.step == 1 || record.step % 4 == 0));
    CHECK(record.layers.empty() != record.moved.has_value());
    if (!record.moved) continue;
    CHECK(*record.moved > 0);
    CHECK(*record.moved == doctest::Approx(distance(parameters, before)).epsilon(1e-12));
    double moved = 0, norm = 0, shadow = 0;
    for (const report::LayerRecord& layer : record.layers) {
      moved += layer.moved * layer.moved;
      norm += layer.norm * layer.norm;
      if (layer.shadow_distance) shadow += *layer.shadow_distance * *layer.shadow_distance;
    }
    CHECK(std::sqrt(moved) == doctest::Approx(*record.moved).epsilon(1e-12));
    double squares = 0;
    for (const nn::NamedTensor& parameter : parameters) {
      for (const Real x : parameter.value.values()) squares += double{x} * double{x};
    }
    CHECK(norm == doctest::Approx(squares).epsilon(1e-12));
    CHECK(std::sqrt(shadow) == doctest::Approx(record.shadow_distance.value_or(0)).epsilon(1e-5));
  }
}

TEST_CASE("detail steps thin out as a run goes on, do not depend on its length, and are none or others if that is asked for") {
  struct Row {
    std::optional<Index> given;
    std::vector<Index> details;
  };
  const Row rows[] = {{std::nullopt, {1, 2, 62, 63, 64, 66, 68, 126, 128, 132}}, {Index{0}, {}}, {Index{65}, {1, 65, 130}}};
  for (const Row& row : rows) {
    train::RunConfig config = test::small_run();
    config.trainer.detail_steps = row.given;
    config.trainer.max_steps = 135;
    train::Trainer trainer(config, train::load_data(config));
    std::vector<Index> found;
    while (!trainer.finished()) {
      const report::StepRecord record = trainer.step();
      const bool is_left_out = !row.given && record.step > 2 && !(record.step >= 62 && record.step <= 68) && record.step < 126;
      if (record.moved && !is_left_out) found.push_back(record.step);
    }
    CHECK(found == row.details);
  }
}
