#pragma once
#include <array>
#include <cstddef>

/// Colours of lines, which colour-blind people can tell apart: Okabe and Ito, "Color universal design", 2008.
namespace emotrain::study {

inline constexpr std::array colours{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999933"};
/// The same on a dark ground.
inline constexpr std::array dark_colours{"#5AB4F0", "#FF8A3D", "#2FD6A3", "#F0A3CB", "#FFC045", "#A5DCFF", "#FFFFFF", "#D6D66B"};
inline constexpr std::array dashes{"", "7 3", "2 3", "9 3 2 3"};

}  // namespace emotrain::study
