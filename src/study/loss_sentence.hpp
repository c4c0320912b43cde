#pragma once
#include <string>
#include <utility>
#include <vector>

#include "emotrain/study/explain.hpp"
#include "study/temper.hpp"

namespace emotrain::study {

/// What a disturbance does: "with wrong labels".
std::string disturbance_phrase(const std::string& event);
/// With a capital letter in place of the first, which is a small one.
std::string capitalized(std::string text);

/// What the loss did in each step, against the step before and against its short average up to then: the optimizer's, or where that has
/// none of the loss as it is, the mean of the last ten losses. Slots: loss, loss_before, gap.
class LossSentence {
 public:
  LossSentence(const StepSeries& record, const Temper& temper);

  std::string at(std::size_t i) const;
  std::vector<std::pair<std::string, std::vector<double>>> slots() &&;

 private:
  std::string against_average(std::size_t i, int direction) const;
  std::string begin(std::size_t i) const;

  const StepSeries& record_;
  bool by_short_average_;
  /// Of the steps before; NaN: there is none.
  std::vector<double> before_, average_;
  std::vector<bool> is_of_ten_;
};

}  // namespace emotrain::study
