#pragma once
#include <string>
#include <vector>

namespace emotrain::study {

/// A line and, where low and high are given, a band around it. Points that are not finite, or that a logarithmic
/// axis cannot show, are left out.
struct PlotSeries {
  std::string label;
  std::vector<double> x, y;
  std::vector<double> low, high;
};

struct Plot {
  std::string title, x_title, y_title;
  bool log_x = false;
  bool log_y = false;
  /// A dot at each point.
  bool marks = false;
  std::vector<PlotSeries> series;
};

/// An SVG image for a paper: axes with round numbers, a legend, colours that colour-blind people can tell apart, with dashes where there
/// are more lines than colours. Says so where there is nothing to show.
std::string svg_plot(const Plot& plot);

}  // namespace emotrain::study
