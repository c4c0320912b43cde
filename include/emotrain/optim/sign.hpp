#pragma once
#include <cmath>

#include "emotrain/core/real.hpp"

namespace emotrain::optim {

/// 1, 0 or -1.
inline Real sign(Real x) { return Real(x > 0) - Real(x < 0); }

/// sign(x) where sign(x) = sign(y), else 0.
inline Real agreed_sign(Real x, Real y) { return Real((x > 0) & (y > 0)) - Real((x < 0) & (y < 0)); }

/// x / (1 + |x|).
inline Real softsign(Real x) { return x / (1 + std::abs(x)); }

}  // namespace emotrain::optim
