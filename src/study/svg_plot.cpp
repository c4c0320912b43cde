#include "study/svg_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "study/escape.hpp"
#include "study/svg_axis.hpp"
#include "study/svg_palette.hpp"

namespace emotrain::study {
namespace {

constexpr double legend_left = 560, line_height = 18;

struct Layout {
  double width, left, top, plot_width, plot_height, bottom;
  const char* grid;
  const char* frame;
  /// Of the x axis' title, below the plot.
  double title_below;
};
constexpr Layout layouts[] = {
    {760, 72, 40, 470, 300, 56, "#ddd", "#333", 38},
    {460, 58, 8, 382, 240, 42, "var(--grid)", "var(--quiet)", 34},
};

constexpr std::size_t page_colours = 7;

std::string stroke_of(std::size_t colour, PlotPlace place) {
  const std::size_t count = place == PlotPlace::page ? page_colours : std::size(colours);
  const char* dash = dashes[colour / count % std::size(dashes)];
  const std::string stroke = place == PlotPlace::page ? fmt::format("var(--arm-{})", colour % count) : colours[colour % count];
  return fmt::format("stroke=\"{}\"{}", stroke, *dash == '\0' ? std::string() : fmt::format(" stroke-dasharray=\"{}\"", dash));
}

class Drawing {
 public:
  Drawing(const Plot& plot, PlotPlace place)
      : plot_(plot),
        place_(place),
        layout_(layouts[static_cast<std::size_t>(place)]),
        x_(gather(&PlotSeries::x, nullptr, nullptr), plot.log_x),
        y_(gather(&PlotSeries::y, &PlotSeries::low, &PlotSeries::high), plot.log_y) {}

  std::string draw() {
    const bool is_file = place_ == PlotPlace::file;
    const double plot_bottom = layout_.top + layout_.plot_height;
    const double legend_bottom = layout_.top + line_height * static_cast<double>(plot_.series.size()) + 20;
    const double height = is_file ? std::max(plot_bottom + layout_.bottom, legend_bottom) : plot_bottom + layout_.bottom;
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" ", layout_.width, height);
    if (is_file) {
      add("width=\"{:.0f}\" height=\"{:.0f}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" "
          "fill=\"white\"/>\n",
          layout_.width, height);
      text(layout_.left, 22, "start", plot_.title, "font-size=\"15\"");
    } else {
      add("role=\"img\" aria-label=\"{}\">\n", escaped(plot_.title));
    }
    axes();
    if (x_.empty() || y_.empty()) {
      text(layout_.left + layout_.plot_width / 2, layout_.top + layout_.plot_height / 2, "middle", "nothing finite to show", "");
    } else {
      for (std::size_t i = 0; i < plot_.series.size(); ++i) band(i);
      for (std::size_t i = 0; i < plot_.series.size(); ++i) line(i);
    }
    for (std::size_t i = 0; is_file && i < plot_.series.size(); ++i) legend(i);
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
  double at_x(double value) const { return layout_.left + x_.place(value) * layout_.plot_width; }
  double at_y(double value) const { return layout_.top + (1 - y_.place(value)) * layout_.plot_height; }
  std::size_t colour(std::size_t i) const { return plot_.series[i].colour.value_or(i); }
  std::string stroke(std::size_t i) const { return stroke_of(colour(i), place_); }
  std::string fill(std::size_t i) const {
    return place_ == PlotPlace::page ? fmt::format("var(--arm-{})", colour(i) % page_colours) : colours[colour(i) % std::size(colours)];
  }

  void axes() {
    for (const SvgAxis::Tick& tick : x_.ticks()) {
      add("<path d=\"M{0:.1f} {1:.1f}V{2:.1f}\" stroke=\"{3}\"/>\n", at_x(tick.value), layout_.top, layout_.top + layout_.plot_height,
          layout_.grid);
      text(at_x(tick.value), layout_.top + layout_.plot_height + 16, "middle", tick.text, "");
    }
    for (const SvgAxis::Tick& tick : y_.ticks()) {
      add("<path d=\"M{0:.1f} {1:.1f}H{2:.1f}\" stroke=\"{3}\"/>\n", layout_.left, at_y(tick.value), layout_.left + layout_.plot_width,
          layout_.grid);
      text(layout_.left - 6, at_y(tick.value) + 4, "end", tick.text, "");
    }
    add("<path d=\"M{0:.1f} {1:.1f}V{2:.1f}H{3:.1f}\" fill=\"none\" stroke=\"{4}\"/>\n", layout_.left, layout_.top,
        layout_.top + layout_.plot_height, layout_.left + layout_.plot_width, layout_.frame);
    text(layout_.left + layout_.plot_width / 2, layout_.top + layout_.plot_height + layout_.title_below, "middle", plot_.x_title, "");
    const double middle = layout_.top + layout_.plot_height / 2;
    add("<text transform=\"translate({} {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n", place_ == PlotPlace::file ? 16 : 11,
        middle, escaped(plot_.y_title));
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
    if (!forth.empty()) add("<path d=\"{}{}Z\" fill=\"{}\" fill-opacity=\"0.15\"/>\n", forth, back, fill(i));
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
      add("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", at_x(series.x[k]), at_y(series.y[k]), fill(i));
    }
  }

  void legend(std::size_t i) {
    const double y = layout_.top + line_height * static_cast<double>(i) + 6;
    add("<path d=\"M{:.1f} {:.1f}h26\" stroke-width=\"1.8\" {}/>\n", legend_left, y, stroke(i));
    text(legend_left + 32, y + 4, "start", plot_.series[i].label, "");
  }

  const Plot& plot_;
  PlotPlace place_;
  const Layout& layout_;
  SvgAxis x_;
  SvgAxis y_;
  std::string svg_;
};

}  // namespace

std::string svg_plot(const Plot& plot, PlotPlace place) { return Drawing(plot, place).draw(); }

std::string svg_swatch(std::size_t colour) {
  return fmt::format(
      "<svg class=\"swatch\" width=\"26\" height=\"8\" aria-hidden=\"true\"><path d=\"M0 4h26\" stroke-width=\"2.5\" {}/></svg>",
      stroke_of(colour, PlotPlace::page));
}

}  // namespace emotrain::study
