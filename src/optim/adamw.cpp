#include <utility>

#include "emotrain/optim/baselines.hpp"
#include "optim/compose.hpp"
#include "optim/rules/adamw.hpp"

namespace emotrain::optim {

void AdamWOptions::fields(FieldVisitor& visitor) {
  visitor.field({"lr", "learning rate", {.min = 0}}, lr);
  visitor.field({"betas", "decay rates of the moving averages", {.min = 0, .below = 1}}, betas);
  visitor.field({"eps", "added to the denominator", {.min = 0}}, eps);
  visitor.field({"weight_decay", "decoupled weight decay", {.min = 0}}, weight_decay);
}

std::unique_ptr<Optimizer> AdamWOptions::build(std::vector<Tensor> parameters) const {
  return std::make_unique<ThreePhase>(std::move(parameters), Composition{.rules = rules(elementwise(AdamW{betas, eps, weight_decay}))});
}

}  // namespace emotrain::optim
