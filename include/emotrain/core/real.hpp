#pragma once
#include <cstdint>

/// The one scalar type of tensors. The library is built a second time with `EMOTRAIN_REAL_DOUBLE` for the tests, where gradients and
/// optimizers are compared in float64.
namespace emotrain {

#ifdef EMOTRAIN_REAL_DOUBLE
using Real = double;
#else
using Real = float;
#endif

/// Signed everywhere: sizes are differences too.
using Index = std::int64_t;

}  // namespace emotrain
