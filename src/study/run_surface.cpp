#include "study/run_surface.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "emotrain/nn/function.hpp"
#include "emotrain/nn/models.hpp"
#include "emotrain/study/trajectory.hpp"
#include "study/base64.hpp"

namespace emotrain::study {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t size = 121;
constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Coordinate `axis` of the window and of the way.
nn::Interval extent(const nn::Interval& window, const std::vector<double>& way, std::size_t axis) {
  const double width = window.high - window.low;
  nn::Interval out = window;
  for (std::size_t i = axis; i < way.size(); i += 2) {
    if (std::isnan(way[i])) continue;
    out.low = std::min(out.low, std::max(way[i], window.low - width));
    out.high = std::max(out.high, std::min(way[i], window.high + width));
  }
  return out;
}

std::vector<double> heights(const nn::Function& function, const nn::Interval& x, const nn::Interval& y) {
  const auto place = [](const nn::Interval& along, std::size_t i) {
    return along.low + (along.high - along.low) * static_cast<double>(i) / static_cast<double>(size - 1);
  };
  std::vector<double> out;
  for (std::size_t j = 0; j < size; ++j) {
    for (std::size_t i = 0; i < size; ++i) out.push_back(function.value(std::array{place(x, i), place(y, j)}));
  }
  return out;
}

}  // namespace

Json run_surface(const RunRecord& run, const FileSystem& files) {
  const auto* options = dynamic_cast<const nn::FunctionOptions*>(run.config.model.options.get());
  const nn::Function* function = options != nullptr ? nn::find_function(options->function) : nullptr;
  if (function == nullptr || function->dimensions != 2 || run.steps.point.empty()) return nullptr;
  std::vector<double> way{none, none};
  if (begins_at_start(run.directory, files))
    std::ranges::copy(options->first_point(static_cast<std::uint64_t>(run.config.seed)), way.begin());
  way.insert(way.end(), run.steps.point.begin(), run.steps.point.end());
  const nn::Interval x = extent(function->window[0], way, 0);
  const nn::Interval y = extent(function->window[1], way, 1);
  Json minima = Json::array();
  for (std::size_t i = 0; i < function->minima_count(); ++i) minima.push_back({function->minimum(i)[0], function->minimum(i)[1]});
  Json out{{"function", function->name},
           {"x", {x.low, x.high}},
           {"y", {y.low, y.high}},
           {"size", size},
           {"values", base64_floats(heights(*function, x, y))},
           {"path", base64_floats(way)}};
  if (!run.steps.shadow_point.empty()) {
    std::vector<double> shadow{none, none};
    shadow.insert(shadow.end(), run.steps.shadow_point.begin(), run.steps.shadow_point.end());
    shadow.resize(way.size(), none);
    out["shadow_path"] = base64_floats(shadow);
  }
  out["minima"] = std::move(minima);
  return out;
}

}  // namespace emotrain::study
