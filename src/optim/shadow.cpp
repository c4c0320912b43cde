#include "emotrain/optim/shadow.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "emotrain/core/error.hpp"
#include "emotrain/optim/emotion.hpp"

namespace emotrain::optim {
namespace {

constexpr const char* begins[] = {"first_blend", "first_step"};

struct Edition {
  const char* name;
  double strong, tension_base, tension_slope, relief_base, relief_slope, mild, mild_base, mild_slope;
  const char* begin;
  double follow_blend, follow_quiet;
};

constexpr Edition editions[] = {
    {"v1", 0.6, 0.7, 0.2, 0.1, 0, 0.3, 0.3, 0, "first_blend", 0.05, 0},
    {"v2", 0.6, 0, 1, 0, 1, 0.1, 0, 1, "first_blend", 0.05, 0},
    {"v3.0", 0.6, 0, 1, 0, 1, 0.1, 0, 1, "first_blend", 0.05, 0},
    {"v3.6", 0.625, 1, -1, 1, -1, 1, 0, 0, "first_step", 0, 0.1},
};

}  // namespace

void ShadowOptions::use_edition(std::string_view name) {
  for (const Edition& e : editions) {
    if (name != e.name) continue;
    edition = name;
    strong = e.strong;
    tension_base = e.tension_base, tension_slope = e.tension_slope;
    relief_base = e.relief_base, relief_slope = e.relief_slope;
    mild = e.mild, mild_base = e.mild_base, mild_slope = e.mild_slope;
    begin = e.begin;
    follow_blend = e.follow_blend, follow_quiet = e.follow_quiet;
    return;
  }
  fail(ErrorKind::usage, "edition: there is no \"{}\"; use one of: {}", name, fmt::join(edition_names(), ", "));
}

double ShadowOptions::ratio(double scalar) const {
  const double strength = std::abs(scalar);
  if (scalar > strong) return tension_base + tension_slope * strength;
  if (scalar < -strong) return relief_base + relief_slope * strength;
  if (strength > mild) return mild_base + mild_slope * strength;
  return 0;
}

double ShadowOptions::follow(double scalar, double ratio) const { return ratio > 0 ? follow_blend : follow_quiet * (1 - std::abs(scalar)); }

void ShadowOptions::fields(FieldVisitor& visitor) {
  constexpr Range unit{.min = 0, .max = 1};
  constexpr Range coefficient{.min = -1, .max = 1};
  const std::string before = edition;
  visitor.field({"edition", "of the reference: sets the defaults of the keys below", {}, edition_names()}, edition);
  if (edition != before) use_edition(edition);
  visitor.field({"strong", "|s| from which the emotion is strong", unit}, strong);
  visitor.field({"tension_base", "ratio where s > strong: this", coefficient}, tension_base);
  visitor.field({"tension_slope", "plus this times |s|", coefficient}, tension_slope);
  visitor.field({"relief_base", "ratio where s < -strong: this", coefficient}, relief_base);
  visitor.field({"relief_slope", "plus this times |s|", coefficient}, relief_slope);
  visitor.field({"mild", "|s| from which the emotion is mild", unit}, mild);
  visitor.field({"mild_base", "ratio between mild and strong: this", coefficient}, mild_base);
  visitor.field({"mild_slope", "plus this times |s|", coefficient}, mild_slope);
  visitor.field({"begin", "when a parameter gets its shadow: when it would first be blended, or in its first step", {}, begins}, begin);
  visitor.field({"follow_blend", "rate at which the shadow follows in a step that blends", unit}, follow_blend);
  visitor.field({"follow_quiet", "the same in a step that does not, times 1 - |s|", unit}, follow_quiet);
}

void ShadowOptions::check() const {
  const auto require = [](const char* key, double base, double slope, double from, double to) {
    for (const double strength : {from, to}) {
      const double r = base + slope * strength;
      if (r < 0 || r > 1) fail(ErrorKind::usage, "{}: the ratio at |s| = {} would be {}; it must stay between 0 and 1", key, strength, r);
    }
  };
  require("tension_base", tension_base, tension_slope, strong, 1);
  require("relief_base", relief_base, relief_slope, strong, 1);
  if (mild < strong) require("mild_base", mild_base, mild_slope, mild, strong);
}

}  // namespace emotrain::optim
