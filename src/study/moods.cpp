#include "study/moods.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace emotrain::study {
namespace {

/// What the loss of a run without an emotion of its own would be felt as: above 0 it rises.
class Bystander {
 public:
  double feel(double loss) {
    if (std::isnan(loss)) return loss;
    if (!std::exchange(started_, true)) short_ = long_ = loss;
    short_ = 0.3 * loss + 0.7 * short_;
    long_ = 0.01 * loss + 0.99 * long_;
    return std::tanh((short_ - long_) / std::max(std::abs(long_), 1e-5));
  }

 private:
  bool started_ = false;
  double short_ = 0;
  double long_ = 0;
};

/// Moods as a list, of which the shortest joins a neighbour.
class Joiner {
 public:
  Joiner(std::vector<Mood> moods, std::size_t least, std::size_t count)
      : moods_(std::move(moods)), before_(moods_.size()), after_(moods_.size()), left_(moods_.size()), least_(least), count_(count) {
    for (std::size_t i = 0; i < moods_.size(); ++i) {
      before_[i] = i > 0 ? i - 1 : nobody;
      after_[i] = i + 1 < moods_.size() ? i + 1 : nobody;
      if (!moods_[i].fixed) shortest_.emplace(moods_[i].length(), i);
    }
  }

  std::vector<Mood> join() {
    while (!shortest_.empty() && (shortest_.begin()->first < least_ || left_ > count_)) {
      const std::size_t i = shortest_.begin()->second;
      const std::size_t other = shorter(before_[i], after_[i]);
      if (other == nobody) {
        shortest_.erase(shortest_.begin());
        continue;
      }
      std::size_t joined = merge(std::min(i, other), std::max(i, other));
      while (is_same(before_[joined], joined)) joined = merge(before_[joined], joined);
      while (is_same(after_[joined], joined)) joined = merge(joined, after_[joined]);
    }
    std::vector<Mood> out;
    for (std::size_t i = 0; i < moods_.size() && i != nobody; i = after_[i]) out.push_back(moods_[i]);
    return out;
  }

 private:
  static constexpr std::size_t nobody = std::numeric_limits<std::size_t>::max();

  bool joins(std::size_t i) const { return i != nobody && !moods_[i].fixed; }
  bool is_same(std::size_t other, std::size_t i) const { return joins(other) && moods_[other].kind == moods_[i].kind; }
  std::size_t shorter(std::size_t a, std::size_t b) const {
    if (!joins(a)) return joins(b) ? b : nobody;
    return joins(b) && moods_[b].length() < moods_[a].length() ? b : a;
  }

  /// The second goes into the first.
  std::size_t merge(std::size_t first, std::size_t second) {
    Mood& mood = moods_[first];
    shortest_.erase({mood.length(), first});
    shortest_.erase({moods_[second].length(), second});
    mood.to = moods_[second].to;
    for (std::size_t k = 0; k < mood.steps.size(); ++k) mood.steps[k] += moods_[second].steps[k];
    mood.kind = static_cast<EpisodeKind>(std::ranges::max_element(mood.steps) - mood.steps.begin());
    shortest_.emplace(mood.length(), first);
    after_[first] = after_[second];
    if (after_[first] != nobody) before_[after_[first]] = first;
    --left_;
    return first;
  }

  std::vector<Mood> moods_;
  std::vector<std::size_t> before_, after_;
  std::set<std::pair<std::size_t, std::size_t>> shortest_;
  std::size_t left_, least_, count_;
};

}  // namespace

std::vector<EpisodeKind> moods_of_steps(const StepSeries& record, const Temper& temper) {
  constexpr double mild_of_bystander = 0.1;
  const bool own = temper.feels_loss();
  const double begin = own ? temper.zones.mild : mild_of_bystander;
  const double sign = !own || temper.rising_is_positive ? 1 : -1;
  Bystander bystander;
  double side = 0;
  std::vector<EpisodeKind> out;
  for (std::size_t i = 0; i < record.rule.size(); ++i) {
    const double x = own ? sign * record.of(Key::scalar)[i] : bystander.feel(record.of(Key::loss)[i]);
    if (std::abs(x) > begin) {
      side = x > 0 ? 1 : -1;
    } else if (!(x * side >= begin / 2)) {
      side = 0;
    }
    out.push_back(side > 0 ? EpisodeKind::tension : side < 0 ? EpisodeKind::relief : EpisodeKind::quiet);
  }
  return out;
}

std::vector<Mood> join_short(std::vector<Mood> moods, std::size_t least, std::size_t count) {
  return Joiner(std::move(moods), least, count).join();
}

}  // namespace emotrain::study
