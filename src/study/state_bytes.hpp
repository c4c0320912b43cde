#pragma once
#include "emotrain/optim/optimizer.hpp"

namespace emotrain::study {

/// Bytes of an optimizer's state tensors for each parameter.
inline double state_bytes(const optim::Optimizer& optimizer) {
  Index state = 0;
  Index parameters = 0;
  for (const optim::StateSlot& slot : optimizer.state()) state += slot.value.size();
  for (const Tensor& parameter : optimizer.parameters()) parameters += parameter.size();
  return static_cast<double>(sizeof(Real)) * static_cast<double>(state) / static_cast<double>(parameters);
}

}  // namespace emotrain::study
