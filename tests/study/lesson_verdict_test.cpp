#include "emotrain/study/lesson_verdict.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "study/lesson_samples.hpp"

using namespace emotrain;
using study::FindingOutcome;
using study::Verdict;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A lesson with findings that claim this.
study::Lesson claiming(const std::vector<std::string>& claims) {
  study::Lesson lesson = test::tiny();
  const study::LessonFinding pattern = lesson.findings.front();
  lesson.findings.clear();
  for (const std::string& claim : claims) {
    const std::string text = test::replaced(test::tiny_lesson, "\"< 0\"", "\"" + claim + "\"");
    study::LessonFinding finding = pattern;
    finding.claim = study::parse_lesson(text, "tiny.json", "tiny").findings.front().claim;
    lesson.findings.push_back(std::move(finding));
  }
  return lesson;
}

std::vector<double> around(double center, double spread, int seeds = 10) {
  std::vector<double> values;
  for (int i = 0; i < seeds; ++i) values.push_back(center + spread * std::sin(1.0 + 7 * i));
  return values;
}

const std::vector<double> mixed = {-1, 2, -3, 4, -5, 6, -7, 8, -2.5, 3.5};
const std::vector<double> half_inside = {1.2, 1.2, 1.2, 1.1, -0.9, -0.9, -0.9, -0.9};
const std::vector<double> half_outside = {0.99, 0.99, 0.99, 0.98, 3, 3, 3, 3};
const std::vector<double> one_infinite = {1, 2, 1.5, infinity, 1.2, 1.8, 1.1, 1.6, 1.4, 1.3};
const std::vector<double> most_infinite = {1, infinity, infinity, infinity, infinity, infinity, infinity, infinity, infinity, 2};

}  // namespace

TEST_CASE("a finding is judged by its interval and its test, or by the value that all seeds have") {
  const struct {
    const char* claim;
    std::vector<double> values;
    FindingOutcome outcome;
  } rows[] = {
      {"< 0", around(-1, 0.2), FindingOutcome::supported},
      {"< 0", around(1, 0.2), FindingOutcome::contradicted},
      {"> 0", around(1, 0.2), FindingOutcome::supported},
      {"> 0", around(-1, 0.2), FindingOutcome::contradicted},
      {"> 1.5", around(1, 0.2), FindingOutcome::contradicted},
      {"< 0", mixed, FindingOutcome::undecided},
      {"< 0", around(-1, 0.2, 7), FindingOutcome::too_few_seeds},
      {"< 0", std::vector<double>(7, -1), FindingOutcome::too_few_seeds},
      {"within 0.5", around(0, 0.2), FindingOutcome::supported},
      {"within 0.5", around(1, 0.2), FindingOutcome::contradicted},
      {"within 0.5", around(-1, 0.2), FindingOutcome::contradicted},
      {"within 0.5", around(0.5, 0.2), FindingOutcome::undecided},
      // The intervals of these lie wholly inside, and outside; the tests do not agree.
      {"within 1", half_inside, FindingOutcome::undecided},
      {"within 1", half_outside, FindingOutcome::undecided},
      {"within 0.5", most_infinite, FindingOutcome::contradicted},
      {"within 0", std::vector<double>(8, 0), FindingOutcome::supported},
      {"within 0", std::vector<double>(8, 1e-9), FindingOutcome::contradicted},
      {"< 0", std::vector<double>(8, -1), FindingOutcome::supported},
      {"< 0", std::vector<double>(8, 0), FindingOutcome::contradicted},
      {"> 0", std::vector<double>(8, infinity), FindingOutcome::supported},
      {"< 0", std::vector<double>(8, infinity), FindingOutcome::contradicted},
      {"> 0", one_infinite, FindingOutcome::supported},
      {"< 0", one_infinite, FindingOutcome::contradicted},
      {"> 0", most_infinite, FindingOutcome::supported},
      {"< 0", most_infinite, FindingOutcome::contradicted},
      {"> 0", {1, 2, 1, std::nan(""), 1, 2, 1, 3}, FindingOutcome::undecided},
  };
  for (const auto& row : rows) {
    CAPTURE(row.claim);
    CAPTURE(row.values.front());
    const study::LessonVerdict verdict = study::judge(claiming({row.claim}), {row.values});
    CHECK(std::string(study::name_of(verdict.findings[0].outcome)) == study::name_of(row.outcome));
    CHECK(verdict.findings[0].by_median == std::ranges::any_of(row.values, [](double v) { return std::isinf(v); }));
  }
}

