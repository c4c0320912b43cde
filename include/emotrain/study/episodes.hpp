#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "emotrain/study/run_record.hpp"

/// The story of a run: what it went through, in a readable number of episodes.
namespace emotrain::study {

enum class EpisodeKind { quiet, relief, tension, shock, recovery, stop };
std::string_view kind_name(EpisodeKind kind);

/// From its first to its last step. Every step belongs to one episode, besides `stop`, which is one step within another.
struct Episode {
  EpisodeKind kind = EpisodeKind::quiet;
  Index from = 0;
  Index to = 0;
  /// The mean of the losses of its first and its last steps, five at most and at most half of them each; NaN if none is finite.
  double loss_from = 0;
  double loss_to = 0;
  /// The scalar of greatest size; NaN without an emotion.
  double scalar = 0;
  /// In one line.
  std::string text;
};

/// shock: begins where a disturbance begins to be at work, or where the loss jumps: it is not finite, or above m + b and above h + b / 2,
/// where b = max(8 d, |m| / 4), m is the median of the last 32 losses (at least 8 of them), d their median deviation from it times 1.4826,
/// and h the highest of them: a slow rise is none. Of jumps without a disturbance the 4 count that rise highest above their bound. A shock
/// ends with the highest loss before the recovery, and not before the disturbance does if that is over by then.
///
/// recovery: from behind a shock to the step at which the mean of the last 5 losses is back at m + d, or to the next shock, or to the end.
/// A shock without a jump needs none.
///
/// quiet, relief, tension: all other steps, by a scalar x: the optimizer's own, where it feels the loss, else that of edition v3.6 for the
/// loss, its sign turned (averages 0.3, 0.01; x = tanh((short - long) / max(|long|, 1e-5))), so that rivals have a story too. Tension, or
/// relief, begins when |x| exceeds the threshold of mild emotion (of a rival's x: 0.1) and lasts until |x| is below half of it or changes
/// its sign. Then the shortest stretch joins its shorter neighbour, and the kind that most of their steps have is theirs, until none is
/// shorter than a fiftieth of the steps (3 at least) and there are no more than 20 episodes.
///
/// stop: should_stop rises.
std::vector<Episode> episodes(const RunRecord& run);

}  // namespace emotrain::study
