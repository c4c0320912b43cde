#pragma once
#include <functional>
#include <string>
#include <vector>

#include "emotrain/core/error.hpp"
#include "emotrain/train/trainer.hpp"

/// What tests of trainers look at.
namespace emotrain::test {

inline std::string text_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

inline std::vector<Real> weights_of(train::Trainer& trainer) {
  std::vector<Real> all;
  for (const Tensor& parameter : train::parameters_of(trainer.model()))
    all.insert(all.end(), parameter.values().begin(), parameter.values().end());
  return all;
}

/// As they are after a step: clipped.
inline std::vector<Real> gradients_of(train::Trainer& trainer) {
  std::vector<Real> all;
  for (const Tensor& parameter : train::parameters_of(trainer.model()))
    all.insert(all.end(), parameter.grad().begin(), parameter.grad().end());
  return all;
}

}  // namespace emotrain::test
