#include "study/lesson_strip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "study/escape.hpp"
#include "study/svg_axis.hpp"

namespace emotrain::study {
namespace {

constexpr double left = 10, width = 440, dots = 14, bar = 32, floor_line = 46, labels = 61;

/// The least and the greatest value that is shown, with some room.
std::vector<double> range_of(const Claim& claim, const FindingResult& result) {
  std::vector<double> shown = {claim.bound};
  if (claim.side == Claim::Side::within) shown.push_back(-claim.bound);
  for (const double value : result.values) shown.push_back(value);
  for (const double value : {result.estimate, result.interval.low, result.interval.high}) shown.push_back(value);
  std::erase_if(shown, [](double value) { return !std::isfinite(value); });
  const auto [low, high] = std::ranges::minmax(shown);
  const double room = high > low ? 0.06 * (high - low) : std::max(1.0, std::abs(high)) * 0.5;
  return {low - room, high + room};
}

class Strip {
 public:
  Strip(const LessonFinding& finding, const FindingResult& result)
      : finding_(finding), result_(result), range_(range_of(finding.claim, result)), axis_(range_, false) {}

  std::string draw() {
    svg_ = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 460 66\" role=\"img\" aria-label=\"{}\">\n",
                       escaped(fmt::format("{}: {}", finding_.text, numbers_of(finding_, result_))));
    claim();
    for (const SvgAxis::Tick& tick : axis_.ticks()) {
      svg_ += fmt::format(
          "<path d=\"M{0:.1f} {1}v4\" stroke=\"var(--quiet)\"/><text x=\"{0:.1f}\" y=\"{2}\" text-anchor=\"middle\">{3}</text>\n",
          at(tick.value), floor_line, labels, tick.text);
    }
    svg_ += fmt::format("<path d=\"M{} {}h{}\" stroke=\"var(--quiet)\"/>\n", left, floor_line, width);
    for (const double value : result_.values) {
      if (std::isfinite(value))
        svg_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{}\" r=\"3\" fill=\"var(--ink)\" fill-opacity=\"0.35\"/>\n", at(value), dots);
    }
    if (!std::isnan(result_.interval.low) && !std::isnan(result_.interval.high)) {
      svg_ += fmt::format("<path d=\"M{:.1f} {}H{:.1f}\" stroke=\"var(--ink)\" stroke-width=\"2.5\"/>\n", at(result_.interval.low), bar,
                          at(result_.interval.high));
    }
    if (std::isfinite(result_.estimate))
      svg_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{}\" r=\"4.5\" fill=\"var(--ink)\"/>\n", at(result_.estimate), bar);
    return svg_ + "</svg>\n";
  }

 private:
  /// Infinities lie at the edge.
  double at(double value) const { return left + axis_.place(std::clamp(value, range_[0], range_[1])) * width; }

  void claim() {
    const Claim& claim = finding_.claim;
    const double low = claim.side == Claim::Side::above ? claim.bound : claim.side == Claim::Side::within ? -claim.bound : range_[0];
    const double high = claim.side == Claim::Side::above ? range_[1] : claim.bound;
    svg_ += fmt::format("<rect class=\"claimed\" x=\"{:.1f}\" y=\"2\" width=\"{:.1f}\" height=\"{}\"/>\n", at(low), at(high) - at(low),
                        floor_line - 2);
    for (const double bound : {low, high}) {
      if (std::abs(bound) != std::abs(claim.bound)) continue;
      svg_ += fmt::format("<path d=\"M{:.1f} 2V{}\" stroke=\"var(--accent)\" stroke-dasharray=\"3 2\"/>\n", at(bound), floor_line);
    }
  }

  const LessonFinding& finding_;
  const FindingResult& result_;
  std::vector<double> range_;
  SvgAxis axis_;
  std::string svg_;
};

}  // namespace

std::string finding_strip(const LessonFinding& finding, const FindingResult& result) { return Strip(finding, result).draw(); }

}  // namespace emotrain::study
