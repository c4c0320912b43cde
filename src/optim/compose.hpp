#pragma once
#include <memory>
#include <utility>
#include <vector>

#include "optim/three_phase.hpp"

/// Short ways to name the rules of a Composition.
namespace emotrain::optim {

template <class Formula>
std::unique_ptr<Rule> elementwise(const Formula& formula) {
  return std::make_unique<ElementwiseRule<Formula>>(formula);
}

template <class... Each>
std::vector<std::unique_ptr<Rule>> rules(Each... each) {
  std::vector<std::unique_ptr<Rule>> out;
  (out.push_back(std::move(each)), ...);
  return out;
}

}  // namespace emotrain::optim
