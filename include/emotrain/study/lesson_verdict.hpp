#pragma once
#include <optional>
#include <string>
#include <vector>

#include "emotrain/study/bootstrap.hpp"
#include "emotrain/study/lesson_records.hpp"

/// What the records of a lesson say of its claim: a function of them alone.
///
/// A finding has one number for each seed. Its estimate is their mean, or, where one is infinite, their median, with the BCa interval at
/// 1 - 0.05 / findings (Bonferroni), which is nominal: of 8 to 24 seeds it is somewhat too narrow. So the numbers are also tested against
/// the claim's bound by Wilcoxon's signed-rank test, with Holm's adjustment over the findings that are tested. `< c` and `> c` are
/// supported if the interval lies wholly on the claim's side and p < 0.05, contradicted if it lies wholly on the other side and p < 0.05.
/// `within c` is supported if the interval lies inside and both one-sided tests, against -c and c, come out (p is the greater),
/// contradicted if it lies outside and the two-sided test against the nearer bound does. Numbers that are all the same speak for
/// themselves.
namespace emotrain::study {

enum class FindingOutcome { supported, contradicted, undecided, too_few_seeds };

struct FindingResult {
  /// By seed; NaN where a run has no such value: then the finding is undecided.
  std::vector<double> values;
  double estimate = 0;
  bool by_median = false;
  bool is_constant = false;
  Interval interval = {};
  /// Adjusted; absent: not tested, for there is nothing to test in numbers that are all the same, or missing.
  std::optional<double> p = {};
  FindingOutcome outcome = FindingOutcome::undecided;
};

enum class Verdict {
  holds,          ///< all findings support the claim
  fails,          ///< all contradict it
  depends,        ///< some support it, some contradict it
  open,           ///< anything else
  too_few_seeds,  ///< nothing is judged
};
const char* name_of(FindingOutcome outcome);
const char* name_of(Verdict verdict);

struct LessonVerdict {
  Verdict verdict = Verdict::open;
  std::vector<FindingResult> findings = {};
  /// Of the intervals.
  double confidence = 0.95;
  Index seeds = 0;
  /// Of the whole lesson, in one sentence.
  std::string sentence = {};
};

/// Precondition: for each finding as many values, one for each seed.
LessonVerdict judge(const Lesson& lesson, const std::vector<std::vector<double>>& values);
/// The values of the findings by seed. Throws Error{data} if a record is missing.
std::vector<std::vector<double>> finding_values(const Lesson& lesson, LessonSize size, const LessonRecords& records);

/// "-0.412 nats [-0.451, -0.38], p 0.0078".
std::string numbers_of(const LessonFinding& finding, const FindingResult& result);

}  // namespace emotrain::study
