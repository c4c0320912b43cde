#include "train/batch_loader.hpp"

namespace emotrain::train {

BatchLoader::BatchLoader(const data::Dataset& set, Index largest_batch)
    : set_(set), labels_(set.labels.empty() ? 0 : static_cast<std::size_t>(largest_batch)) {}

nn::Batch BatchLoader::load(std::span<const std::int32_t> indices) {
  Shape shape{static_cast<Index>(indices.size())};
  for (const Index extent : set_.sample_shape) shape.push_back(extent);
  const Tensor x = Tensor::empty(shape);
  if (labels_.empty()) {
    data::gather(set_, indices, x.data(), nullptr);
    return {x, {}};
  }
  data::gather(set_, indices, x.data(), labels_.data());
  return {x, std::span(labels_).first(indices.size())};
}

}  // namespace emotrain::train
