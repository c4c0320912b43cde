#include "emotrain/optim/emotion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "emotrain/core/error.hpp"
#include "emotrain/core/random.hpp"
#include "emotrain/optim/shadow.hpp"

namespace emotrain::optim {
namespace {

constexpr const char* names[] = {"v1", "v2", "v3.0", "v3.6"};
constexpr const char* sources[] = {"loss", "off", "random", "shuffled"};
constexpr const char* scalars[] = {"absolute", "relative"};
constexpr const char* drives[] = {"none", "calm", "trust"};
constexpr const char* stop_histories[] = {"per_step", "per_tensor"};
constexpr const char* stop_values[] = {"scalar", "long"};

constexpr Range rate{.max = 1, .above = 0};
constexpr Range magnitude{.min = 0, .max = 1};

void require_edition(std::string_view name) {
  if (std::ranges::find(names, name) == std::end(names)) {
    fail(ErrorKind::usage, "edition: there is no \"{}\"; use one of: {}", name, fmt::join(names, ", "));
  }
}

template <std::size_t n>
std::size_t place(const char* const (&choices)[n], const std::string& choice) {
  const auto found = std::ranges::find(choices, choice);
  if (found == std::end(choices)) fail(ErrorKind::usage, "there is no \"{}\"; use one of: {}", choice, fmt::join(choices, ", "));
  return static_cast<std::size_t>(found - std::begin(choices));
}

}  // namespace

std::span<const char* const> edition_names() { return names; }

void EmotionOptions::use_edition(std::string_view name) {
  require_edition(name);
  edition = name;
  scalar = name == "v3.6" ? "relative" : "absolute";
  stop_value = "scalar";
  drive = name == "v3.6" ? "trust" : name == "v3.0" ? "calm" : "none";
}

void EmotionOptions::fields(FieldVisitor& visitor) {
  const std::string before = edition;
  visitor.field({"edition", "of the reference: sets the defaults of the keys below", {}, names}, edition);
  if (edition != before) use_edition(edition);
  visitor.field({"source", "what it feels: the loss, nothing (off), or scalars of a recorded run (random, shuffled)", {}, sources}, source);
  visitor.field(
      {"record",
       "the metrics.jsonl whose scalars the sources random and shuffled use; in a study also self: those of the run without them"},
      record);
  visitor.field({"loss_scale", "factor on the loss before the emotion sees it"}, loss_scale);
  visitor.field({"loss_offset", "added to the loss before the emotion sees it"}, loss_offset);
  visitor.field({"short_rate", "how fast the short average follows", rate}, short_rate);
  visitor.field({"medium_rate", "how fast the medium average follows (scalar: relative)", rate}, medium_rate);
  visitor.field({"long_rate", "how fast the long average follows", rate}, long_rate);
  visitor.field({"scalar", "tanh of the averages' difference (absolute), or of it over an average (relative)", {}, scalars}, scalar);
  visitor.field({"gain", "factor on the difference (scalar: absolute)", {.min = 0}}, gain);
  visitor.field({"floor", "least denominator (scalar: relative)", {.above = 0}}, floor);
  visitor.field({"near", "below this the long average alone counts (scalar: relative)", {.min = 0}}, near);
  visitor.field({"drive", "factor on the gradient's part of the step: 1 (none), 1 - |s| (calm), or by zones (trust)", {}, drives}, drive);
  visitor.field({"boost", "factor between boost_above and boost_below (drive: trust)", {.min = 0}}, boost);
  visitor.field({"slope", "how much the boost depends on the direction (drive: trust)", {.min = -1, .max = 1}}, slope);
  visitor.field({"boost_above", "|s| from which the boost acts (drive: trust)", magnitude}, boost_above);
  visitor.field({"boost_below", "|s| up to which the boost acts (drive: trust)", magnitude}, boost_below);
  visitor.field({"brake_above", "|s| from which the drive is 1 - |s| (drive: trust)", magnitude}, brake_above);
  if (lists_stop_history) {
    visitor.field({"stop_history", "what enters the window of should_stop: a value per step or per tensor", {}, stop_histories},
                  stop_history);
  }
  visitor.field({"stop_value", "the value: the scalar, or tanh(Dl) of the long average", {}, stop_values}, stop_value);
  visitor.field({"stop_window", "how many values must be quiet", {.min = 1, .max = 1e6}}, stop_window);
  visitor.field({"stop_mean", "mean |x| below which they are", {.min = 0}}, stop_mean);
  visitor.field({"stop_variance", "variance below which they are", {.min = 0}}, stop_variance);
}

/// What a value that is not the default needs to be of any use.
void EmotionOptions::check_use() const {
  const EmotionOptions plain;
  const auto require = [](bool used, const char* key, double value, double its_default, const char* remedy) {
    if (!used && value != its_default) fail(ErrorKind::usage, "{}: has no effect here; remove it, or set {}", key, remedy);
  };
  const bool relative = scalar == "relative";
  const bool trust = drive == "trust";
  constexpr const char* set_relative = "scalar to \"relative\"";
  constexpr const char* set_trust = "drive to \"trust\"";
  require(!relative, "gain", gain, plain.gain, "scalar to \"absolute\"");
  require(relative || stop_value == "long", "floor", floor, plain.floor, "scalar to \"relative\", or stop_value to \"long\"");
  require(relative, "near", near, plain.near, set_relative);
  require(trust, "boost", boost, plain.boost, set_trust);
  require(trust, "slope", slope, plain.slope, set_trust);
  require(trust, "boost_above", boost_above, plain.boost_above, set_trust);
  require(trust, "boost_below", boost_below, plain.boost_below, set_trust);
  require(trust, "brake_above", brake_above, plain.brake_above, set_trust);
}

void EmotionOptions::check() const {
  check_use();
  const bool wants_record = source == "random" || source == "shuffled";
  if (wants_record && !record) {
    fail(ErrorKind::usage, "record: source \"{}\" uses the scalars of a recorded run; give its metrics.jsonl", source);
  }
  if (!wants_record && record) {
    fail(ErrorKind::usage, "record: only the sources random and shuffled use it, not \"{}\"; remove it or change source", source);
  }
}

Emotion::Emotion(EmotionOptions options, std::vector<double> recorded, std::uint64_t seed)
    : options_(std::move(options)),
      source_(static_cast<Source>(place(sources, options_.source))),
      drive_(static_cast<Drive>(place(drives, options_.drive))),
      relative_(place(scalars, options_.scalar) == 1),
      recorded_(std::move(recorded)),
      seed_(seed) {
  const bool wants_record = source_ == Source::random || source_ == Source::shuffled;
  if (wants_record && recorded_.empty()) {
    fail(ErrorKind::usage, "emotion/record: the source \"{}\" needs recorded scalars, and there are none", options_.source);
  }
  state_.window.resize(static_cast<std::size_t>(options_.stop_window));
  if (source_ == Source::shuffled) order_.reserve(recorded_.size());
}

Feeling Emotion::feel(double loss, Index step, Index tensors) {
  follow(source_ == Source::off ? 0 : options_.loss_scale * loss + options_.loss_offset);
  double scalar = 0;
  if (source_ == Source::random || source_ == Source::shuffled) {
    scalar = recorded_scalar(step);
  } else {
    scalar = relative_ ? relative_scalar() : std::tanh(options_.gain * (state_.ema_short - state_.ema_long));
  }
  const bool by_long = options_.stop_value == "long";
  const double value = by_long ? std::tanh((state_.ema_long - state_.ema_short) / std::max(state_.ema_long, options_.floor)) : scalar;
  remember(value, options_.stop_history == "per_tensor" ? tensors : 1);
  return {.ema_short = state_.ema_short,
          .ema_medium = state_.ema_medium,
          .ema_long = state_.ema_long,
          .scalar = scalar,
          .drive = drive(scalar),
          .should_stop = state_.should_stop};
}

void Emotion::follow(double x) {
  if (!std::exchange(state_.started, true)) state_.ema_short = state_.ema_medium = state_.ema_long = x;
  const auto towards_x = [x](double& average, double rate) { average = rate * x + (1 - rate) * average; };
  towards_x(state_.ema_short, options_.short_rate);
  towards_x(state_.ema_medium, options_.medium_rate);
  towards_x(state_.ema_long, options_.long_rate);
}

// Which branch is taken is decided by rounding: |Dm| max(medium, floor) and |Dl| max(long, floor) are both |long - short|.
double Emotion::relative_scalar() const {
  const double base_long = std::max(state_.ema_long, options_.floor);
  const double base_medium = std::max(state_.ema_medium, options_.floor);
  const double fall = state_.ema_long - state_.ema_short;
  const double by_long = fall / base_long;
  const double by_medium = fall / base_medium;
  if (std::abs(by_long) < options_.near) return std::tanh(by_long);
  return std::tanh(std::abs(by_medium) * base_medium < std::abs(by_long) * base_long ? by_medium : by_long);
}

double Emotion::recorded_scalar(Index step) {
  const RandomKey key{.seed = seed_, .stream = Stream::emotion};
  const auto n = static_cast<Index>(recorded_.size());
  const auto number = static_cast<std::uint64_t>(step);
  if (source_ == Source::random) {
    const std::uint64_t bits = random_bits(key, number, 0);
    return recorded_[static_cast<std::size_t>((bits * static_cast<std::uint64_t>(n)) >> 32U)];
  }
  const Index round = (step - 1) / n;
  if (round != std::exchange(order_of_, round)) fill_permutation(key, static_cast<std::uint64_t>(round), n, order_);
  return recorded_[static_cast<std::size_t>(order_[static_cast<std::size_t>((step - 1) % n)])];
}

double Emotion::drive(double scalar) const {
  const double strength = std::abs(scalar);
  if (drive_ == Drive::none) return 1;
  if (drive_ == Drive::calm) return 1 - strength;
  const double trust = std::copysign(1 - strength, scalar);
  if (options_.boost_above < strength && strength < options_.boost_below) {
    return options_.boost * std::abs(trust) * (1 + options_.slope * trust);
  }
  return strength > options_.brake_above ? 1 - strength : 1;
}

void Emotion::remember(double value, Index times) {
  const auto size = static_cast<Index>(state_.window.size());
  for (Index i = 0; i < std::min(times, size); ++i) {
    state_.window[static_cast<std::size_t>((state_.values + i) % size)] = value;
  }
  state_.values += times;
  state_.should_stop = state_.should_stop || (state_.values >= size && quiet());
}

bool Emotion::quiet() const {
  const auto size = static_cast<double>(state_.window.size());
  double sum = 0;
  double magnitude_sum = 0;
  for (const double x : state_.window) {
    sum += x;
    magnitude_sum += std::abs(x);
  }
  const double mean = sum / size;
  double squares = 0;
  for (const double x : state_.window) squares += (x - mean) * (x - mean);
  return magnitude_sum / size < options_.stop_mean && squares / size < options_.stop_variance;
}

}  // namespace emotrain::optim
