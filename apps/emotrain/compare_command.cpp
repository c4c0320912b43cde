#include <fmt/format.h>

#include <csignal>
#include <memory>
#include <optional>
#include <thread>

#include "commands.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/core/threads.hpp"
#include "emotrain/report/progress.hpp"
#include "emotrain/study/directory.hpp"
#include "emotrain/study/progress.hpp"
#include "emotrain/study/report.hpp"
#include "emotrain/study/run_page.hpp"
#include "interruption.hpp"
#include "json_line.hpp"
#include "subcommands.hpp"
#include "text_table.hpp"

namespace {

namespace fs = std::filesystem;
namespace study = emotrain::study;
using emotrain::ErrorKind;
using emotrain::fail;

constexpr const char* compare_footer = R"(Examples:
  emotrain compare --config configs/studies/small.json
  emotrain compare --config study.json seeds=20 budget.trials=32 --output-dir studies/night
  emotrain compare --config study.json --shard 1/3 --output-dir part1       # the others on other machines
  emotrain compare --merge part1 part2 part3 --output-dir whole
  emotrain list problems

Jobs run on all cores, one thread each. The same command goes on with a study that was stopped: what is recorded is not done again. The report is in
DIR/report.html; report.json, tables/*.csv and plots/*.svg hold the same.

Exit codes: 0 done, 2 the study is wrong, 65 and 66 data or records are damaged or missing, 73 DIR holds something else, 74 writing failed, 130 and
143 stopped by a signal.)";

constexpr const char* report_footer = R"(Examples:
  emotrain report studies/small
  emotrain report studies/small --markdown > results.md
  emotrain report runs/mnist_mlp-1

DIR is a study, or a run: whose report.html, which it writes when it ends, is written again from its records, also while it is at work, and with
the forks that it has by now. The same records give the same report, byte for byte.)";

struct CompareOptions {
  std::string config;
  std::vector<std::string> overrides;
  std::vector<std::string> merge;
  std::string output_dir;
  std::string shard;
  int jobs = 0;
  bool dry_run = false;
  bool quiet = false;
  bool no_progress = false;
  bool json = false;
};

study::Shard parse_shard(const std::string& text) {
  study::Shard shard;
  char end = '\0';
  if (text.empty()) return shard;
  if (std::sscanf(text.c_str(), "%td/%td%c", &shard.index, &shard.count, &end) != 2 || shard.index < 1 || shard.index > shard.count) {
    fail(ErrorKind::usage, "--shard: \"{}\" is no part of a study; write 1/3, 2/3 or 3/3", text);
  }
  return shard;
}

/// What it says at the end.
void show(const CompareOptions& options, const study::Study& of, const study::Analysis& analysis, const fs::path& directory) {
  if (options.json) {
    const auto text = [](const std::string& sentence) { return json(sentence); };
    print(JsonObject()
              .add("directory", json(directory.string()))
              .add("report", json((directory / "report.html").string()))
              .add("summary", json_list(analysis.summary, text))
              .str() +
          "\n");
  } else {
    for (const study::TrackResult& track : analysis.tracks) {
      TextTable verdicts({{""}, {""}, {""}});
      for (std::size_t i = 0; i < track.problems.size(); ++i) verdicts.add({"", of.problem(i).name + ":", track.problems[i].verdict});
      print(fmt::format("{}:\n{}", study::name_of(track.track), verdicts.str(output_width())));
    }
    TextTable sentences({{""}});
    for (const std::string& sentence : analysis.summary) sentences.add({sentence});
    print(sentences.str(output_width()));
    print(fmt::format("{}\n", (directory / "report.html").string()));
  }
  flush_output("the report itself is written");
}

void conclude(const CompareOptions& options, const study::Study& of, const study::Records& records, const fs::path& directory) {
  emotrain::set_threads(0);
  const study::Analysis analysis = study::analyze(of, records);
  study::write_report(of, records, analysis, directory);
  show(options, of, analysis, directory);
}

int merge(const CompareOptions& options) {
  if (options.output_dir.empty()) fail(ErrorKind::usage, "--merge: say where the whole study is to be with --output-dir");
  const std::vector<fs::path> shards(options.merge.begin(), options.merge.end());
  const study::Study of = study::read_study(shards.front());
  study::Records records = study::merge_records(of, shards);
  study::require_complete(of, records);
  const study::StudyDirectory directory(of, options.output_dir);
  study::RecordFile file(of, directory.path());
  for (auto& [key, record] : records) {
    if (!file.records().contains(key)) file.add(key, std::move(record));
  }
  file.sync();
  conclude(options, of, file.records(), directory.path());
  return 0;
}

int forecast(const study::Study& of, const study::Shard& shard, int workers) {
  const std::vector<study::JobKey> jobs = study::jobs_of(of, shard);
  const study::Workbench workbench(of);
  double seconds = 0;
  for (const study::JobKey& job : jobs) seconds += workbench.seconds(job.problem);
  print(fmt::format("{} jobs (optimizers {}, problems {}, seeds {}), about {} of training on {} at a time\n", jobs.size(), of.arms.size(),
                    of.problems(), of.options.seeds.size(), emotrain::report::duration(seconds / workers), workers));
  flush_output({});
  return 0;
}

/// Whether it came to the end.
bool work(const CompareOptions& options, const study::Study& of, const study::Workbench& workbench, study::RecordFile& file,
          const study::ExecutionOptions& how) {
  const std::vector<study::JobKey> jobs = study::jobs_of(of, how.shard);
  std::optional<study::StudyProgress> progress;
  if (!options.quiet) {
    emotrain::report::DisplayStyle style = style_for(emotrain::report::environment_of(stderr));
    style.live = style.live && !options.no_progress;
    progress.emplace(stderr, style, of, workbench, jobs, file.records(), how.workers);
  }
  study::ExecutionOptions watched = how;
  watched.watcher = progress ? &*progress : nullptr;
  note_signals();
  const bool is_complete = study::execute(of, workbench, file, watched);
  forget_signals();
  return is_complete && noted_signal() == 0;
}

int compare(const CompareOptions& options) {
  if (!options.merge.empty()) return merge(options);
  if (options.config.empty()) {
    const bool is_file = !options.overrides.empty() && options.overrides.front().ends_with(".json");
    fail(ErrorKind::usage, "--config is required{}; see emotrain compare --help", is_file ? ": --config " + options.overrides.front() : "");
  }
  const study::Study of = study::load_study(options.config, options.overrides);
  const study::Shard shard = parse_shard(options.shard);
  const int workers = options.jobs > 0 ? options.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  if (options.dry_run) return forecast(of, shard, workers);
  const fs::path path = options.output_dir.empty() ? fs::path("studies") / of.options.name : fs::path(options.output_dir);
  const study::Workbench workbench(of);
  const study::StudyDirectory directory(of, path);
  study::RecordFile file(of, directory.path());
  if (!work(options, of, workbench, file, {.shard = shard, .workers = workers, .interrupted = [] { return noted_signal() != 0; }})) {
    const int signal = noted_signal();
    fmt::print(stderr, "emotrain: interrupted by {}; the same command goes on with the study in {}\n",
               signal == SIGINT ? "SIGINT" : "SIGTERM", path.string());
    return 128 + signal;
  }
  if (shard.count == 1) {
    conclude(options, of, file.records(), directory.path());
  } else {
    print(fmt::format("{}: shard {}/{} is done; when all are: emotrain compare --merge DIR... --output-dir DIR\n", path.string(),
                      shard.index, shard.count));
    flush_output({});
  }
  return 0;
}

int report(const std::string& directory, bool markdown) {
  if (study::is_run(directory)) {
    if (markdown) fail(ErrorKind::usage, "--markdown: is for the tables of a study, and {} is a run; remove it", directory);
    study::write_run_page(directory);
    print(fmt::format("{}\n", (fs::path(directory) / "report.html").string()));
    flush_output("the report itself is written");
    return 0;
  }
  const study::Study of = study::read_study(directory);
  if (markdown) {
    print(study::report_markdown(of, study::analyze(of, study::read_records(of, directory))));
    flush_output({});
    return 0;
  }
  conclude({}, of, study::read_records(of, directory), directory);
  return 0;
}

}  // namespace

void add_compare(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("compare", "Compare optimizers on problems over seeds, and write a report");
  const auto options = std::make_shared<CompareOptions>();
  command->footer(compare_footer);
  auto* config = command->add_option("--config", options->config, "The study: problems, optimizers, seeds")->type_name("FILE");
  auto* overrides = command->add_option("overrides", options->overrides, "Values that replace those of the file: JSON, else strings")
                        ->type_name("key=value");
  command->add_option("--output-dir", options->output_dir, "Where the study lives, instead of studies/<name>")->type_name("DIR");
  auto* shard = command->add_option("--shard", options->shard, "Do only this part of the jobs")->type_name("I/N");
  auto* dry_run = command->add_flag("--dry-run", options->dry_run, "Say how many jobs there are and how long they take; do none");
  command->add_option("--merge", options->merge, "Join the shards of a study in --output-dir, and write its report")
      ->type_name("DIR")
      ->excludes(config)
      ->excludes(overrides)
      ->excludes(shard)
      ->excludes(dry_run);
  command->add_option("--jobs", options->jobs, "Jobs at a time; 0: one per core")
      ->type_name("N")
      ->check(CLI::Range(0, 1024).description(""));
  command->add_flag("-q,--quiet", options->quiet, "Show nothing but errors and the result");
  command->add_flag("--no-progress", options->no_progress, "Show lines instead of a table, on a terminal too");
  command->add_flag("--json", options->json, "Print the result as a JSON object, on one line")->excludes(dry_run)->excludes(shard);
  command->callback([options, &chosen] { chosen = [options] { return compare(*options); }; });
}

void add_report(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("report", "Write the report of a study or a run again, from its records");
  const auto directory = std::make_shared<std::string>();
  command->footer(report_footer);
  command->add_option("directory", *directory, "Where the study or the run lives")->required()->type_name("DIR");
  const auto markdown = std::make_shared<bool>(false);
  command->add_flag("--markdown", *markdown, "Print the tables of a study as Markdown; write nothing");
  command->callback([directory, markdown, &chosen] { chosen = [directory, markdown] { return report(*directory, *markdown); }; });
}
