#pragma once
#include <string_view>

#include "emotrain/data/batches.hpp"
#include "emotrain/nn/model.hpp"

namespace emotrain::train {

/// What holds for the smallest batch of an epoch is found out before the first step: batch norm wants two values of each channel. Throws
/// Error{usage} that begins with the pointer to `section`, the section that the samples come from. Leaves the model as it was.
void try_smallest_batch(nn::Model& model, const data::Batches& batches, const Shape& sample_shape, std::string_view section);

}  // namespace emotrain::train
