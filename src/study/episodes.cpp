#include "emotrain/study/episodes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "study/loss_sentence.hpp"
#include "study/moods.hpp"
#include "study/shocks.hpp"

namespace emotrain::study {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t most_episodes = 20;

/// Writes episodes about places in the arrays of a record.
class Writer {
 public:
  explicit Writer(const RunRecord& run) : run_(run), record_(run.steps), temper_(run.config) {
    bool has_shadow = false;
    for (std::size_t i = 0; i < record_.rule.size(); ++i) {
      blended_.push_back(has_shadow && record_.of(Key::ratio)[i] > 0);
      has_shadow = has_shadow || !std::isnan(record_.of(Key::shadow_distance)[i]);
    }
  }

  const Temper& temper() const { return temper_; }
  Episode mood(const Mood& mood) const;
  Episode shock(const Shock& shock) const;
  Episode recovery(const Shock& shock, std::size_t from, std::size_t to) const;
  Episode stop(std::size_t at) const;

 private:
  Episode about(EpisodeKind kind, std::size_t from, std::size_t to) const;
  double mean(std::size_t from, std::size_t to) const;
  std::string course(const Episode& episode) const;
  std::string feeling(const Episode& episode) const;
  std::string blending(std::size_t from, std::size_t to) const;

  const RunRecord& run_;
  const StepSeries& record_;
  Temper temper_;
  std::vector<bool> blended_;
};

double Writer::mean(std::size_t from, std::size_t to) const {
  double sum = 0;
  double count = 0;
  for (std::size_t i = from; i <= to; ++i) {
    const double loss = record_.of(Key::loss)[i];
    if (std::isnan(loss)) continue;
    sum += loss;
    ++count;
  }
  return count > 0 ? sum / count : none;
}

Episode Writer::about(EpisodeKind kind, std::size_t from, std::size_t to) const {
  const auto step = [&](std::size_t i) { return record_.first_step + static_cast<Index>(i); };
  const std::size_t span = std::min<std::size_t>(5, (to - from + 2) / 2) - 1;
  Episode episode{.kind = kind,
                  .from = step(from),
                  .to = step(to),
                  .loss_from = mean(from, from + span),
                  .loss_to = mean(to - span, to),
                  .scalar = none,
                  .text = {}};
  for (std::size_t i = from; i <= to; ++i) {
    const double s = record_.of(Key::scalar)[i];
    if (std::isnan(episode.scalar) || std::abs(s) > std::abs(episode.scalar)) episode.scalar = s;
  }
  return episode;
}

/// What the loss did from its beginning to its end.
std::string Writer::course(const Episode& episode) const {
  const std::string from = slot_text(episode.loss_from);
  const std::string to = slot_text(episode.loss_to);
  if (std::isnan(episode.loss_to)) return "The loss was not finite";
  if (from == to || std::isnan(episode.loss_from)) return fmt::format("The loss stayed at about {}", to);
  return fmt::format("The loss {} from {} to {}", episode.loss_to > episode.loss_from ? "rose" : "fell", from, to);
}

std::string Writer::feeling(const Episode& episode) const {
  if (!temper_.feels_loss() || std::isnan(episode.scalar) || std::abs(episode.scalar) < 5e-4) return {};
  return fmt::format(", scalar as far as {}{}", episode.scalar > 0 ? "+" : "", slot_text(episode.scalar));
}

std::string Writer::blending(std::size_t from, std::size_t to) const {
  std::size_t count = 0;
  double most = 0;
  for (std::size_t i = from; i <= to; ++i) {
    if (!blended_[i]) continue;
    ++count;
    most = std::max(most, record_.of(Key::ratio)[i]);
  }
  if (count == 0) return {};
  const std::size_t all = to - from + 1;
  const std::string when = count < all ? fmt::format("at {} of {} steps", count, all)
                           : all == 1  ? "at this step"
                                       : fmt::format("at all {} steps", all);
  return fmt::format("; the shadow was blended in {}, up to {} %", when, slot_text(100 * most));
}

Episode Writer::mood(const Mood& mood) const {
  Episode episode = about(mood.kind, mood.from, mood.to);
  episode.text = course(episode) + feeling(episode) + blending(mood.from, mood.to) + ".";
  return episode;
}

Episode Writer::shock(const Shock& shock) const {
  Episode episode = about(EpisodeKind::shock, shock.from, shock.to);
  double most = 0;
  bool is_finite = true;
  for (std::size_t i = shock.from; i <= shock.to; ++i) {
    const double loss = record_.of(Key::loss)[i];
    most = i == shock.from ? loss : std::max(most, loss);
    is_finite = is_finite && !std::isnan(loss);
  }
  std::string subject = "The loss";
  if (!shock.events.empty()) {
    std::vector<std::string> phrases;
    for (const std::string& event : shock.events) phrases.push_back(disturbance_phrase(event));
    subject = capitalized(fmt::format("{}, the loss", fmt::join(phrases, " and ")));
  }
  if (!is_finite) {
    episode.text = subject + " was not finite";
  } else if (shock.jumped) {
    episode.text = fmt::format("{} jumped from about {} to {}", subject, slot_text(shock.median), slot_text(most));
  } else if (std::isnan(shock.median)) {
    episode.text = fmt::format("{} went up to {}, with hardly a step recorded before to compare it with", subject, slot_text(most));
  } else {
    episode.text = subject + " did not jump";
  }
  episode.text += feeling(episode) + blending(shock.from, shock.to) + ".";
  return episode;
}

Episode Writer::recovery(const Shock& shock, std::size_t from, std::size_t to) const {
  Episode episode = about(EpisodeKind::recovery, from, to);
  const std::string level = slot_text(shock.level);
  if (shock.recovered) {
    episode.text = fmt::format("The loss was back at {} after {} steps", level, to - from + 1);
  } else {
    episode.text = fmt::format("{}, not back at {}{}", course(episode), level,
                               to + 1 == record_.rule.size() ? " by the end of the record" : " before the next shock");
  }
  episode.text += feeling(episode) + blending(from, to) + ".";
  return episode;
}

Episode Writer::stop(std::size_t at) const {
  Episode episode = about(EpisodeKind::stop, at, at);
  episode.text = fmt::format("should_stop rose{}{}.", temper_.feels() ? ": " + temper_.why_stop() : "",
                             run_.config.trainer.stop_on_quiet ? "; the run ends here" : "");
  return episode;
}

/// The steps from one place to before another, in stretches of one kind.
void add_moods(const std::vector<EpisodeKind>& kinds, std::size_t from, std::size_t end, std::vector<Mood>& out) {
  for (std::size_t i = from; i < end; ++i) {
    if (i == from || kinds[i] != kinds[i - 1]) out.push_back({.kind = kinds[i], .from = i, .to = i});
    out.back().to = i;
    ++out.back().steps[static_cast<std::size_t>(kinds[i])];
  }
}

}  // namespace

