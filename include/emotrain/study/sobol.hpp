#pragma once
#include <vector>

#include "emotrain/core/real.hpp"

namespace emotrain::study {

/// The first `count` points of Sobol's sequence in [0, 1)^dimensions, unscrambled, the origin first: direction numbers of Joe and Kuo,
/// "Constructing Sobol sequences with better two-dimensional projections", 2008 (new-joe-kuo-6), in Gray code's order, as SciPy's
/// stats.qmc.Sobol.
std::vector<std::vector<double>> sobol_points(Index dimensions, Index count);

}  // namespace emotrain::study
