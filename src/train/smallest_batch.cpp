#include "train/smallest_batch.hpp"

#include <algorithm>
#include <vector>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::train {

void try_smallest_batch(nn::Model& model, const data::Batches& batches, const Shape& sample_shape, std::string_view section) {
  std::vector<nn::NamedTensor> buffers;
  model.buffers("", buffers);
  if (buffers.empty()) return;
  std::vector<std::vector<Real>> kept;
  for (const nn::NamedTensor& buffer : buffers) kept.emplace_back(buffer.value.values().begin(), buffer.value.values().end());
  const Index rest = batches.size() % batches.batch_size();
  Shape shape{rest > 0 ? rest : batches.batch_size()};
  for (const Index extent : sample_shape) shape.push_back(extent);
  try {
    const autograd::NoGrad guard;
    model.run(Tensor::zeros(shape), {.training = true});
  } catch (const Error& error) {
    fail(ErrorKind::usage, "/{}/batch_size: the last batch of an epoch has {} of {} samples: {}; choose another batch_size, or data.limit",
         section, shape[0], batches.size(), error.what());
  }
  for (std::size_t i = 0; i < buffers.size(); ++i) std::copy(kept[i].begin(), kept[i].end(), buffers[i].value.data());
}

}  // namespace emotrain::train
