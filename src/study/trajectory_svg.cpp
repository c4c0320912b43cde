#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "emotrain/study/trajectory.hpp"
#include "study/contours.hpp"
#include "study/escape.hpp"
#include "study/svg_axis.hpp"
#include "study/svg_palette.hpp"

namespace emotrain::study {
namespace {

constexpr double left = 56, top = 56, longest_side = 500, legend_gap = 24, narrowest_legend = 190, line_height = 20, bottom = 40;
/// Places of the grid along the longer side.
constexpr double grid_places = 110;
constexpr std::size_t levels = 12;
/// Contours lie between these parts of the plane by value: what is lower or higher fills too little of it.
constexpr double lowest_part = 0.004, highest_part = 0.985;
/// A trajectory that runs away widens the picture to at most so much.
constexpr double most_widening = 2;
constexpr std::size_t marks = 10;

struct Colour {
  double red, green, blue;
};
/// Of the lowest and the highest ground.
constexpr Colour light_low{126, 166, 196}, light_high{250, 251, 252}, dark_low{74, 112, 142}, dark_high{22, 26, 31};

std::string ground(const Colour& low, const Colour& high, std::size_t level) {
  // Steps of the eye rather than of the numbers: the darkest ones lie together.
  const double part = std::pow(static_cast<double>(level) / static_cast<double>(levels), 0.85);
  const auto mix = [part](double a, double b) { return static_cast<int>(std::lround(a + part * (b - a))); };
  return fmt::format("#{:02x}{:02x}{:02x}", mix(low.red, high.red), mix(low.green, high.green), mix(low.blue, high.blue));
}

std::string style() {
  const auto rules = [](const Colour& low, const Colour& high, const auto& lines, const char* ink, const char* halo, const char* quiet) {
    std::string text = fmt::format(
        ".trajectory .ink{{fill:{0}}}.trajectory .frame{{stroke:{2}}}.trajectory .quiet{{fill:{2}}}.trajectory .halo{{stroke:{1}}}"
        ".trajectory .paper{{fill:{1}}}.trajectory .least{{fill:{0};stroke:{1}}}.trajectory .contour{{stroke:{0}}}",
        ink, halo, quiet);
    for (std::size_t i = 0; i <= levels; ++i) text += fmt::format(".trajectory .g{}{{fill:{}}}", i, ground(low, high, i));
    for (std::size_t i = 0; i < lines.size(); ++i) text += fmt::format(".trajectory .w{}{{color:{}}}", i, lines[i]);
    return text;
  };
  return fmt::format("<style>{}@media (prefers-color-scheme:dark){{{}}}</style>\n",
                     rules(light_low, light_high, colours, "#1b1f24", "#ffffff", "#5b636d"),
                     rules(dark_low, dark_high, dark_colours, "#e4e7ea", "#15181c", "#9aa3ad"));
}

bool is_finite(const Point& point) { return std::isfinite(point[0]) && std::isfinite(point[1]); }

/// The function's window, and more where a trajectory leaves it.
std::array<nn::Interval, 2> window_of(const nn::Function& function, std::span<const Trajectory> trajectories) {
  std::array<nn::Interval, 2> window = function.window;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const auto [low, high] = function.window[axis];
    const double margin = (high - low) * (most_widening - 1) / 2;
    for (const Trajectory& trajectory : trajectories) {
      for (const Point& point : trajectory.points) {
        if (!is_finite(point)) continue;
        window[axis].low = std::min(window[axis].low, std::max(point[axis], low - margin));
        window[axis].high = std::max(window[axis].high, std::min(point[axis], high + margin));
      }
    }
  }
  return window;
}

class Drawing {
 public:
  Drawing(const nn::Function& function, std::span<const Trajectory> trajectories)
      : function_(function),
        trajectories_(trajectories),
        window_(window_of(function, trajectories)),
        scale_(longest_side / std::max(length(0), length(1))),
        width_(length(0) * scale_),
        height_(length(1) * scale_) {}

