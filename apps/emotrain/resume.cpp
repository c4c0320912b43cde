#include "resume.hpp"

#include <fmt/format.h>

#include <array>
#include <span>

#include "emotrain/config/differences.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/train/run_summary.hpp"

namespace {

namespace fs = std::filesystem;
namespace train = emotrain::train;
using emotrain::ErrorKind;
using emotrain::fail;

/// What may differ in a run that goes on: how long it is, and what changes no number of it.
constexpr std::array<std::string_view, 9> free_options{"/trainer/max_steps",
                                                       "/trainer/num_train_epochs",
                                                       "/trainer/logging_steps",
                                                       "/trainer/threads",
                                                       "/trainer/save_steps",
                                                       "/trainer/save_total_limit",
                                                       "/trainer/stop_on_quiet",
                                                       "/name",
                                                       "/$schema"};
/// Those of them that do not say how long it is.
constexpr auto not_its_length = std::span(free_options).subspan<2>();

void warn(const std::string& text) { fmt::print(stderr, "emotrain: warning: {}\n", text); }

void require_same_config(const fs::path& run, const std::string& resolved) {
  const std::string saved = emotrain::disk().read(run / "config.json");
  const auto found = emotrain::config::differences(saved, resolved, free_options);
  if (found.empty()) return;
  std::string list;
  for (const std::string& difference : found) list += (list.empty() ? "" : "; ") + difference;
  fail(ErrorKind::usage,
       "{}: a run goes on with the configuration that it began with, only trainer.max_steps, num_train_epochs and what is shown or kept "
       "may differ: {}. Start "
       "another run from its weights with --init-from",
       run.string(), list);
}

bool is_finished(const fs::path& run, const train::RunConfig& config, const std::string& resolved) {
  const auto summary = train::read_summary(emotrain::disk(), run);
  if (!summary || summary->status != "completed") return false;
  const bool same_length = emotrain::config::differences(emotrain::disk().read(run / "config.json"), resolved, not_its_length).empty();
  return same_length || (config.trainer.max_steps && summary->steps >= *config.trainer.max_steps);
}

StartingPoint automatic(const TrainCommand& command, const train::RunConfig& config, const std::string& resolved) {
  const std::optional<fs::path> given = command.output_dir ? std::optional<fs::path>(*command.output_dir) : std::nullopt;
  const auto run = given ? given : train::newest_run(emotrain::disk(), config.name);
  if (!run || !emotrain::disk().exists(*run / "manifest.json")) return {.output_dir = run, .overwrite = run.has_value(), .checkpoint = {}};
  if (const auto newest = train::newest_checkpoint(emotrain::disk(), *run, [](const std::string& text) { warn(text); })) {
    require_same_config(*run, resolved);
    return {.output_dir = {}, .checkpoint = newest, .is_finished = is_finished(*run, config, resolved)};
  }
  const auto summary = train::read_summary(emotrain::disk(), *run);
  const bool has_checkpoints = !train::CheckpointDirectory(emotrain::disk(), *run).steps().empty();
  if (has_checkpoints || (summary && summary->status == "completed")) {
    fail(has_checkpoints ? ErrorKind::data : ErrorKind::missing,
         "{}: {} to go on from; give --overwrite to start the run again in its place, or choose another --output-dir", run->string(),
         has_checkpoints ? "none of its checkpoints is whole enough" : "the run is complete and has no checkpoint");
  }
  return {.output_dir = run, .overwrite = true, .checkpoint = {}};
}

train::FoundCheckpoint find_to_resume(const std::string& path) {
  const train::FoundCheckpoint found = train::find_checkpoint(emotrain::disk(), path);
  if (found.run.empty()) {
    fail(ErrorKind::missing, "{}: the checkpoint is in no run to go on with; start another from its weights with --init-from", path);
  }
  return found;
}

}  // namespace

std::optional<std::string> initial_weights(const TrainCommand& command) {
  if (!command.init_from || !emotrain::disk().is_directory(*command.init_from)) return command.init_from;
  const fs::path weights = fs::path(*command.init_from) / "model.safetensors";
  if (emotrain::disk().exists(weights)) return weights.string();
  return (train::find_checkpoint(emotrain::disk(), *command.init_from).checkpoint / "model.safetensors").string();
}

std::string config_file(const TrainCommand& command) {
  if (!command.config.empty() || !command.resume) return command.config;
  return (find_to_resume(*command.resume).run / "config.json").string();
}

StartingPoint find_start(const TrainCommand& command, const train::RunConfig& config, const std::string& resolved) {
  if (!command.resume) return {.output_dir = command.output_dir, .overwrite = command.overwrite, .checkpoint = {}};
  if (*command.resume == "auto") return automatic(command, config, resolved);
  const train::FoundCheckpoint found = find_to_resume(*command.resume);
  require_same_config(found.run, resolved);
  const auto steps = train::read_trainer_state(emotrain::disk(), found.checkpoint).global_step;
  const auto newest = train::newest_checkpoint(emotrain::disk(), found.run, [](const std::string& text) { warn(text); });
  // From an earlier checkpoint even a complete run goes on.
  const auto newest_step = newest ? train::read_trainer_state(emotrain::disk(), newest->checkpoint).global_step : steps;
  const bool is_newest = newest && newest_step == steps;
  if (newest_step > steps)
    warn(fmt::format("{}: going back to step {} of {}; what is behind it is removed", found.run.string(), steps, newest_step));
  return {.output_dir = {}, .checkpoint = found, .is_finished = is_newest && is_finished(found.run, config, resolved)};
}
