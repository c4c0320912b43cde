#include "study/svg_axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace emotrain::study {
namespace {

constexpr double wanted_ticks = 6;

/// 1, 2 or 5 times a power of ten, at least `step`.
double round_step(double step) {
  const double power = std::pow(10.0, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= step) return factor * power;
  }
  return 10 * power;
}

}  // namespace

SvgAxis::SvgAxis(const std::vector<double>& values, bool logarithmic) : logarithmic_(logarithmic) {
  for (const double value : values) {
    if (!shows(value)) continue;
    const double x = scaled(value);
    low_ = empty_ ? x : std::min(low_, x);
    high_ = empty_ ? x : std::max(high_, x);
    empty_ = false;
  }
  if (high_ - low_ < 1e-9 * std::max(1.0, std::abs(high_))) {
    low_ -= 0.5;
    high_ += 0.5;
  }
}

bool SvgAxis::shows(double value) const { return std::isfinite(value) && (!logarithmic_ || value > 0); }

double SvgAxis::scaled(double value) const { return logarithmic_ ? std::log10(value) : value; }

double SvgAxis::place(double value) const { return (scaled(value) - low_) / (high_ - low_); }

std::vector<SvgAxis::Tick> SvgAxis::ticks() const {
  std::vector<Tick> ticks;
  const double span = high_ - low_;
  // Within a slack for rounding.
  const auto add = [&](double value) {
    const double x = scaled(value);
    if (x >= low_ - 1e-9 * span && x <= high_ + 1e-9 * span) ticks.push_back({value, fmt::format("{:g}", value)});
  };
  if (logarithmic_ && span >= 1) {
    // Few decades: also twice and five times the powers of ten.
    const double step = std::max(1.0, round_step(span / wanted_ticks));
    for (double k = std::floor(low_ / step); k * step <= high_; ++k) {
      for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor == 1 || span < 3) add(factor * std::pow(10.0, k * step));
      }
    }
    return ticks;
  }
  const double low = logarithmic_ ? std::pow(10.0, low_) : low_;
  const double high = logarithmic_ ? std::pow(10.0, high_) : high_;
  const double step = round_step((high - low) / wanted_ticks);
  // Adding 0 makes 0 of -0.
  for (double k = std::floor(low / step); k * step <= high + step; ++k) add(k * step + 0.0);
  return ticks;
}

}  // namespace emotrain::study
