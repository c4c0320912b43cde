#include "emotrain/data/synthetic.hpp"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <numbers>

#include "emotrain/core/random.hpp"

namespace emotrain::data {
namespace {

constexpr double turn = 2 * std::numbers::pi;

void visit_classes(FieldVisitor& visitor, Index& classes) {
  visitor.field({"classes", "number of classes", {.min = 1, .max = 100}}, classes);
}

}  // namespace

void SyntheticOptions::fields(FieldVisitor& visitor) {
  visitor.field({"samples", "number of points, the test part included", {.min = 2, .max = 10'000'000}}, samples);
  visitor.field({"noise", "standard deviation of the noise on each coordinate", {.min = 0, .max = 1e6}}, noise);
  visitor.field({"seed", "draws the points", {.min = 0}}, seed);
  UnsplitDataOptions::fields(visitor);
}

DataOptions::Loaded SyntheticOptions::generate(const char* name, std::uint32_t substream, Index classes,
                                               Point (*curve)(double, Index, Index)) const {
  auto set = std::make_shared<Dataset>();
  set->name = name;
  set->sample_shape = {2};
  set->size = samples;
  for (Index k = 0; k < classes; ++k) set->class_names.push_back(fmt::format("{}", k));
  const RandomKey key{.seed = static_cast<std::uint64_t>(seed), .stream = Stream::synthetic, .substream = substream};
  const auto count = static_cast<std::size_t>(samples);
  std::vector<Real> along(count);
  fill_uniform(key, 0, along.data(), samples, 0, 1);
  set->reals.resize(2 * count);
  fill_normal(key, 1, set->reals.data(), 2 * samples, 0, noise);
  set->labels.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Index k = static_cast<Index>(i) % classes;
    const Point point = curve(along[i], k, classes);
    set->reals[2 * i] += static_cast<Real>(point.x);
    set->reals[2 * i + 1] += static_cast<Real>(point.y);
    set->labels[i] = static_cast<std::int32_t>(k);
  }
  return {.training_set = set, .test_set = nullptr, .test_fraction = test_fraction};
}

DataOptions::Loaded TwoMoonsOptions::load() const {
  return generate("two_moons", 0, 2, [](double t, Index k, Index) -> Point {
    const double x = std::cos(turn * t / 2);
    const double y = std::sin(turn * t / 2);
    return k == 0 ? Point{x, y} : Point{1 - x, 0.5 - y};
  });
}

void SpiralsOptions::fields(FieldVisitor& visitor) {
  visit_classes(visitor, classes);
  SyntheticOptions::fields(visitor);
}

DataOptions::Loaded SpiralsOptions::load() const {
  return generate("spirals", 1, classes, [](double t, Index k, Index n) -> Point {
    const double angle = turn * (t + static_cast<double>(k) / static_cast<double>(n));
    return {t * std::cos(angle), t * std::sin(angle)};
  });
}

void RingsOptions::fields(FieldVisitor& visitor) {
  visit_classes(visitor, classes);
  SyntheticOptions::fields(visitor);
}

DataOptions::Loaded RingsOptions::load() const {
  return generate("rings", 2, classes, [](double t, Index k, Index n) -> Point {
    const double radius = static_cast<double>(k + 1) / static_cast<double>(n);
    return {radius * std::cos(turn * t), radius * std::sin(turn * t)};
  });
}

void BlobsOptions::fields(FieldVisitor& visitor) {
  visit_classes(visitor, classes);
  SyntheticOptions::fields(visitor);
}

DataOptions::Loaded BlobsOptions::load() const {
  return generate("blobs", 3, classes, [](double, Index k, Index n) -> Point {
    const double angle = turn * static_cast<double>(k) / static_cast<double>(n);
    return {std::cos(angle), std::sin(angle)};
  });
}

NoDataOptions::NoDataOptions() {
  batch_size = 1;
  validation_fraction = 0;
  shuffle = false;
}

DataOptions::Loaded NoDataOptions::load() const {
  auto set = std::make_shared<Dataset>();
  set->name = "none";
  set->size = 1;
  set->reals = {0};
  return {.training_set = set, .test_set = nullptr, .validates_on_training = true};
}

}  // namespace emotrain::data
