#pragma once
#include <string_view>

#include "emotrain/report/records.hpp"

namespace emotrain::report {

/// The emotion in words: which way the loss moves against its own past, and how strongly. Tension: it rises (ema_short > ema_long), in
/// every edition, whatever the sign of the scalar there; relief: it falls. Strength is |scalar|, at the thresholds of edition v1: calm up
/// to 0.3, where v1 blends in no shadow, and strong beyond 0.6, where it blends in most or least. Of scalars that are not the loss's
/// own (emotion.source "random", "shuffled") the direction is still the loss's.
enum class Zone { strong_relief, mild_relief, calm, mild_tension, strong_tension };

Zone zone_of(const StepRecord::Feeling& feeling);
/// "strong relief", "mild relief", "calm", "mild tension", "strong tension".
std::string_view zone_name(Zone zone);

}  // namespace emotrain::report
