#include "emotrain/study/statistics.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <cmath>
#include <fstream>
#include <limits>
#include <string>

#include "emotrain/study/bootstrap.hpp"
#include "emotrain/study/sobol.hpp"

using namespace emotrain;
using nlohmann::json;

namespace {

using Values = std::vector<double>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double exactly = 1e-9;

/// What SciPy says (tests/interop/record_statistics.py).
const json& recorded() {
  static const json all = json::parse(std::ifstream(EMOTRAIN_TEST_DATA "/statistics/scipy.json"));
  return all;
}

bool near(double ours, double theirs) { return std::abs(ours - theirs) <= exactly * std::max(1.0, std::abs(theirs)); }

const auto mean_of = [](std::span<const double> values) { return study::mean(values); };
const auto median_of = [](std::span<const double> values) { return study::median(values); };

}  // namespace

TEST_CASE("Wilcoxon's test, exact and approximate, as SciPy") {
  for (const json& row : recorded()["wilcoxon"]) {
    CAPTURE(row["name"].get<std::string>());
    CAPTURE(row["mode"].get<std::string>());
    const bool exact = row["mode"] == "exact";
    const Values d = row["d"];
    const study::SignedRank result =
        study::signed_rank_test(d, exact ? study::SignedRankMethod::exact : study::SignedRankMethod::approximate);
    CHECK(result.exact == exact);
    CHECK(near(result.p, row["p"]));
  }
}

TEST_CASE("Wilcoxon's exact test with ties is that of all signs") {
  const Values d{0.5, -0.5, 1, 1, 1, -2, 3, 0};
  const study::SignedRank result = study::signed_rank_test(d);
  CHECK(result.n == 7);
  CHECK(result.exact);
  CHECK(result.positive == 1.5 + 4 + 4 + 4 + 7);
  CHECK(result.negative == 1.5 + 6);
  // Ranks by hand; every choice of signs counted.
  const Values ranks{1.5, 1.5, 4, 4, 4, 6, 7};
  int as_extreme = 0;
  for (unsigned signs = 0; signs < 128; ++signs) {
    double positive = 0;
    for (unsigned i = 0; i < 7; ++i) positive += (signs >> i & 1U) != 0 ? ranks[i] : 0;
    as_extreme += positive <= 7.5 || positive >= 20.5 ? 1 : 0;
  }
  CHECK(near(result.p, as_extreme / 128.0));
  CHECK(near(result.correlation(), 13.0 / 28));
  CHECK(study::signed_rank_test(Values{0, 0}).p == 1);
  CHECK(study::signed_rank_test(Values{}).p == 1);
  // 50 are few enough, 51 are not; a run that diverged has the greatest rank.
  CHECK(study::signed_rank_test(Values(50, 1.0)).exact);
  CHECK_FALSE(study::signed_rank_test(Values(51, 1.0)).exact);
  CHECK(study::signed_rank_test(Values{infinity, -1, -2}).positive == 3);
}

TEST_CASE("BCa intervals from the same bootstrap samples, as SciPy") {
  for (const json& row : recorded()["bootstrap"]) {
    CAPTURE(row["name"].get<std::string>());
    CAPTURE(row["statistic"].get<std::string>());
    const Values d = row["d"];
    const Values resampled = row["resampled"];
    const auto statistic = row["statistic"] == "mean" ? study::Statistic(mean_of) : study::Statistic(median_of);
    const study::Interval interval = study::bca_interval(d, statistic, row["observed"], resampled, 0.9);
    CHECK(near(interval.low, row["low"]));
    CHECK(near(interval.high, row["high"]));
  }
}

TEST_CASE("BCa intervals from our own bootstrap samples, as SciPy's within the error of the draw") {
  for (const json& row : recorded()["wide_bootstrap"]) {
    CAPTURE(row["name"].get<std::string>());
    const Values d = row["d"];
    const study::Interval interval = study::bootstrap_interval(d, mean_of, 1);
    const double error = row["error"];
    // The standard error of a 2.5 % quantile of 10,000 normal values is 0.027 deviations.
    CHECK(std::abs(interval.low - row["low"].get<double>()) <= 0.12 * error);
    CHECK(std::abs(interval.high - row["high"].get<double>()) <= 0.12 * error);
    CHECK(interval.contains(study::mean(d)));
  }
}

TEST_CASE("a sample of equal values has an interval of one point; the same seed draws the same samples") {
  const Values equal(8, 0.25);
  const study::Interval point = study::bootstrap_interval(equal, mean_of, 1);
  CHECK(point.low == 0.25);
  CHECK(point.high == 0.25);
  const Values d{0.3, -0.1, 0.7, 0.2, 0.9, -0.4, 0.5, 0.1};
  const study::Interval one = study::bootstrap_interval(d, mean_of, 1);
  const study::Interval again = study::bootstrap_interval(d, mean_of, 1);
  const study::Interval other = study::bootstrap_interval(d, mean_of, 2);
  CHECK(one.low == again.low);
  CHECK(one.high == again.high);
  CHECK((one.low != other.low || one.high != other.high));
}

TEST_CASE("Sobol's sequence, quantiles and ranks as SciPy and NumPy") {
  for (const json& row : recorded()["sobol"]) {
    CAPTURE(row["dimensions"].get<Index>());
    CHECK(study::sobol_points(row["dimensions"], 64) == row["points"].get<std::vector<Values>>());
  }
  for (const json& row : recorded()["quantile"]) {
    CAPTURE(row["name"].get<std::string>());
    CHECK(near(study::quantile(row["d"].get<Values>(), row["q"]), row["value"]));
  }
  for (const json& row : recorded()["ranks"]) CHECK(study::ranks(row["d"].get<Values>()) == row["ranks"].get<Values>());
  CHECK(study::median(Values{1, 2, infinity}) == 2);
  CHECK(study::median(Values{1, infinity, infinity}) == infinity);
  CHECK(study::differences(Values{infinity, infinity, 1}, Values{infinity, 1, 3}) == Values{0, infinity, -2});
}

TEST_CASE("Holm's adjustment, effect, performance profiles: by hand") {
  struct Row {
    Values p, adjusted;
  };
  const Row rows[] = {{{0.01, 0.04, 0.03}, {0.03, 0.06, 0.06}}, {{0.5, 0.9}, {1, 1}}, {{0.02}, {0.02}}, {{}, {}}};
  for (const Row& row : rows) {
    const Values adjusted = study::holm(row.p);
    REQUIRE(adjusted.size() == row.adjusted.size());
    for (std::size_t i = 0; i < adjusted.size(); ++i) CHECK(near(adjusted[i], row.adjusted[i]));
  }
  CHECK(near(study::paired_effect(Values{1, 2, 3}), 2));
  const auto ratios = study::performance_ratios({{1, 4, infinity}, {2, 2, infinity}});
  CHECK(ratios[0] == Values{1, 2, infinity});
  CHECK(ratios[1] == Values{2, 1, infinity});
  CHECK(near(study::profile(ratios[0], 1), 1.0 / 3));
  CHECK(near(study::profile(ratios[0], 4), 2.0 / 3));
}
