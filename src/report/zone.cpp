#include "emotrain/report/zone.hpp"

#include <cmath>

namespace emotrain::report {

Zone zone_of(const StepRecord::Feeling& feeling) {
  constexpr double felt = 0.3;
  constexpr double strong = 0.6;
  const double strength = std::abs(feeling.scalar);
  if (!(strength > felt)) return Zone::calm;
  if (feeling.ema_short > feeling.ema_long) return strength > strong ? Zone::high_tension : Zone::tension;
  return strength > strong ? Zone::deep_relief : Zone::relief;
}

std::string_view zone_name(Zone zone) {
  switch (zone) {
    case Zone::deep_relief:
      return "deep relief";
    case Zone::relief:
      return "relief";
    case Zone::calm:
      return "calm";
    case Zone::tension:
      return "tension";
    case Zone::high_tension:
      return "high tension";
  }
  return {};
}

}  // namespace emotrain::report
