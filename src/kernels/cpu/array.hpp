#pragma once
// GCC 12 takes the undefined vectors inside its own AVX-512 intrinsics for mistakes of ours (gcc.gnu.org/PR105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <Eigen/Core>

#include "emotrain/core/real.hpp"

/// Spans as Eigen arrays: its exp, log and tanh are vectorised. Only expressions that are assigned to a map, so that nothing allocates.
/// Which elements Eigen computes in registers and which one by one, with other roundings, depends on where the result lies relative to a
/// register's alignment: results must begin at places that are the same in every run. Pooled memory does; the stack needs `alignas`.
namespace emotrain::kernels {

using Array = Eigen::Map<Eigen::Array<Real, Eigen::Dynamic, 1>>;
using ConstArray = Eigen::Map<const Eigen::Array<Real, Eigen::Dynamic, 1>>;

/// What the widest registers are aligned to.
inline constexpr int register_bytes = 64;

/// Values that are worked on at a time where intermediate results live on the stack.
inline constexpr Index block = 256;

}  // namespace emotrain::kernels
