#include "emotrain/optim/optimizer.hpp"
#include "emotrain/study/episodes.hpp"
#include "emotrain/study/run_page.hpp"
#include "fuzz/target.hpp"

/// A metrics.jsonl, and whatever is told of it: the first byte picks the optimizer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace emotrain;
  if (size == 0) return 0;
  fuzz::may_refuse({ErrorKind::data}, [&] {
    study::RunRecord run;
    const auto optimizers = optim::optimizers().entries;
    run.config.optimizer = optim::optimizers().choose(optimizers[bytes[0] % optimizers.size()].name);
    run.config_text = "{}";
    run.steps = study::read_steps(fuzz::text_of(bytes + 1, size - 1), "metrics.jsonl");
    const auto covered = [&] {
      Index steps = 0;
      for (const study::Episode& episode : study::episodes(run)) {
        if (episode.kind != study::EpisodeKind::stop) steps += episode.to - episode.from + 1;
      }
      return steps;
    };
    fuzz::require(covered() == run.steps.steps(), "episodes hold every step once");
    fuzz::require(!study::run_payload(run).empty(), "there is a payload");
  });
  return 0;
}
