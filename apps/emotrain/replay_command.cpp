#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "commands.hpp"
#include "emotrain/config/options_writer.hpp"
#include "emotrain/config/recording.hpp"
#include "emotrain/core/error.hpp"
#include "replay_text.hpp"

namespace {

namespace fs = std::filesystem;
using emotrain::Choice;
using emotrain::ErrorKind;
using emotrain::config::Recording;

struct Recorded {
  std::string file;
  Recording recording;
};

struct Counts {
  int passed = 0;
  int failed = 0;
  int replayed = 0;
};

/// All of them before the first is replayed: what is malformed is known at once.
std::vector<Recorded> read_all(const ReplayCommand& command, int& scenarios) {
  std::optional<fs::path> folder;
  if (command.scenarios) folder = *command.scenarios;
  emotrain::config::RecordingReader reader(folder);
  std::vector<Recorded> all;
  for (const std::string& file : command.traces) {
    Recorded one{file, reader.read(file, command.optimizer.has_value())};
    const bool has_optimizer = one.recording.optimizer.options != nullptr;
    if (!has_optimizer && !command.optimizer) {
      // *.json of a folder of traces has its scenarios, too.
      ++scenarios;
      continue;
    }
    all.push_back(std::move(one));
  }
  if (all.empty()) {
    emotrain::fail(ErrorKind::usage, "{}: is a scenario and names no optimizer; give one with --optimizer '{{\"name\": \"emonavi\"}}'",
                   command.traces.front());
  }
  return all;
}

/// File names alone if all are in one folder.
std::vector<std::string> short_names(const std::vector<Recorded>& all) {
  std::vector<std::string> names;
  for (const Recorded& one : all) names.push_back(fs::path(one.file).filename().string());
  const fs::path folder = fs::path(all.front().file).parent_path();
  if (std::ranges::all_of(all, [&](const Recorded& one) { return fs::path(one.file).parent_path() == folder; })) return names;
  for (std::size_t i = 0; i < all.size(); ++i) names[i] = all[i].file;
  return names;
}

emotrain::train::Replay replayed(const Recorded& one, const emotrain::optim::OptimizerOptions& options) {
  try {
    return replay(*one.recording.scenario, options, one.recording.expected);
  } catch (const emotrain::Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    throw emotrain::Error(ErrorKind::usage, fmt::format("{}: {}", one.file, error.what()));
  }
}

void count(const ShownReplay& shown, Counts& counts) {
  ++(!shown.is_judged ? counts.replayed : shown.replay.passed() ? counts.passed : counts.failed);
}

std::string closing_lines(const Counts& counts, int scenarios) {
  std::string text;
  if (scenarios > 0) text += fmt::format("{} scenario{} without an optimizer passed over\n", scenarios, scenarios == 1 ? "" : "s");
  if (counts.replayed > 0) text += fmt::format("{} replayed, with nothing to compare\n", counts.replayed);
  return text + fmt::format("{} passed, {} failed\n", counts.passed, counts.failed);
}

}  // namespace

int run(const ReplayCommand& command) {
  std::optional<Choice> other;
  if (command.optimizer) other = emotrain::config::parse_optimizer(*command.optimizer, "--optimizer");
  int scenarios = 0;
  const std::vector<Recorded> all = read_all(command, scenarios);
  const std::vector<std::string> names = short_names(all);
  const bool shows_steps = command.table || all.size() == 1;
  const SummaryLines summary(names, !other);
  if (!command.json && !shows_steps) print(summary.title());
  Counts counts;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Recorded& one = all[i];
    const Choice& optimizer = other ? *other : one.recording.optimizer;
    const auto& options = dynamic_cast<const emotrain::optim::OptimizerOptions&>(*optimizer.options);
    const emotrain::train::Replay result = replayed(one, options);
    const ShownReplay shown{one.file, optimizer.name, *one.recording.scenario, result, !one.recording.expected.empty()};
    count(shown, counts);
    if (command.json) {
      print(replay_json(shown, emotrain::config::write_options(options)) + "\n");
    } else {
      print(shows_steps ? steps_text(shown) : summary.line(names[i], shown));
    }
  }
  const std::string closing = closing_lines(counts, scenarios);
  command.json ? fmt::print(stderr, "{}", closing) : print(closing);
  flush_output({});
  return counts.failed > 0 ? 1 : 0;
}