  std::string draw() {
    constexpr double usual_letter = 6.6;
    double legend_width = narrowest_legend;
    for (const Trajectory& each : trajectories_) {
      legend_width = std::max(legend_width, 40 + usual_letter * static_cast<double>(each.label.size()));
    }
    const double right = left + width_ + legend_gap + legend_width;
    const double rows = static_cast<double>(trajectories_.size()) + 5;
    const double below = std::max(top + height_ + bottom, top + line_height * rows + 190);
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"trajectory\" role=\"img\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
        "height=\"{1:.0f}\" font-family=\"sans-serif\" font-size=\"12\">\n<title>Trajectories over the function {2}</title>\n",
        right, below, function_.name);
    svg_ += style();
    add("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
    text(left, 22, "start", "ink", function_.name, " font-size=\"15\"");
    description(right - left);
    ticks();
    // A picture within the picture: it is cut at its border.
    add("<svg x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\">\n", left, top, width_, height_);
    surface();
    for (std::size_t i = trajectories_.size(); i-- > 0;) path(i);
    minima();
    add("</svg>\n<rect class=\"frame\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"none\"/>\n", left, top, width_,
        height_);
    legend();
    return svg_ + "</svg>\n";
  }

 private:
  double length(std::size_t axis) const { return window_[axis].high - window_[axis].low; }
  double at_x(double x) const { return (x - window_[0].low) * scale_; }
  double at_y(double y) const { return (window_[1].high - y) * scale_; }

