#pragma once
#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "emotrain/core/file_system.hpp"
#include "emotrain/nn/function.hpp"
#include "emotrain/train/run_config.hpp"

namespace emotrain::study {

using Point = std::array<double, 2>;

/// The way of a point over a function of two coordinates.
struct Trajectory {
  std::string label;
  /// From the start on, after each step or some of them; it ends before the first that is not finite.
  std::vector<Point> points;
  /// Likewise of its shadow; empty: it has none.
  std::vector<Point> shadow;
};

/// An SVG image, light or dark as the reader's system is: the function as filled contours on a scale of logarithms above its least value,
/// where it is least, and the trajectories, shadows dashed. It shows the function's window, and more where a trajectory leaves it.
/// Precondition: a function of two coordinates.
std::string trajectory_svg(const nn::Function& function, std::span<const Trajectory> trajectories);

/// Whether a run began where its configuration and its seed say: it is no branch, and was given no weights.
bool begins_at_start(const std::filesystem::path& run, const FileSystem& files = disk());
/// What the metrics.jsonl of a run says of its point, from the start on (unless its weights came from elsewhere). None: the run is not that
/// of a function of two coordinates, or no step is recorded. Throws Error{missing, io}.
std::optional<Trajectory> read_trajectory(const train::RunConfig& config, const std::filesystem::path& run,
                                          const FileSystem& files = disk());

inline constexpr const char* trajectory_file = "trajectory.svg";
/// Draws it into the run's directory. False: there is none.
bool write_trajectory(const train::RunConfig& config, const std::filesystem::path& run, FileSystem& files = disk());

}  // namespace emotrain::study