TEST_CASE("numbers say how many seeds have no value") {
  const study::Lesson lesson = claiming({"< 0"});
  const auto numbers = [&](const std::vector<double>& values) {
    return study::numbers_of(lesson.findings[0], study::judge(lesson, {values}).findings[0]);
  };
  CHECK(numbers({1, std::nan(""), std::nan(""), 2, 1, 2, 1, 2}) ==
        "no value for 2 of 8 seeds: both runs diverged, or it was never reached");
  CHECK(numbers(std::vector<double>(8, -1)) == "-1 nats for every seed");
}

TEST_CASE("a verdict is made of the findings") {
  const auto good = around(-1, 0.2), bad = around(1, 0.2), same = std::vector<double>(10, -1);
  const struct {
    std::vector<std::vector<double>> values;
    Verdict verdict;
    const char* sentence;
  } rows[] = {
      {{good, good}, Verdict::holds, "The fact \"a test\" holds here: all 2 findings support it, over 10 seeds."},
      {{bad, bad}, Verdict::fails, "The fact \"a test\" does not hold here: all 2 findings contradict it, over 10 seeds."},
      {{good, bad}, Verdict::depends, "The fact \"a test\" depends: of 2 findings 1 supports it and 1 contradicts it, over 10 seeds."},
      {{good, bad, mixed, mixed, good},
       Verdict::depends,
       "The fact \"a test\" depends: of 5 findings 2 support it, 1 contradicts it and 2 are undecided, over 10 seeds."},
      {{same, same}, Verdict::holds, "The fact \"a test\" holds here: all 2 findings support it, and every seed gives the same value."},
      {{same, good}, Verdict::holds, "The fact \"a test\" holds here: all 2 findings support it, over 10 seeds."},
      {{good, mixed},
       Verdict::open,
       "The fact \"a test\" stays open: of 2 findings 1 supports it, 0 contradict it and 1 is undecided, over 10 seeds."},
      {{mixed, bad},
       Verdict::open,
       "The fact \"a test\" stays open: of 2 findings 0 support it, 1 contradicts it and 1 is undecided, over 10 seeds."},
      {{good}, Verdict::holds, "The fact \"a test\" holds here: the one finding supports it, over 10 seeds."},
      {{{1, 2, 3}}, Verdict::too_few_seeds, "The fact \"a test\": 3 seeds are too few to judge anything; 8 or more can."},
  };
  for (const auto& row : rows) {
    const study::LessonVerdict verdict = study::judge(claiming(std::vector<std::string>(row.values.size(), "< 0")), row.values);
    CHECK(verdict.verdict == row.verdict);
    CHECK(verdict.sentence == row.sentence);
    CHECK(verdict.confidence == 1 - 0.05 / static_cast<double>(row.values.size()));
  }
}

TEST_CASE("the tests of a lesson are adjusted together, those without one left out") {
  const auto strong = around(-1, 0.2), weak = around(-1, 1.35, 10);
  const std::vector<double> same(10, -1);
  const study::LessonVerdict verdict = study::judge(claiming({"< 0", "< 0", "< 0"}), {strong, same, weak});
  CHECK(verdict.findings[0].p == doctest::Approx(2 * 2 / 1024.0));
  CHECK_FALSE(verdict.findings[1].p);
  CHECK(verdict.findings[2].p.value() > verdict.findings[0].p.value());
  // Within: the greater of two one-sided tests inside, a two-sided one against the bound that is nearer outside.
  const struct {
    const char* claim;
    std::vector<double> values;
    double p;
  } rows[] = {
      {"within 2", strong, 1 / 1024.0},
      {"within 0.5", strong, 2 / 1024.0},
      {"within 0.5", around(1, 0.2), 2 / 1024.0},
      {"within 2", {-3, -1, 1, 1, 1, 1, 1, 1}, 3 / 256.0},
  };
  for (const auto& row : rows) {
    CAPTURE(row.claim);
    CHECK(study::judge(claiming({row.claim}), {row.values}).findings[0].p == doctest::Approx(row.p));
  }
  CHECK(study::numbers_of(claiming({"< 0"}).findings[0], verdict.findings[0]).find(" nats [-1.") != std::string::npos);
}
