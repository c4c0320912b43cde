#include <utility>

#include "emotrain/core/error.hpp"
#include "emotrain/optim/baselines.hpp"
#include "optim/compose.hpp"
#include "optim/rules/sgd.hpp"

namespace emotrain::optim {

void SgdOptions::fields(FieldVisitor& visitor) {
  visitor.field({"lr", "learning rate", {.min = 0}}, lr);
  visitor.field({"momentum", "part of the last step that is kept", {.min = 0}}, momentum);
  visitor.field({"dampening", "part of the gradient that does not enter the momentum"}, dampening);
  visitor.field({"weight_decay", "L2 penalty, added to the gradient", {.min = 0}}, weight_decay);
  visitor.field({"nesterov", "look ahead by the momentum"}, nesterov);
}

void SgdOptions::check() const {
  if (nesterov && (momentum == 0 || dampening != 0)) {
    fail(ErrorKind::usage, "nesterov: needs momentum > 0 and dampening 0, here {} and {}; change them or leave nesterov out", momentum,
         dampening);
  }
}

std::unique_ptr<Optimizer> SgdOptions::build(std::vector<Tensor> parameters) const {
  auto rule = momentum == 0 ? elementwise(Sgd{weight_decay}) : elementwise(SgdMomentum{momentum, dampening, weight_decay, nesterov});
  return std::make_unique<ThreePhase>(std::move(parameters), Composition{.rules = rules(std::move(rule))});
}

}  // namespace emotrain::optim
