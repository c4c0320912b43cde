#include "study/contours.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace emotrain::study {
namespace {

using Point = std::array<double, 2>;

/// The grid with a rim of places that are outside, so that every edge of the region is closed. An edge of the region crosses edges of the
/// grid: number 2k goes from place k to the right, 2k + 1 upwards.
class Tracer {
 public:
  Tracer(const Grid& grid, double level)
      : grid_(grid), level_(level), width_(grid.columns + 2), height_(grid.rows + 2), next_(2 * width_ * height_, none) {}

  std::vector<std::vector<Point>> trace() {
    for (std::size_t j = 0; j + 1 < height_; ++j) {
      for (std::size_t i = 0; i + 1 < width_; ++i) join(i, j);
    }
    std::vector<std::vector<Point>> loops;
    for (std::size_t first = 0; first < next_.size(); ++first) {
      if (next_[first] == none) continue;
      std::vector<Point>& loop = loops.emplace_back();
      for (std::size_t edge = first; next_[edge] != none;) {
        loop.push_back(crossing(edge));
        edge = std::exchange(next_[edge], none);
      }
    }
    return loops;
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  bool on_rim(std::size_t i, std::size_t j) const { return i == 0 || j == 0 || i + 1 == width_ || j + 1 == height_; }
  double value(std::size_t i, std::size_t j) const { return grid_.values[(j - 1) * grid_.columns + i - 1]; }
  bool inside(std::size_t i, std::size_t j) const { return !on_rim(i, j) && value(i, j) < level_; }
  std::size_t edge(std::size_t i, std::size_t j, bool upwards) const { return 2 * (j * width_ + i) + (upwards ? 1 : 0); }

  /// Within a cell the region's edge goes from where its outline leaves the region to where it enters it, with the region on the left.
  void join(std::size_t i, std::size_t j) {
    // Counter-clockwise; side k goes from corner k to the next.
    const std::array<bool, 4> corner{inside(i, j), inside(i + 1, j), inside(i + 1, j + 1), inside(i, j + 1)};
    const std::array<std::size_t, 4> side{edge(i, j, false), edge(i + 1, j, true), edge(i, j + 1, false), edge(i, j, true)};
    const bool is_saddle = corner[0] == corner[2] && corner[1] == corner[3] && corner[0] != corner[1];
    const bool joined = is_saddle && (value(i, j) + value(i + 1, j) + value(i + 1, j + 1) + value(i, j + 1)) / 4 < level_;
    for (std::size_t k = 0; k < 4; ++k) {
      if (!corner[k] || corner[(k + 1) % 4]) continue;
      // The next place where the outline enters; of a saddle with its two parts apart the one before.
      std::size_t entry = k;
      do {
        entry = is_saddle && !joined ? (entry + 3) % 4 : (entry + 1) % 4;
      } while (corner[entry] || !corner[(entry + 1) % 4]);
      next_[side[k]] = side[entry];
    }
  }

  Point crossing(std::size_t edge) const {
    const std::size_t i = edge / 2 % width_;
    const std::size_t j = edge / 2 / width_;
    const std::size_t to_i = i + (edge % 2 == 0 ? 1 : 0);
    const std::size_t to_j = j + (edge % 2 == 0 ? 0 : 1);
    double part = 0.5;
    if (on_rim(i, j) || on_rim(to_i, to_j)) {
      part = on_rim(i, j) ? 1 : 0;
    } else {
      const double from = value(i, j);
      const double to = value(to_i, to_j);
      if (std::isfinite(from) && std::isfinite(to)) part = std::clamp((level_ - from) / (to - from), 0.0, 1.0);
    }
    const auto between = [part](std::size_t a, std::size_t b) {
      return static_cast<double>(a) + part * (static_cast<double>(b) - static_cast<double>(a)) - 1;
    };
    return {between(i, to_i), between(j, to_j)};
  }

  const Grid& grid_;
  double level_;
  std::size_t width_;
  std::size_t height_;
  /// Beside the edges of the grid: to which the region's edge goes on.
  std::vector<std::size_t> next_;
};

}  // namespace

std::vector<std::vector<Point>> region_below(const Grid& grid, double level) { return Tracer(grid, level).trace(); }

}  // namespace emotrain::study