std::string_view kind_name(EpisodeKind kind) {
  constexpr const char* names[] = {"quiet", "relief", "tension", "shock", "recovery", "stop"};
  return names[static_cast<std::size_t>(kind)];
}

std::vector<Episode> episodes(const RunRecord& run) {
  const StepSeries& record = run.steps;
  const Writer writer(run);
  const std::vector<EpisodeKind> kinds = moods_of_steps(record, writer.temper());
  const std::vector<Shock> shocks = find_shocks(record);
  std::vector<Mood> moods;
  std::size_t done = 0;
  for (const Shock& shock : shocks) {
    add_moods(kinds, done, shock.from, moods);
    moods.push_back({.kind = EpisodeKind::shock, .from = shock.from, .to = shock.to, .fixed = true});
    if (shock.recovery_to > shock.to) moods.push_back({EpisodeKind::recovery, shock.to + 1, shock.recovery_to, true});
    done = shock.recovery_to + 1;
  }
  add_moods(kinds, done, kinds.size(), moods);
  // The flag of a branch may have risen before it began.
  const auto risen = static_cast<std::size_t>(std::ranges::find(record.should_stop, 1) - record.should_stop.begin());
  const bool rises = risen < kinds.size() && (risen > 0 || record.first_step == 1);
  moods = join_short(std::move(moods), std::max<std::size_t>(3, kinds.size() / 50), most_episodes - (rises ? 1 : 0));

  std::vector<Episode> out;
  auto shock = shocks.begin();
  for (const Mood& mood : moods) {
    if (mood.kind == EpisodeKind::shock) {
      out.push_back(writer.shock(*shock));
    } else if (mood.kind == EpisodeKind::recovery) {
      out.push_back(writer.recovery(*shock, mood.from, mood.to));
    } else {
      out.push_back(writer.mood(mood));
    }
    if (rises && mood.from <= risen && risen <= mood.to) out.push_back(writer.stop(risen));
    if (mood.fixed && mood.to == shock->recovery_to) ++shock;
  }
  return out;
}

}  // namespace emotrain::study
