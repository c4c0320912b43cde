#pragma once
#include <array>
#include <cstddef>
#include <vector>

namespace emotrain::study {

/// Values on a grid: element (i, j), i from the left, j from below, is values[j * columns + i].
struct Grid {
  std::size_t columns = 0;
  std::size_t rows = 0;
  std::vector<double> values;
};

/// The region where the values are below the level, as closed loops around it (marching squares; the border of the grid is an edge), in
/// units of the grid, inner edges turned the other way. To be filled by the even-odd rule.
std::vector<std::vector<std::array<double, 2>>> region_below(const Grid& grid, double level);

}  // namespace emotrain::study
