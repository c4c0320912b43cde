#pragma once
#include <string>
#include <vector>

namespace emotrain::study {

/// From values to a place between 0 and 1.
class SvgAxis {
 public:
  /// Of all values that will be shown.
  SvgAxis(const std::vector<double>& values, bool logarithmic);

  bool empty() const { return empty_; }
  bool shows(double value) const;
  double place(double value) const;

  struct Tick {
    double value;
    std::string text;
  };
  /// Round numbers within the range, at most eight or so.
  std::vector<Tick> ticks() const;

 private:
  double scaled(double value) const;

  bool logarithmic_;
  bool empty_ = true;
  double low_ = 0;
  double high_ = 1;
};

}  // namespace emotrain::study
