#include "emotrain/optim/shadow.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "cases.hpp"
#include "emotrain/optim/emo.hpp"
#include "emotrain/optim/sums.hpp"

using namespace emotrain;

TEST_CASE("shadow ratio and Clan's rule, zone by zone") {
  struct Case {
    const char* edition;
    double scalar, ratio;
    /// navi, fact, lynx; v3.6 has no Clan.
    std::size_t rule;
  };
  const auto above = [](double x) { return std::nextafter(x, 1); };
  const Case cases[] = {
      {"v1", 0, 0, 0},
      {"v1", 0.3, 0, 0},
      {"v1", -0.3, 0, 0},
      {"v1", above(0.3), 0.3, 2},
      {"v1", -above(0.3), 0.3, 1},
      {"v1", 0.6, 0.3, 2},
      {"v1", -0.6, 0.3, 1},
      {"v1", above(0.6), 0.82, 2},
      {"v1", -above(0.6), 0.1, 1},
      {"v1", 0.8, 0.86, 2},
      {"v1", 1, 0.9, 2},
      {"v1", -1, 0.1, 1},
      {"v1", std::nan(""), 0, 0},
      {"v2", 0.1, 0, 0},
      {"v2", -above(0.1), 0.1, 0},
      {"v2", 0.3, 0.3, 0},
      {"v2", -above(0.3), 0.3, 1},
      {"v2", 0.6, 0.6, 1},
      {"v3.0", above(0.6), 0.6, 2},
      {"v3.0", -0.9, 0.9, 2},
      {"v3.6", 0.625, 0, 9},
      {"v3.6", above(0.625), 0.375, 9},
      {"v3.6", -0.9, 0.1, 9},
      {"v3.6", 1, 0, 9},
  };
  for (const Case& c : cases) {
    CAPTURE(c.edition);
    CAPTURE(c.scalar);
    optim::ShadowOptions shadow;
    shadow.use_edition(c.edition);
    shadow.check();
    CHECK(shadow.ratio(c.scalar) == doctest::Approx(c.ratio).epsilon(1e-15));
    if (c.rule > 2) continue;
    optim::EmoClanOptions clan;
    clan.use_edition(c.edition);
    CHECK(clan.chooser()(c.scalar) == c.rule);
  }
}

TEST_CASE("the shadow begins as a copy, is blended from the second time on, and is watched while the ratio is 0") {
  // lr 0: only the shadow moves the parameter.
  Training training(R"({"name": "emonavi", "lr": 0})", {{3}});
  Tensor& p = training.parameters[0];
  const auto step = [&](double loss) {
    training.draw_gradients();
    return training.step(loss);
  };
  const auto shadow = [&] { return training.optimizer->state().back(); };
  CHECK_FALSE(step(1).shadow_distance.has_value());
  const std::vector<Real> before(p.values().begin(), p.values().end());
  optim::StepReport report = step(2);
  CHECK(report.emotion->ratio > 0.8);
  CHECK(*report.shadow_distance == 0);
  REQUIRE(shadow().name == "shadow");
  p.data()[1] += 2;
  report = step(2);
  const double r = report.emotion->ratio;
  const double blended = (before[1] + 2) * (1 - r) + r * before[1];
  CHECK(p.data()[0] == doctest::Approx(before[0]).epsilon(1e-6));
  CHECK(p.data()[1] == doctest::Approx(blended).epsilon(1e-6));
  CHECK(shadow().value.data()[1] == doctest::Approx(before[1] + 0.05 * (blended - before[1])).epsilon(1e-6));
  CHECK(*report.shadow_distance == doctest::Approx(0.95 * (blended - before[1])).epsilon(1e-5));
  double ratio = 1;
  for (int i = 0; i < 1000 && ratio > 0; ++i) ratio = step(2).emotion->ratio;
  REQUIRE(ratio == 0);
  const Real watched = shadow().value.data()[1];
  p.data()[1] = watched + 3;
  p.data()[2] = shadow().value.data()[2] - 4;
  p.data()[0] = shadow().value.data()[0];
  report = step(2);
  CHECK(*report.shadow_distance == doctest::Approx(5).epsilon(1e-6));
  CHECK(shadow().value.data()[1] == watched);
}

TEST_CASE("sum of squares and squared distance: tails of every length, differences beyond the range of squares in float") {
  std::vector<Real> a(1100);
  std::vector<Real> b(1100);
  for (const double scale : {1.0, 1e-25, 1e25}) {
    CAPTURE(scale);
    fill_normal({5}, 0, a.data(), Index(a.size()), 0, Real(scale));
    fill_normal({5}, 1, b.data(), Index(b.size()), 0, Real(scale));
    double squares = 0;
    double distance = 0;
    for (std::size_t n = 0; n <= a.size(); ++n) {
      CAPTURE(n);
      CHECK(std::abs(optim::sum_of_squares(Index(n), a.data()) - squares) <= 1e-14 * squares);
      const double allowed = std::is_same_v<Real, double> ? 1e-14 : 1e-6;
      CHECK(std::abs(optim::squared_distance(Index(n), a.data(), b.data()) - distance) <= allowed * distance);
      if (n == a.size()) break;
      squares += double(a[n]) * double(a[n]);
      const double difference = a[n] - b[n];
      distance += difference * difference;
    }
  }
  CHECK(optim::squared_distance(1000, a.data(), a.data()) == 0);
}
