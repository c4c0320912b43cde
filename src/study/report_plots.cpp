#include "study/report_plots.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emotrain/study/trajectory.hpp"
#include "study/svg_plot.hpp"

namespace emotrain::study {
namespace {

/// Losses that span much are told apart on logarithms only; those that may be negative cannot be.
bool wants_logarithm(const std::vector<PlotSeries>& all) {
  double low = std::numeric_limits<double>::infinity();
  double high = 0;
  for (const PlotSeries& series : all) {
    for (const double y : series.y) {
      if (!std::isfinite(y)) continue;
      low = std::min(low, y);
      high = std::max(high, y);
    }
  }
  return low > 0 && high > 10 * low;
}

std::vector<double> reals(const std::vector<Index>& values) { return {values.begin(), values.end()}; }

Plot loss_plot(const Study& study, const TrackResult& track, std::size_t number, const char* name) {
  const ProblemResult& problem = track.problems[number];
  Plot plot{.title = fmt::format("{}, {}", study.problem(number).name, name),
            .x_title = "step",
            .y_title = "validation loss, median and quartiles",
            .series = {}};
  for (std::size_t a = 0; a < track.arms.size(); ++a) {
    const Curves& curves = problem.arms[a].curves;
    const Band& band = curves.validation.median.empty() ? curves.loss : curves.validation;
    if (curves.validation.median.empty()) plot.y_title = "training loss, median and quartiles";
    plot.series.push_back(
        {.label = study.arms[track.arms[a]].label, .x = reals(curves.steps), .y = band.median, .low = band.low, .high = band.high});
  }
  plot.log_y = wants_logarithm(plot.series);
  return plot;
}

Plot profile_plot(const Study& study, const TrackResult& track, const char* name) {
  Plot plot{.title = fmt::format("performance profile, {}", name),
            .x_title = "steps to target, as a multiple of the fastest",
            .y_title = "part of problems and seeds",
            .series = {}};
  for (std::size_t a = 0; a < track.arms.size(); ++a) {
    plot.series.push_back(
        {.label = study.arms[track.arms[a]].label, .x = track.profile->tau, .y = track.profile->fractions[a], .low = {}, .high = {}});
  }
  return plot;
}

Plot sensitivity_plot(const Study& study, const TrackResult& track, std::size_t number) {
  Plot plot{.title = fmt::format("{}, learning rates that were tried", study.problem(number).name),
            .x_title = "learning rate",
            .y_title = "validation score",
            .log_x = true,
            .marks = true,
            .series = {}};
  for (std::size_t a = 0; a < track.arms.size(); ++a) {
    const TuningResult& tuning = *track.problems[number].arms[a].tuning;
    if (tuning.rates.empty()) continue;
    plot.series.push_back({.label = study.arms[track.arms[a]].label, .x = tuning.rates, .y = tuning.rate_scores, .low = {}, .high = {}});
  }
  plot.log_y = wants_logarithm(plot.series);
  return plot;
}

}  // namespace

std::string trajectory_plot(const Study& study, const TrackResult& track, std::size_t number) {
  const std::optional<std::string>& name = study.problem(number).function;
  const nn::Function* function = name ? nn::find_function(*name) : nullptr;
  if (function == nullptr || function->dimensions != 2) return {};
  std::vector<Trajectory> trajectories;
  bool any = false;
  for (std::size_t a = 0; a < track.arms.size(); ++a) {
    const ArmResult& arm = track.problems[number].arms[a];
    trajectories.push_back({.label = study.arms[track.arms[a]].label, .points = arm.path, .shadow = arm.shadow_path});
    any |= !arm.path.empty();
  }
  return any ? trajectory_svg(*function, trajectories) : std::string();
}

std::vector<std::pair<std::string, std::string>> report_plots(const Study& study, const Analysis& analysis) {
  std::vector<std::pair<std::string, std::string>> plots;
  for (const TrackResult& track : analysis.tracks) {
    const char* name = name_of(track.track);
    if (track.profile) plots.emplace_back(fmt::format("{}-profile.svg", name), svg_plot(profile_plot(study, track, name)));
    for (std::size_t i = 0; i < study.problems(); ++i) {
      const std::string& problem = study.problem(i).name;
      plots.emplace_back(fmt::format("{}-{}-loss.svg", name, problem), svg_plot(loss_plot(study, track, i, name)));
      if (std::string picture = trajectory_plot(study, track, i); !picture.empty()) {
        plots.emplace_back(fmt::format("{}-{}-trajectory.svg", name, problem), std::move(picture));
      }
      if (track.track != Track::tuned) continue;
      plots.emplace_back(fmt::format("{}-{}-sensitivity.svg", name, problem), svg_plot(sensitivity_plot(study, track, i)));
    }
  }
  return plots;
}

}  // namespace emotrain::study
