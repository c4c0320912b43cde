#include "study/svg_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "study/escape.hpp"
#include "study/svg_axis.hpp"
#include "study/svg_palette.hpp"

namespace emotrain::study {
namespace {

constexpr double left = 72, top = 40, plot_width = 470, plot_height = 300, legend_left = 560, line_height = 18, bottom = 56;

class Drawing {
 public:
  explicit Drawing(const Plot& plot)
      : plot_(plot),
        x_(gather(&PlotSeries::x, nullptr, nullptr), plot.log_x),
        y_(gather(&PlotSeries::y, &PlotSeries::low, &PlotSeries::high), plot.log_y) {}

  std::string draw() {
    const double height = std::max(top + plot_height + bottom, top + line_height * static_cast<double>(plot_.series.size()) + 20);
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 {0:.0f}\" width=\"760\" height=\"{0:.0f}\" font-family=\"sans-serif\" "
        "font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        height);
    text(left, 22, "start", plot_.title, "font-size=\"15\"");
    axes();
    if (x_.empty() || y_.empty()) {
      text(left + plot_width / 2, top + plot_height / 2, "middle", "nothing finite to show", "");
    } else {
      for (std::size_t i = 0; i < plot_.series.size(); ++i) band(i);
      for (std::size_t i = 0; i < plot_.series.size(); ++i) line(i);
    }
    for (std::size_t i = 0; i < plot_.series.size(); ++i) legend(i);
    return svg_ + "</svg>\n";
  }

 private:
  using Member = std::vector<double> PlotSeries::*;

  std::vector<double> gather(Member first, Member second, Member third) const {
    std::vector<double> all;
    for (const PlotSeries& series : plot_.series) {
      for (const Member member : {first, second, third}) {
        if (member != nullptr) all.insert(all.end(), (series.*member).begin(), (series.*member).end());
      }
    }
    return all;
  }

  template <class... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(svg_), format, std::forward<Values>(values)...);
  }
  void text(double x, double y, const char* anchor, const std::string& words, const char* more) {
    add("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" {}>{}</text>\n", x, y, anchor, more, escaped(words));
  }
  double at_x(double value) const { return left + x_.place(value) * plot_width; }
  double at_y(double value) const { return top + (1 - y_.place(value)) * plot_height; }
  std::string stroke(std::size_t i) const {
    const char* dash = dashes[i / std::size(colours) % std::size(dashes)];
    return fmt::format("stroke=\"{}\"{}", colours[i % std::size(colours)],
                       *dash == '\0' ? std::string() : fmt::format(" stroke-dasharray=\"{}\"", dash));
  }

  void axes() {
    for (const SvgAxis::Tick& tick : x_.ticks()) {
      add("<path d=\"M{0:.1f} {1:.1f}V{2:.1f}\" stroke=\"#ddd\"/>\n", at_x(tick.value), top, top + plot_height);
      text(at_x(tick.value), top + plot_height + 16, "middle", tick.text, "");
    }
    for (const SvgAxis::Tick& tick : y_.ticks()) {
      add("<path d=\"M{0:.1f} {1:.1f}H{2:.1f}\" stroke=\"#ddd\"/>\n", left, at_y(tick.value), left + plot_width);
      text(left - 6, at_y(tick.value) + 4, "end", tick.text, "");
    }
    add("<path d=\"M{0:.1f} {1:.1f}V{2:.1f}H{3:.1f}\" fill=\"none\" stroke=\"#333\"/>\n", left, top, top + plot_height, left + plot_width);
    text(left + plot_width / 2, top + plot_height + 38, "middle", plot_.x_title, "");
    const double middle = top + plot_height / 2;
    add("<text transform=\"translate(16 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n", middle, escaped(plot_.y_title));
  }

  void band(std::size_t i) {
    const PlotSeries& series = plot_.series[i];
    std::string forth;
    std::string back;
    for (std::size_t k = 0; k < series.low.size(); ++k) {
      if (!x_.shows(series.x[k]) || !y_.shows(series.low[k]) || !y_.shows(series.high[k])) continue;
      forth += fmt::format("{}{:.1f} {:.1f}", forth.empty() ? "M" : "L", at_x(series.x[k]), at_y(series.low[k]));
      back = fmt::format("L{:.1f} {:.1f}", at_x(series.x[k]), at_y(series.high[k])) + back;
    }
    if (!forth.empty()) add("<path d=\"{}{}Z\" fill=\"{}\" fill-opacity=\"0.15\"/>\n", forth, back, colours[i % std::size(colours)]);
  }

  void line(std::size_t i) {
    const PlotSeries& series = plot_.series[i];
    std::string path;
    bool connected = false;
    for (std::size_t k = 0; k < series.x.size(); ++k) {
      const bool shown = x_.shows(series.x[k]) && y_.shows(series.y[k]);
      if (shown) path += fmt::format("{}{:.1f} {:.1f}", connected ? "L" : "M", at_x(series.x[k]), at_y(series.y[k]));
      connected = shown;
    }
    if (!path.empty()) add("<path d=\"{}\" fill=\"none\" stroke-width=\"1.8\" {}/>\n", path, stroke(i));
    if (!plot_.marks) return;
    for (std::size_t k = 0; k < series.x.size(); ++k) {
      if (!x_.shows(series.x[k]) || !y_.shows(series.y[k])) continue;
      add("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", at_x(series.x[k]), at_y(series.y[k]),
          colours[i % std::size(colours)]);
    }
  }

  void legend(std::size_t i) {
    const double y = top + line_height * static_cast<double>(i) + 6;
    add("<path d=\"M{:.1f} {:.1f}h26\" stroke-width=\"1.8\" {}/>\n", legend_left, y, stroke(i));
    text(legend_left + 32, y + 4, "start", plot_.series[i].label, "");
  }

  const Plot& plot_;
  SvgAxis x_;
  SvgAxis y_;
  std::string svg_;
};

}  // namespace

std::string svg_plot(const Plot& plot) { return Drawing(plot).draw(); }

}  // namespace emotrain::study
