#pragma once
#include <optional>
#include <string>
#include <vector>

namespace emotrain::study {

/// A line and, where low and high are given, a band around it. Points that are not finite, or that a logarithmic
/// axis cannot show, are left out.
struct PlotSeries {
  std::string label;
  std::vector<double> x, y;
  std::vector<double> low, high;
  /// The number of its colour, where charts that stand together share them; absent: its place.
  std::optional<std::size_t> colour = std::nullopt;
};

struct Plot {
  std::string title, x_title, y_title;
  bool log_x = false;
  bool log_y = false;
  /// A dot at each point.
  bool marks = false;
  std::vector<PlotSeries> series;
};

/// Where a plot is shown: in a file of its own, for a paper; or within a page that has the variables of page-base.css, and the title and
/// the legend beside the plot.
enum class PlotPlace { file, page };

/// An SVG image: axes with round numbers, a legend, colours that colour-blind people can tell apart, with dashes where there are more lines
/// than colours. Says so where there is nothing to show.
std::string svg_plot(const Plot& plot, PlotPlace place = PlotPlace::file);
/// The line of a series as in its legend, for one beside the plot.
std::string svg_swatch(std::size_t colour);

}  // namespace emotrain::study
