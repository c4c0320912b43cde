#pragma once
#include "emotrain/core/options.hpp"

/// Fields that many optimizers have.
namespace emotrain::optim {

inline constexpr Range beta_range{.min = 0, .below = 1};
inline constexpr Field betas_field{"betas", "decay rates of the moving averages", beta_range};
inline constexpr Field eps_field{"eps", "added to the denominator", {.min = 0}};
/// p <- p - lr weight_decay p, apart from the gradient.
inline constexpr Field weight_decay_field{"weight_decay", "decoupled weight decay", {.min = 0}};
/// g <- g + weight_decay p.
inline constexpr Field l2_field{"weight_decay", "L2 penalty, added to the gradient", {.min = 0}};

}  // namespace emotrain::optim
