#include "study/shocks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace emotrain::study {
namespace {

constexpr std::size_t window = 32;
constexpr std::size_t least = 8;
constexpr std::size_t largest_jumps = 4;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double none = std::numeric_limits<double>::quiet_NaN();

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// Of the last losses before a step.
struct Usual {
  double median = none;
  double deviation = none;
  double highest = none;

  double bound() const {
    const double margin = std::max(8 * deviation, std::abs(median) / 4);
    return std::max(median + margin, highest + margin / 2);
  }
  /// What is not finite always does; what cannot be compared never.
  bool exceeded_by(double loss) const { return std::isnan(loss) || loss > bound(); }
};

/// Steps at which disturbances begin, with their names and the last step at which one of them is still at work.
struct Beginning {
  std::vector<std::string> events;
  std::size_t last = 0;
};

std::map<std::size_t, Beginning> beginnings(const StepSeries& record) {
  std::map<std::size_t, Beginning> out;
  const auto is_at_work = [&](Index step, const std::string& name) {
    const auto names = record.events.find(step);
    return names != record.events.end() && std::ranges::find(names->second, name) != names->second.end();
  };
  for (const auto& [step, names] : record.events) {
    for (const std::string& name : names) {
      if (is_at_work(step - 1, name)) continue;
      Index last = step;
      while (is_at_work(last + 1, name)) ++last;
      Beginning& beginning = out[static_cast<std::size_t>(step - record.first_step)];
      beginning.events.push_back(name);
      beginning.last = std::max(beginning.last, static_cast<std::size_t>(last - record.first_step));
    }
  }
  return out;
}

class Finder {
 public:
  explicit Finder(const StepSeries& record) : loss_(record.of(Key::loss)), beginnings_(beginnings(record)) {}

  std::vector<Shock> find();

 private:
  Usual usual(std::size_t i);
  Shock shock(std::size_t from, const Usual& before);
  std::size_t find_recovery(std::size_t from, double level, std::size_t end) const;

  const std::vector<double>& loss_;
  std::map<std::size_t, Beginning> beginnings_;
  std::vector<double> values_;
};

Usual Finder::usual(std::size_t i) {
  values_.clear();
  for (std::size_t k = i; k > 0 && values_.size() < window; --k) {
    if (!std::isnan(loss_[k - 1])) values_.push_back(loss_[k - 1]);
  }
  if (values_.size() < least) return {};
  Usual out;
  out.highest = std::ranges::max(values_);
  out.median = median(values_);
  for (double& value : values_) value = std::abs(value - out.median);
  out.deviation = 1.4826 * median(values_);
  return out;
}

/// The first step before `end` at which the mean of the last five losses is back at the level; `end` if there is none.
std::size_t Finder::find_recovery(std::size_t from, double level, std::size_t end) const {
  constexpr std::size_t last = 5;
  for (std::size_t i = from + last - 1; i < end; ++i) {
    double sum = 0;
    for (std::size_t k = i + 1 - last; k <= i; ++k) sum += loss_[k];
    if (sum / last <= level) return i;
  }
  return end;
}

Shock Finder::shock(std::size_t from, const Usual& before) {
  Shock out{
      .from = from, .to = from, .recovery_to = from, .median = before.median, .level = before.median + before.deviation, .events = {}};
  const auto next = beginnings_.upper_bound(from);
  const std::size_t end = next == beginnings_.end() ? loss_.size() : next->first;
  std::size_t last = from;
  if (const auto own = beginnings_.find(from); own != beginnings_.end()) {
    out.events = own->second.events;
    last = own->second.last;
  }
  std::size_t jump = from;
  const std::size_t horizon = std::min({end, last + 1, from + window});
  while (jump < horizon && !before.exceeded_by(loss_[jump])) ++jump;
  if (jump == horizon) return out;
  out.jumped = true;
  const std::size_t recovery = find_recovery(jump, out.level, end);
  const std::size_t stop = std::min(recovery + 1, end);
  for (std::size_t i = from; i < stop; ++i) {
    const double excess = std::isnan(loss_[i]) ? infinity : loss_[i] - before.bound();
    if (i > from && !(excess > out.excess)) continue;
    out.excess = excess;
    out.to = i;
  }
  if (last < recovery) out.to = std::max(out.to, last);
  out.recovered = recovery < end;
  out.recovery_to = stop - 1;
  return out;
}

std::vector<Shock> Finder::find() {
  std::vector<Shock> all;
  std::vector<double> excesses;
  for (std::size_t i = 0; i < loss_.size(); ++i) {
    const Usual before = usual(i);
    if (!beginnings_.contains(i) && !before.exceeded_by(loss_[i])) continue;
    all.push_back(shock(i, before));
    if (all.back().events.empty()) excesses.push_back(all.back().excess);
    i = all.back().recovery_to;
  }
  if (excesses.size() <= largest_jumps) return all;
  std::ranges::nth_element(excesses, excesses.begin() + (largest_jumps - 1), std::greater<>());
  // Of equal ones the first.
  std::size_t left = largest_jumps - static_cast<std::size_t>(std::ranges::count_if(
                                         excesses, [&](double excess) { return excess > excesses[largest_jumps - 1]; }));
  std::erase_if(all, [&, least_excess = excesses[largest_jumps - 1]](const Shock& shock) {
    if (!shock.events.empty() || shock.excess > least_excess) return false;
    if (shock.excess < least_excess || left == 0) return true;
    --left;
    return false;
  });
  return all;
}

}  // namespace

std::vector<Shock> find_shocks(const StepSeries& record) { return Finder(record).find(); }

}  // namespace emotrain::study
