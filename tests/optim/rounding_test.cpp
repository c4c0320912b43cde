#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "emotrain/optim/emotion.hpp"
#include "twin.hpp"

using namespace emotrain;

/// v3.6 takes tanh(Dm) where |Dm| Bm < |Dl| Bl. But Dm Bm and Dl Bl are both long - short, divided by a number and multiplied by it again:
/// which of the two is smaller, if any, is decided by how four operations round, and the scalars of the two branches differ by several
/// percent. So it is no detail in which order an average is summed or whether a product and a sum are contracted into one FMA: the order is
/// part of the algorithm. These are the branches that IEEE doubles take in the order of the specification; they must stay what they are.
namespace {

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

enum Branch { by_near, by_medium, by_long };

struct Pinned {
  std::vector<double> losses;
  Branch branch;
  /// Dl or Dm behind the last loss, and its tanh.
  double argument, scalar;
};

const std::vector<Pinned> pinned = {
    {{1, 0.5, 0.25, 0.125}, by_medium, 0.52604857679727191, 0.48235481368859157},
    {{0.7, 0.3, 0.9, 0.1}, by_medium, 0.28552362234484868, 0.27800957252577185},
    {{150, 120, 100, 90, 85}, by_medium, 0.28863299917220403, 0.28087614052073423},
    {{0.693, 0.52, 0.48}, by_medium, 0.14297975546350322, 0.14201333563968641},
    {{7, 1}, by_medium, 0.25970149253731351, 0.25401630732488395},
    // Exactly equal.
    {{2, 1}, by_long, 0.14572864321608042, 0.14470572657450895},
    {{1, 2}, by_long, -0.28712871287128694, -0.27948994483438205},
    {{3, 2, 1.5}, by_long, 0.21347181607340932, 0.21028720067262002},
    {{0.1, 0.2, 0.3}, by_long, -0.7574521798232835, -0.63957379135638059},
    {{1, 3, 1, 3, 1, 3}, by_long, -0.92485191318133497, -0.72818465012695932},
    {{2.302585092994046, 2.1, 1.8, 1.5, 1.3}, by_long, 0.23671959086184369, 0.23239488177709255},
    {{3, 0.3, 0.03, 0.003}, by_long, 0.62929337923740292, 0.55756546038090371},
    // |Dm| Bm is the larger one, by one unit in the last place.
    {{1.1, 1, 0.8, 0.5, 0.2, 0.1}, by_long, 0.5475498469368314, 0.49868162057445453},
    {{1, 0, 0}, by_long, 0.50005101520253037, 0.46215727710452637},
    // |Dl| < 0.05, and just above.
    {{2.3, 2.2}, by_near, 0.012614180078294684, 0.012613511075110988},
    {{2.3, 1.9}, by_long, 0.050522648083623743, 0.050479704936180897},
    // Averages below the floor of 1e-5, and below 0.
    {{1e-06, 3e-06}, by_long, -0.057999999999999989, -0.05793505006190356},
    {{1e-06, 4e-06, 1e-07}, by_near, -0.03392999999999996, -0.033916985413338714},
    {{-1, -2, -3}, by_long, 78009.999999999956, 1},
    {{0, 1}, by_long, -28.999999999999996, -1},
};

optim::EmotionOptions edition(const char* name) {
  optim::EmotionOptions options;
  options.use_edition(name);
  return options;
}

Branch branch_of(const straight::Mood& mood) {
  const double bl = std::max(mood.long_ema, 1e-5);
  if (std::abs((mood.long_ema - mood.short_ema) / bl) < 0.05) return by_near;
  return mood.by_medium ? by_medium : by_long;
}

}  // namespace

TEST_CASE("v3.6: the branch that rounding decides is frozen") {
  const straight::Config config(R"({"name": "emonavi", "edition": "v3.6"})");
  for (const Pinned& row : pinned) {
    CAPTURE(row.losses.front());
    CAPTURE(row.losses.back());
    optim::Emotion emotion(edition("v3.6"));
    straight::Emotion plain;
    optim::Feeling ours;
    straight::Mood theirs;
    Index step = 0;
    for (const double loss : row.losses) {
      ours = emotion.feel(loss, ++step);
      theirs = plain.feel(config, loss, 1);
      CHECK(same_bits(ours.scalar, theirs.scalar));
    }
    CHECK(branch_of(theirs) == row.branch);
    const double average = row.branch == by_medium ? theirs.medium_ema : theirs.long_ema;
    CHECK(same_bits((theirs.long_ema - theirs.short_ema) / std::max(average, 1e-5), row.argument));
    // The argument to the bit; its tanh as this machine's library has it, which libraries round differently in the last place.
    CHECK(same_bits(ours.scalar, std::tanh(row.argument)));
    CHECK(std::abs(ours.scalar - row.scalar) <= 4e-16 * std::abs(row.scalar));
  }
}

TEST_CASE("the emotion of 1000 steps is the straight-line version's to the bit, in every edition") {
  for (const char* name : {"v1", "v2", "v3.0", "v3.6"}) {
    CAPTURE(name);
    const straight::Config config(nlohmann::json{{"name", "emonavi"}, {"edition", name}}.dump());
    optim::Emotion emotion(edition(name));
    straight::Emotion plain;
    Index step = 0;
    Index by_medium_steps = 0;
    Index different = 0;
    for (const double loss : long_script()) {
      const optim::Feeling ours = emotion.feel(loss, ++step);
      const straight::Mood& theirs = plain.feel(config, loss, 1);
      different += !same_bits(ours.ema_short, theirs.short_ema) || !same_bits(ours.ema_long, theirs.long_ema) ||
                   !same_bits(ours.scalar, theirs.scalar) || !same_bits(ours.drive, theirs.drive);
      by_medium_steps += theirs.by_medium;
    }
    CHECK(different == 0);
    CHECK(by_medium_steps == (config.edition == "v3.6" ? 59 : 0));
  }
}
