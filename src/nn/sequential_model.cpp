#include <array>

#include "emotrain/core/error.hpp"
#include "emotrain/nn/layer_options.hpp"
#include "emotrain/nn/models.hpp"
#include "nn/networks.hpp"
#include "nn/options_checks.hpp"

namespace emotrain::nn {
namespace {

constexpr std::array task_names{"classification", "reconstruction"};

const LayerOptions& layer_options(const Choice& layer) {
  const auto* options = dynamic_cast<const LayerOptions*>(layer.options.get());
  if (options == nullptr) fail(ErrorKind::usage, "\"{}\" has no options of a layer", layer.name);
  return *options;
}

/// What the layers can be for, from what they make of a sample.
Task infer_task(const std::optional<std::string>& wish, const Shape& sample, const Shape& result, Index classes) {
  const bool classifies = classes > 1 && result == Shape{classes};
  const bool reconstructs = result == sample;
  const bool wants_classes = wish == task_names[0];
  const bool wants_sample = wish == task_names[1];
  if (reconstructs && !wants_classes) return Task::reconstruction;
  if (classifies && !wants_sample) return Task::classification;
  const auto classes_text = classes > 1 ? fmt::format("({}) to classify", classes) : std::string("no labels to classify");
  fail(ErrorKind::usage,
       "layers: they make {} of a sample of shape {}, but{} the data has {}, and a reconstruction needs {}: change the last layers", result,
       sample, wish ? fmt::format(" the task is {} and", *wish) : std::string(), classes_text, sample);
}

}  // namespace

void SequentialOptions::fields(FieldVisitor& visitor) {
  visitor.field({"layers", "the layers, first to last"}, layers, nn::layers());
  visitor.field({"task", "none: reconstruction if the result has the sample's shape, else classification", {}, task_names}, task);
  NetworkOptions::fields(visitor);
}

void SequentialOptions::check() const { check_count("layers", layers.size(), 1); }

std::unique_ptr<Model> SequentialOptions::construct(const Shape& sample, Index classes, Initializer& init) const {
  auto body = std::make_unique<Sequential>();
  Shape shape = sample;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    at(fmt::format("layers/{}: {}", i, layers[i].name), [&] {
      const LayerOptions& options = layer_options(layers[i]);
      options.check();
      body->append(options.build(shape, init));
      check_sample_size(shape);
    });
  }
  if (init.parameters() == 0) fail(ErrorKind::usage, "layers: none of them has parameters to train: add a linear or a convolution");
  const Task what = infer_task(task, sample, shape, classes);
  return std::make_unique<Chain>(std::move(body), what);
}

}  // namespace emotrain::nn
