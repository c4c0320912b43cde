#include "emotrain/study/lesson_verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "emotrain/core/error.hpp"
#include "emotrain/study/comparison.hpp"
#include "emotrain/study/statistics.hpp"

namespace emotrain::study {
namespace {

constexpr std::uint64_t bootstrap_seed = 1;

/// -1: wholly on the claim's side, 1: wholly on the other, 0: neither.
int side_of(const Claim& claim, const Interval& interval) {
  const bool is_low = interval.high < claim.bound;
  const bool is_high = interval.low > claim.bound;
  switch (claim.side) {
    case Claim::Side::below:
      return is_low ? -1 : is_high ? 1 : 0;
    case Claim::Side::above:
      return is_high ? -1 : is_low ? 1 : 0;
    case Claim::Side::within:
      break;
  }
  if (interval.low >= -claim.bound && interval.high <= claim.bound) return -1;
  return is_high || interval.high < -claim.bound ? 1 : 0;
}

FindingOutcome outcome_of(int side) {
  return side < 0 ? FindingOutcome::supported : side > 0 ? FindingOutcome::contradicted : FindingOutcome::undecided;
}

SignedRank test_against(double bound, const std::vector<double>& values) {
  return signed_rank_test(differences(values, std::vector<double>(values.size(), bound)));
}

/// Of the hypothesis that values do not lie below (or above) the bound.
double one_sided(const SignedRank& test, bool below) {
  const bool is_right = below ? test.negative > test.positive : test.positive > test.negative;
  return is_right ? test.p / 2 : 1 - test.p / 2;
}

/// Of `within`, the estimate inside: two one-sided tests (TOST, Schuirmann 1987), both must come out; outside: the bound that is nearer.
double p_of(const Claim& claim, const std::vector<double>& values, double estimate) {
  if (claim.side != Claim::Side::within) return test_against(claim.bound, values).p;
  if (std::abs(estimate) > claim.bound) return test_against(std::copysign(claim.bound, estimate), values).p;
  return std::max(one_sided(test_against(claim.bound, values), true), one_sided(test_against(-claim.bound, values), false));
}

/// All but the outcome and the adjustment of p.
FindingResult measure(const Claim& claim, const std::vector<double>& values, double confidence) {
  FindingResult result{.values = values};
  if (std::ranges::any_of(values, [](double value) { return std::isnan(value); })) {
    result.estimate = std::nan("");
    result.interval = {std::nan(""), std::nan("")};
    return result;
  }
  result.by_median = std::ranges::any_of(values, [](double value) { return std::isinf(value); });
  result.is_constant = std::ranges::all_of(values, [&](double value) { return value == values.front(); });
  if (result.is_constant) {
    result.estimate = values.front();
    result.interval = {values.front(), values.front()};
    return result;
  }
  const auto center = [&](std::span<const double> sample) { return result.by_median ? median(sample) : mean(sample); };
  result.estimate = center(values);
  result.interval = bootstrap_interval(values, center, bootstrap_seed, 10'000, confidence);
  result.p = p_of(claim, values, result.estimate);
  return result;
}

FindingOutcome outcome_of(const Claim& claim, const FindingResult& result) {
  if (std::isnan(result.estimate)) return FindingOutcome::undecided;
  if (result.is_constant) return claim.holds(result.estimate) ? FindingOutcome::supported : FindingOutcome::contradicted;
  if (result.p && *result.p >= significance) return FindingOutcome::undecided;
  // Where half of the values are infinite the interval may have no ends: then the median says which way.
  const bool is_unknown = std::isnan(result.interval.low) || std::isnan(result.interval.high);
  return outcome_of(side_of(claim, is_unknown ? Interval{result.estimate, result.estimate} : result.interval));
}

Verdict verdict_of(const std::vector<FindingResult>& findings) {
  const auto count = [&](FindingOutcome outcome) { return std::ranges::count(findings, outcome, &FindingResult::outcome); };
  if (count(FindingOutcome::too_few_seeds) > 0) return Verdict::too_few_seeds;
  const auto supported = count(FindingOutcome::supported);
  const auto contradicted = count(FindingOutcome::contradicted);
  if (supported == std::ssize(findings)) return Verdict::holds;
  if (contradicted == std::ssize(findings)) return Verdict::fails;
  return supported > 0 && contradicted > 0 ? Verdict::depends : Verdict::open;
}

std::string plural(std::ptrdiff_t n, const char* one, const char* several) { return fmt::format("{} {}", n, n == 1 ? one : several); }

/// Of findings that do not agree: "2 support it, 1 contradicts it and 2 are undecided".
std::string shares_of(std::ptrdiff_t supported, std::ptrdiff_t contradicted, std::ptrdiff_t undecided) {
  const std::string support = plural(supported, "supports it", "support it");
  const std::string contradict = plural(contradicted, "contradicts it", "contradict it");
  if (undecided == 0) return support + " and " + contradict;
  return fmt::format("{}, {} and {}", support, contradict, plural(undecided, "is undecided", "are undecided"));
}

std::string sentence_of(const Lesson& lesson, const LessonVerdict& verdict) {
  const auto count = [&](FindingOutcome outcome) { return std::ranges::count(verdict.findings, outcome, &FindingResult::outcome); };
  const auto n = std::ssize(verdict.findings);
  const std::string subject = lesson.claim ? fmt::format("Claim {}", *lesson.claim) : fmt::format("The fact \"{}\"", lesson.fact);
  const std::string all = n == 1 ? "the one finding" : fmt::format("all {} findings", n);
  const auto supported = count(FindingOutcome::supported);
  const auto contradicted = count(FindingOutcome::contradicted);
  const std::string shares = shares_of(supported, contradicted, n - supported - contradicted);
  // Runs that do not depend on the seed are one run, however often.
  const std::string seeds = std::ranges::all_of(verdict.findings, &FindingResult::is_constant)
                                ? ", and every seed gives the same value"
                                : fmt::format(", over {} seeds", verdict.seeds);
  switch (verdict.verdict) {
    case Verdict::holds:
      return fmt::format("{} holds here: {} support{} it{}.", subject, all, n == 1 ? "s" : "", seeds);
    case Verdict::fails:
      return fmt::format("{} does not hold here: {} contradict{} it{}.", subject, all, n == 1 ? "s" : "", seeds);
    case Verdict::depends:
      return fmt::format("{} depends: of {} findings {}{}.", subject, n, shares, seeds);
    case Verdict::open:
      return fmt::format("{} stays open: of {} findings {}{}.", subject, n, shares, seeds);
    case Verdict::too_few_seeds:
      break;
  }
  return fmt::format("{}: {} seeds are too few to judge anything; {} or more can.", subject, verdict.seeds, fewest_seeds);
}

}  // namespace

const char* name_of(FindingOutcome outcome) {
  constexpr const char* names[] = {"supported", "contradicted", "undecided", "too few seeds"};
  return names[static_cast<std::size_t>(outcome)];
}

const char* name_of(Verdict verdict) {
  constexpr const char* names[] = {"holds", "fails", "depends", "open", "too few seeds"};
  return names[static_cast<std::size_t>(verdict)];
}

LessonVerdict judge(const Lesson& lesson, const std::vector<std::vector<double>>& values) {
  LessonVerdict verdict{.confidence = 1 - significance / static_cast<double>(lesson.findings.size()), .seeds = std::ssize(values.front())};
  std::vector<double> tested;
  for (std::size_t i = 0; i < values.size(); ++i) {
    verdict.findings.push_back(measure(lesson.findings[i].claim, values[i], verdict.confidence));
    if (verdict.findings.back().p) tested.push_back(*verdict.findings.back().p);
  }
  const std::vector<double> adjusted = holm(tested);
  auto next = adjusted.begin();
  for (std::size_t i = 0; i < values.size(); ++i) {
    FindingResult& finding = verdict.findings[i];
    if (finding.p) finding.p = *next++;
    finding.outcome = verdict.seeds < fewest_seeds ? FindingOutcome::too_few_seeds : outcome_of(lesson.findings[i].claim, finding);
  }
  verdict.verdict = verdict_of(verdict.findings);
  verdict.sentence = sentence_of(lesson, verdict);
  return verdict;
}

std::vector<std::vector<double>> finding_values(const Lesson& lesson, LessonSize size, const LessonRecords& records) {
  std::vector<std::vector<double>> all;
  const auto value_of = [&](const Expression& call, Index seed) {
    const auto cell = std::ranges::find(lesson.cells, call.series.front().cell, &LessonCell::name);
    const auto record = records.find({static_cast<std::size_t>(cell - lesson.cells.begin()), seed});
    const std::string text = expression_text(call);
    if (record == records.end() || !record->second.values.contains(text))
      fail(ErrorKind::data, "the records have no {} of seed {}; run the lesson again", text, seed);
    return record->second.values.at(text);
  };
  for (const LessonFinding& finding : lesson.findings) {
    std::vector<double>& values = all.emplace_back();
    for (Index seed = 1; seed <= lesson.size(size).seeds; ++seed) {
      values.push_back(evaluate(finding.value, [&](const Expression& call) { return value_of(call, seed); }));
    }
  }
  return all;
}

std::string numbers_of(const LessonFinding& finding, const FindingResult& result) {
  if (std::isnan(result.estimate)) {
    const auto missing = std::ranges::count_if(result.values, [](double value) { return std::isnan(value); });
    return fmt::format("no value for {} of {} seeds: both runs diverged, or it was never reached", missing, result.values.size());
  }
  const std::string unit = finding.unit.empty() ? "" : " " + finding.unit;
  if (result.is_constant) return fmt::format("{:.3g}{} for every seed", result.estimate, unit);
  std::string text = fmt::format("{:.3g}{} [{:.3g}, {:.3g}]", result.estimate, unit, result.interval.low, result.interval.high);
  if (result.p) text += fmt::format(", p {:.2g}", *result.p);
  return text;
}

}  // namespace emotrain::study
