#include "report/loss_history.hpp"

#include <algorithm>
#include <cmath>

namespace emotrain::report {

void LossHistory::add(double loss) {
  if (!std::isfinite(loss)) return;
  if (complete_ == stretches) {
    for (std::size_t i = 0; i < stretches / 2; ++i) means_[i] = (means_[2 * i] + means_[2 * i + 1]) / 2;
    complete_ = stretches / 2;
    length_ *= 2;
  }
  sum_ += loss;
  if (++count_ < length_) return;
  means_[complete_++] = sum_ / static_cast<double>(count_);
  sum_ = 0;
  count_ = 0;
}

std::size_t LossHistory::pieces(std::span<double> out) const {
  const std::size_t all = complete_ + (count_ > 0 ? 1 : 0);
  const std::size_t pieces = std::min(all, out.size());
  for (std::size_t i = 0; i < pieces; ++i) {
    const std::size_t first = i * all / pieces;
    const std::size_t end = (i + 1) * all / pieces;
    out[i] = 0;
    for (std::size_t stretch = first; stretch < end; ++stretch) out[i] += mean(stretch) / static_cast<double>(end - first);
  }
  return pieces;
}

void levels_of(std::span<double> values, int levels) {
  if (values.empty()) return;
  if (*std::ranges::min_element(values) > 0) std::ranges::transform(values, values.begin(), [](double x) { return std::log(x); });
  const auto [low, high] = std::ranges::minmax(values);
  const double top = levels - 1;
  for (double& value : values) value = high > low ? std::round((value - low) / (high - low) * top) : 0;
}

}  // namespace emotrain::report
