#pragma once
#include <array>
#include <span>

#include "emotrain/core/real.hpp"

namespace emotrain::report {

/// The course of a run's loss in constant memory: means over stretches of equal length, which doubles whenever the stretches run out.
class LossHistory {
 public:
  void add(double loss);
  /// The means of at most out.size() pieces of the course, of about equal length; returns how many there are.
  std::size_t pieces(std::span<double> out) const;

 private:
  static constexpr std::size_t stretches = 64;

  double mean(std::size_t stretch) const { return stretch < complete_ ? means_[stretch] : sum_ / static_cast<double>(count_); }

  std::array<double, stretches> means_{};
  std::size_t complete_ = 0;
  /// Losses in a stretch.
  Index length_ = 1;
  /// Of the stretch that is not complete yet.
  double sum_ = 0;
  Index count_ = 0;
};

/// How high each value stands between the lowest (0) and the highest of them (`levels` - 1); by their logarithms if all are above 0, as
/// losses fall by factors.
void levels_of(std::span<double> values, int levels);

}  // namespace emotrain::report
