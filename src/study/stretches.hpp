#pragma once
#include <algorithm>
#include <cmath>

#include "emotrain/study/job.hpp"

namespace emotrain::study {

/// Gathers the records of steps into stretches of equal length: number `s` of `count` ends with step ceil(s total / count).
class Stretches {
 public:
  Stretches(Index total, Index count, std::vector<Stretch>& out) : total_(total), count_(std::min(count, total)), out_(out) {}

  /// True: this step was the last of its stretch.
  bool add(const report::StepRecord& record) {
    ++steps_;
    loss_ += record.loss;
    if (record.emotion) {
      scalar_ += record.emotion->scalar;
      ratio_ += record.emotion->ratio;
      drive_ += record.emotion->drive;
    }
    const auto done = static_cast<Index>(out_.size());
    if (record.step < ((done + 1) * total_ + count_ - 1) / count_) return false;
    const auto n = static_cast<double>(steps_);
    Stretch& stretch = out_.emplace_back(Stretch{.step = record.step, .loss = loss_ / n, .shadow_distance = record.shadow_distance});
    if (record.emotion) {
      stretch.scalar = scalar_ / n;
      stretch.ratio = ratio_ / n;
      stretch.drive = drive_ / n;
    }
    steps_ = 0;
    loss_ = scalar_ = ratio_ = drive_ = 0;
    return true;
  }

 private:
  Index total_;
  Index count_;
  std::vector<Stretch>& out_;
  Index steps_ = 0;
  double loss_ = 0;
  double scalar_ = 0;
  double ratio_ = 0;
  double drive_ = 0;
};

}  // namespace emotrain::study