  template <class... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(svg_), format, std::forward<Values>(values)...);
  }
  void text(double x, double y, const char* anchor, const char* kind, const std::string& words, const char* more = "") {
    add("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", kind, x, y, anchor, more, escaped(words));
  }

  /// What it is, in as much room as there is.
  void description(double room) {
    constexpr double usual_letter = 6.2;
    const std::string words = function_.description;
    const double size = std::min(12.0, 12 * room / (usual_letter * static_cast<double>(words.size())));
    add("<text class=\"quiet\" x=\"{:.1f}\" y=\"42\" font-size=\"{:.1f}\">{}</text>\n", left, size, escaped(words));
  }

  void ticks() {
    for (const SvgAxis::Tick& tick : SvgAxis({window_[0].low, window_[0].high}, false).ticks()) {
      add("<path class=\"frame\" d=\"M{:.1f} {:.1f}v4\"/>\n", left + at_x(tick.value), top + height_);
      text(left + at_x(tick.value), top + height_ + 18, "middle", "quiet", tick.text);
    }
    for (const SvgAxis::Tick& tick : SvgAxis({window_[1].low, window_[1].high}, false).ticks()) {
      add("<path class=\"frame\" d=\"M{:.1f} {:.1f}h-4\"/>\n", left, top + at_y(tick.value));
      text(left - 8, top + at_y(tick.value) + 4, "end", "quiet", tick.text);
    }
  }

  /// Logarithms of the height above the least value.
  Grid heights() const {
    const double places = grid_places / longest_side;
    Grid grid{
        .columns = static_cast<std::size_t>(width_ * places) + 1, .rows = static_cast<std::size_t>(height_ * places) + 1, .values = {}};
    for (std::size_t j = 0; j < grid.rows; ++j) {
      for (std::size_t i = 0; i < grid.columns; ++i) {
        const Point point{window_[0].low + length(0) * static_cast<double>(i) / static_cast<double>(grid.columns - 1),
                          window_[1].low + length(1) * static_cast<double>(j) / static_cast<double>(grid.rows - 1)};
        grid.values.push_back(std::log10(std::max(function_.value(point) - function_.least, std::numeric_limits<double>::min())));
      }
    }
    return grid;
  }

  void surface() {
    const Grid grid = heights();
    std::vector<double> sorted = grid.values;
    std::ranges::sort(sorted);
    const auto quantile = [&](double part) { return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))]; };
    low_ = quantile(lowest_part);
    high_ = quantile(highest_part);
    add("<rect class=\"g{}\" width=\"100%\" height=\"100%\"/>\n", levels);
    // Tenths of a pixel make short numbers.
    add("<g transform=\"scale(.1)\" class=\"contour\" fill-rule=\"evenodd\" stroke-width=\"5\" stroke-opacity=\".22\">\n");
    for (std::size_t level = levels; level-- > 0;) {
      const double height = low_ + (high_ - low_) * (static_cast<double>(level) + 0.5) / static_cast<double>(levels);
      std::string path;
      for (const std::vector<Point>& loop : region_below(grid, height)) path += outline(grid, loop);
      if (!path.empty()) add("<path class=\"g{}\" d=\"{}\"/>\n", level, path);
    }
    add("</g>\n");
  }

  /// In tenths of a pixel, without points that lie on the line of their neighbours.
  std::string outline(const Grid& grid, const std::vector<Point>& loop) const {
    constexpr double straight = 1.5;
    std::vector<std::array<long, 2>> kept;
    for (const auto& [i, j] : loop) {
      const std::array<long, 2> next{std::lround(10 * width_ * i / static_cast<double>(grid.columns - 1)),
                                     std::lround(10 * height_ * (1 - j / static_cast<double>(grid.rows - 1)))};
      if (!kept.empty() && next == kept.back()) continue;
      if (kept.size() > 1) {
        const auto& a = kept[kept.size() - 2];
        const auto& b = kept.back();
        const auto x = static_cast<double>(next[0] - a[0]);
        const auto y = static_cast<double>(next[1] - a[1]);
        const double off = std::abs(x * static_cast<double>(b[1] - a[1]) - y * static_cast<double>(b[0] - a[0])) / std::hypot(x, y);
        if (off < straight) kept.pop_back();
      }
      kept.push_back(next);
    }
    if (kept.size() < 3) return {};
    std::string text = fmt::format("M{} {}l", kept.front()[0], kept.front()[1]);
    for (std::size_t k = 1; k < kept.size(); ++k) {
      const long x = kept[k][0] - kept[k - 1][0];
      const long y = kept[k][1] - kept[k - 1][1];
      text += fmt::format("{}{}{}{}", k > 1 && x >= 0 ? " " : "", x, y >= 0 ? " " : "", y);
    }
    return text + "z";
  }

  /// Points that are less than a pixel from the one before are left out.
  std::string line_through(const std::vector<Point>& points) const {
    std::string line;
    Point last{};
    for (std::size_t k = 0; k < points.size() && is_finite(points[k]); ++k) {
      // What is far outside is as good there as infinitely far.
      const Point place{std::clamp(at_x(points[k][0]), -1e4, 1e4), std::clamp(at_y(points[k][1]), -1e4, 1e4)};
      if (k > 0 && k + 1 < points.size() && std::hypot(place[0] - last[0], place[1] - last[1]) < 0.8) continue;
      line += fmt::format("{}{:.1f} {:.1f}", k == 0 ? "M" : "L", place[0], place[1]);
      last = place;
    }
    return line;
  }

  void path(std::size_t i) {
    const Trajectory& trajectory = trajectories_[i];
    const char* joins = "fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"round\"";
    open_way(i);
    if (const std::string line = line_through(trajectory.shadow); !line.empty()) {
      add("<path class=\"halo\" d=\"{}\" {} stroke-width=\"3.4\" stroke-opacity=\".55\"/>\n", line, joins);
      add("<path stroke=\"currentColor\" d=\"{}\" {} stroke-width=\"1.6\" stroke-dasharray=\"1 4\"/>\n", line, joins);
    }
    if (const std::string line = line_through(trajectory.points); !line.empty()) way(trajectory.points, line, joins);
    add("</g>\n");
  }

  /// All of a trajectory has one colour, which a page may replace.
  void open_way(std::size_t i) { add("<g class=\"w{}\" data-way=\"{}\">\n", i % colours.size(), i); }

  void way(const std::vector<Point>& points, const std::string& line, const char* joins) {
    add("<path class=\"halo\" d=\"{}\" {} stroke-width=\"4\" stroke-opacity=\".75\"/>\n", line, joins);
    add("<path stroke=\"currentColor\" d=\"{}\" {} stroke-width=\"1.8\"/>\n", line, joins);
    for (std::size_t k = 1; k < marks; ++k) dot(points[(points.size() - 1) * k / marks], 2.4, 0.8);
    const Point& start = points.front();
    add("<circle class=\"paper\" stroke=\"currentColor\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" stroke-width=\"2.2\"/>\n", at_x(start[0]),
        at_y(start[1]));
    dot(points.back(), 5, 1.6);
  }

  void dot(const Point& point, double radius, double rim) {
    if (!is_finite(point)) return;
    add("<circle class=\"halo\" fill=\"currentColor\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" stroke-width=\"{}\"/>\n",
        std::clamp(at_x(point[0]), -1e4, 1e4), std::clamp(at_y(point[1]), -1e4, 1e4), radius, rim);
  }

  /// A star with four points.
  void star(double x, double y) {
    add("<path class=\"least\" stroke-width=\"1.2\" d=\"M{:.1f} {:.1f}l2 5.5 5.5 2-5.5 2-2 5.5-2-5.5-5.5-2 5.5-2z\"/>\n", x, y - 7.5);
  }
  void minima() {
    for (std::size_t i = 0; i < function_.minima_count(); ++i) star(at_x(function_.minimum(i)[0]), at_y(function_.minimum(i)[1]));
  }

  void legend() {
    const double x = left + width_ + legend_gap;
    double y = top + 8;
    const auto entry = [&](const char* words) {
      text(x + 34, y + 4, "start", "quiet", words);
      y += line_height;
    };
    for (std::size_t i = 0; i < trajectories_.size(); ++i) {
      open_way(i);
      add("<path stroke=\"currentColor\" d=\"M{:.1f} {:.1f}h26\" stroke-width=\"2.4\" stroke-linecap=\"round\"/>\n", x, y);
      text(x + 34, y + 4, "start", "ink", trajectories_[i].label);
      add("</g>\n");
      y += line_height;
    }
    y += 6;
    const char* grey = "stroke=\"#808890\"";
    if (std::ranges::any_of(trajectories_, [](const Trajectory& t) { return !t.shadow.empty(); })) {
      add("<path d=\"M{:.1f} {:.1f}h26\" {} stroke-width=\"1.6\" stroke-dasharray=\"1 4\" stroke-linecap=\"round\"/>\n", x, y, grey);
      entry("its shadow");
    }
    add("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" fill=\"none\" {} stroke-width=\"2.2\"/>\n", x + 13, y, grey);
    entry("start");
    add("<circle cx=\"{0:.1f}\" cy=\"{2:.1f}\" r=\"2.4\" fill=\"#808890\"/><circle cx=\"{1:.1f}\" cy=\"{2:.1f}\" r=\"5\" "
        "fill=\"#808890\"/>\n",
        x + 4, x + 18, y);
    entry("each tenth, and the end");
    star(x + 13, y);
    entry("least value");
    scale(x, y + 22);
  }

  /// What the grounds mean.
  void scale(double x, double y) {
    constexpr double height = 130, width = 14;
    text(x, y, "start", "quiet", "height above the least");
    for (std::size_t level = 0; level <= levels; ++level) {
      const double from = y + 12 + height * static_cast<double>(levels - level) / (levels + 1);
      add("<rect class=\"g{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{:.1f}\"/>\n", level, x, from, width,
          height / (levels + 1) + 0.3);
    }
    add("<rect class=\"frame\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{}\" fill=\"none\"/>\n", x, y + 12, width, height);
    const double step = (high_ - low_) / levels;
    for (const double part : {0.0, 0.5, 1.0}) {
      const double value = std::pow(10.0, low_ - step / 2 + part * step * (levels + 1));
      // Two digits, and no exponent where it can be done without.
      const double unit = std::pow(10.0, std::floor(std::log10(value)) - 1);
      text(x + width + 6, y + 12 + height * (1 - part) + 4, "start", "quiet", fmt::format("{:g}", std::round(value / unit) * unit));
    }
  }

  const nn::Function& function_;
  std::span<const Trajectory> trajectories_;
  std::array<nn::Interval, 2> window_;
  double scale_;
  double width_;
  double height_;
  /// Of the logarithms that the grounds tell apart.
  double low_ = 0;
  double high_ = 1;
  std::string svg_;
};

}  // namespace

std::string trajectory_svg(const nn::Function& function, std::span<const Trajectory> trajectories) {
  return Drawing(function, trajectories).draw();
}

}  // namespace emotrain::study
