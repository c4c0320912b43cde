#include "study/loss_sentence.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace emotrain::study {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t mean_of = 10;

}  // namespace

std::string disturbance_phrase(const std::string& event) {
  constexpr std::array<std::pair<const char*, const char*>, 8> phrases{{
      {"label_noise", "with wrong labels"},
      {"pixel_noise", "with noise on the inputs"},
      {"one_class", "with a batch of one class"},
      {"lr_factor", "with a changed learning rate"},
      {"gradient_noise", "with noise on the gradient"},
      {"weight_noise", "after noise on the weights"},
      {"switch_data", "on other data"},
      {"loss_offset", "with an offset added to it"},
  }};
  const auto* found = std::ranges::find(phrases, event, [](const auto& row) -> std::string { return row.first; });
  return found != phrases.end() ? found->second : "with " + event + " at work";
}

std::string capitalized(std::string text) {
  text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text;
}

LossSentence::LossSentence(const StepSeries& record, const Temper& temper) : record_(record), by_short_average_(temper.averages_loss()) {
  const std::vector<double>& loss = record.of(Key::loss);
  std::vector<double> last;
  double short_average = none;
  for (std::size_t i = 0; i < loss.size(); ++i) {
    before_.push_back(i > 0 ? loss[i - 1] : none);
    const double mean = last.empty() ? none : std::accumulate(last.begin(), last.end(), 0.0) / static_cast<double>(last.size());
    average_.push_back(by_short_average_ ? short_average : mean);
    is_of_ten_.push_back(last.size() == mean_of);
    if (!std::isnan(record.of(Key::ema_short)[i])) short_average = record.of(Key::ema_short)[i];
    if (std::isnan(loss[i])) continue;
    if (last.size() == mean_of) last.erase(last.begin());
    last.push_back(loss[i]);
  }
}

/// "The loss", or with what disturbs it.
std::string LossSentence::begin(std::size_t i) const {
  const auto events = record_.events.find(record_.first_step + static_cast<Index>(i));
  if (events == record_.events.end() || events->second.empty()) return "The loss";
  std::vector<std::string> phrases;
  for (const std::string& name : events->second) phrases.push_back(disturbance_phrase(name));
  return capitalized(fmt::format("{}, the loss", fmt::join(phrases, " and ")));
}

/// `direction`: 1 if the loss rose, -1 if it fell.
std::string LossSentence::against_average(std::size_t i, int direction) const {
  const double gap = record_.of(Key::loss)[i] - average_[i];
  if (std::isnan(gap)) return {};
  const char* average = by_short_average_ ? "its short average so far"
                        : is_of_ten_[i]   ? "the mean of the ten losses before"
                                          : "the mean of the losses before";
  if (std::abs(gap) <= 1e-3 * std::abs(average_[i])) return fmt::format(", right at {}", average);
  const bool is_still = direction != 0 && (gap > 0) != (direction > 0);
  return fmt::format(", {}{{gap}} {} {}", is_still ? "still " : "", gap > 0 ? "above" : "below", average);
}

std::string LossSentence::at(std::size_t i) const {
  const double loss = record_.of(Key::loss)[i];
  const std::string subject = begin(i);
  if (std::isnan(loss)) {
    return subject +
           (record_.rule[i] == StepSeries::no_rule
                ? " was not finite, so the step was skipped: the weights and all that the optimizer remembers stayed as they were."
                : " was not finite, and the step was taken all the same, as trainer.on_nonfinite says.");
  }
  if (i == 0 && record_.first_step == 1) return subject + " begins at {loss}.";
  if (std::isnan(before_[i])) return fmt::format("{} is {{loss}}{}.", subject, against_average(i, 0));
  const double change = loss - before_[i];
  if (std::abs(change) <= 1e-3 * std::abs(before_[i])) return fmt::format("{} stayed at about {{loss}}{}.", subject, against_average(i, 0));
  return fmt::format("{} {} from {{loss_before}} to {{loss}}{}.", subject, change > 0 ? "rose" : "fell",
                     against_average(i, change > 0 ? 1 : -1));
}

std::vector<std::pair<std::string, std::vector<double>>> LossSentence::slots() && {
  std::vector<double> gap(average_.size());
  for (std::size_t i = 0; i < gap.size(); ++i) gap[i] = std::abs(record_.of(Key::loss)[i] - average_[i]);
  return {{"loss_before", std::move(before_)}, {"gap", std::move(gap)}};
}

}  // namespace emotrain::study
