#include <fmt/format.h>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/data/bundled.hpp"
#include "emotrain/nn/losses.hpp"
#include "emotrain/nn/models.hpp"
#include "emotrain/optim/emo.hpp"

/// Trains a classifier on the bundled iris table with installed headers and libraries; fails unless that lowers the loss.
int main(int argc, char** argv) {
  using namespace emotrain;
  if (argc != 2) return 2;
  data::IrisOptions iris;
  iris.root = argv[1];
  const data::Splits splits = data::load_splits(iris);
  const data::Dataset& set = *splits.training_set;
  std::vector<std::int32_t> labels(splits.train.size());
  const nn::Batch batch{Tensor::empty({static_cast<Index>(labels.size()), set.sample_shape.size()}), labels};
  data::gather(set, splits.train, batch.x.data(), labels.data());

  const auto model = nn::MlpOptions().build(set.sample_shape, set.classes(), 1);
  std::vector<nn::NamedTensor> named;
  model->parameters("", named);
  std::vector<Tensor> parameters;
  for (const nn::NamedTensor& parameter : named) parameters.push_back(parameter.value);
  const optim::EmoNaviOptions emonavi;
  const auto optimizer = emonavi.build(parameters);
  const nn::CrossEntropyOptions loss_of;

  double first = 0;
  double last = 0;
  for (Index step = 1; step <= 20; ++step) {
    for (const Tensor& parameter : parameters) parameter.clear_grad();
    const Tensor loss = loss_of.compute(model->run(batch.x, {.seed = 1, .step = static_cast<std::uint64_t>(step)}), batch);
    autograd::backward(loss);
    last = loss.item();
    if (step == 1) first = last;
    optimizer->step({.step = step, .loss = last, .lr = emonavi.lr});
  }
  fmt::print("loss {:.4f} -> {:.4f}\n", first, last);
  return last < first ? 0 : 1;
}
