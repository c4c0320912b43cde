#include "emotrain/report/zone.hpp"

#include <cmath>

namespace emotrain::report {

Zone zone_of(const StepRecord::Feeling& feeling) {
  constexpr double felt = 0.3;
  constexpr double strong = 0.6;
  const double strength = std::abs(feeling.scalar);
  if (!(strength > felt)) return Zone::calm;
  if (feeling.ema_short > feeling.ema_long) return strength > strong ? Zone::strong_tension : Zone::mild_tension;
  return strength > strong ? Zone::strong_relief : Zone::mild_relief;
}

std::string_view zone_name(Zone zone) {
  switch (zone) {
    case Zone::strong_relief:
      return "strong relief";
    case Zone::mild_relief:
      return "mild relief";
    case Zone::calm:
      return "calm";
    case Zone::mild_tension:
      return "mild tension";
    case Zone::strong_tension:
      return "strong tension";
  }
  return {};
}

}  // namespace emotrain::report
