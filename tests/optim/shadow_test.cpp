#include "optim/shadow.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "cases.hpp"
#include "optim/edition.hpp"
#include "optim/sums.hpp"

using namespace emotrain;

TEST_CASE("shadow ratio and Clan's rule of v1, zone by zone") {
  struct Case {
    double scalar, ratio;
    std::size_t rule;
  };
  const double above = std::nextafter(0.3, 1);
  const double far_above = std::nextafter(0.6, 1);
  const Case cases[] = {
      {0, 0, optim::clan_navi},
      {0.3, 0, optim::clan_navi},
      {-0.3, 0, optim::clan_navi},
      {above, 0.3, optim::clan_lynx},
      {-above, 0.3, optim::clan_fact},
      {0.6, 0.3, optim::clan_lynx},
      {-0.6, 0.3, optim::clan_fact},
      {far_above, 0.82, optim::clan_lynx},
      {-far_above, 0.1, optim::clan_fact},
      {0.8, 0.86, optim::clan_lynx},
      {1, 0.9, optim::clan_lynx},
      {-1, 0.1, optim::clan_fact},
      {std::nan(""), 0, optim::clan_navi},
  };
  const optim::Edition& v1 = optim::find_edition("v1");
  for (const Case& c : cases) {
    CAPTURE(c.scalar);
    CHECK(v1.shadow_ratio(c.scalar) == doctest::Approx(c.ratio).epsilon(1e-15));
    CHECK(v1.clan_rule(c.scalar) == c.rule);
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

TEST_CASE("sum of squares: tails of every length") {
  std::vector<Real> a(100);
  std::vector<Real> b(100);
  fill_normal({5}, 0, a.data(), 100, 0, 1);
  fill_normal({5}, 1, b.data(), 100, 0, 1);
  for (std::size_t n = 0; n <= a.size(); ++n) {
    double squares = 0;
    double distance = 0;
    for (std::size_t i = 0; i < n; ++i) {
      squares += double(a[i]) * double(a[i]);
      distance += double(a[i] - b[i]) * double(a[i] - b[i]);
    }
    CHECK(optim::sum_of_squares(Index(n), a.data()) == doctest::Approx(squares).epsilon(1e-14));
    CHECK(optim::sum_of_squares(Index(n), a.data(), b.data()) == doctest::Approx(distance).epsilon(1e-14));
  }
}
