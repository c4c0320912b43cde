#include "emotrain/train/noise.hpp"

#include "emotrain/core/tensor.hpp"

namespace emotrain::train {

void add_normal(const RandomKey& key, std::uint64_t step, std::span<Real> values, double deviation) {
  if (values.empty()) return;
  const Tensor noise = Tensor::empty({static_cast<Index>(values.size())});
  fill_normal(key, step, noise.data(), noise.size(), 0, deviation);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += noise.data()[i];
}

}  // namespace emotrain::train
