#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include "commands.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/core/threads.hpp"
#include "emotrain/study/lesson_display.hpp"
#include "emotrain/study/lesson_report.hpp"
#include "emotrain/study/lesson_run.hpp"
#include "interruption.hpp"
#include "json_line.hpp"
#include "subcommands.hpp"
#include "text_table.hpp"

namespace {

namespace fs = std::filesystem;
namespace study = emotrain::study;
using emotrain::ErrorKind;
using emotrain::fail;

constexpr const char* lesson_footer = R"(Examples:
  emotrain lesson
  emotrain lesson lr-too-low
  emotrain lesson lr-too-low --smoke --predict A
  emotrain lesson lr-too-low --print > mine.json      # to copy and change
  emotrain lesson --config mine.json

A lesson asks a question about the optimizers, trains the runs that can answer it, over seeds, and computes a verdict. Runs take place on all
cores, one thread each. The same command goes on with a lesson that was stopped: what is recorded is not done again. DIR/report.html shows all,
DIR/lesson.json has it for programs.

Exit codes: 0 done, whatever the verdict, 2 the lesson is wrong, 65 and 66 data or records are damaged or missing, 73 DIR holds something else,
as the lesson in another size, 74 writing failed, 130 and 143 stopped by a signal.)";

struct LessonCommand {
  std::string name;
  std::string config;
  std::string predict;
  std::string output_dir;
  int jobs = 0;
  bool smoke = false;
  bool full = false;
  bool print = false;
  bool quiet = false;
  bool no_progress = false;
  bool json = false;

  study::LessonSize size() const { return smoke ? study::LessonSize::smoke : full ? study::LessonSize::full : study::LessonSize::usual; }
};

char letter_of(std::size_t option) { return static_cast<char>('A' + option); }

/// The number of the answer that a text names; none if it names none.
std::optional<std::size_t> option_of(const study::Lesson& lesson, const std::string& text) {
  if (text.size() != 1 || !lesson.prediction) return {};
  const std::size_t upper = static_cast<unsigned char>(text.front()) & ~0x20U;
  const std::size_t option = upper - 'A';
  return option < lesson.prediction->options.size() ? std::optional(option) : std::nullopt;
}

std::optional<std::size_t> given_prediction(const LessonCommand& command, const study::Lesson& lesson) {
  if (command.predict.empty()) return {};
  if (!lesson.prediction) fail(ErrorKind::usage, "--predict: this lesson asks for no prediction; remove it");
  const auto option = option_of(lesson, command.predict);
  if (!option) {
    fail(ErrorKind::usage, "--predict: \"{}\" is no answer; choose one of A to {}", command.predict,
         letter_of(lesson.prediction->options.size() - 1));
  }
  return option;
}

void show_question(const study::Lesson& lesson) { fmt::print(stderr, "{} ({})\n{}\n", lesson.title, lesson.subject(), lesson.question); }

/// Asks a person. Enter, or the end of the input, skips.
std::optional<std::size_t> ask(const study::Lesson& lesson) {
  fmt::print(stderr, "\n{}\n", lesson.prediction->ask);
  for (std::size_t i = 0; i < lesson.prediction->options.size(); ++i) {
    fmt::print(stderr, "  {}  {}\n", letter_of(i), lesson.prediction->options[i].text);
  }
  for (;;) {
    fmt::print(stderr, "What do you think? A letter, or Enter to skip: ");
    std::string line;
    if (!std::getline(std::cin, line) || line.empty()) return {};
    if (const auto option = option_of(lesson, line)) return option;
  }
}

std::string command_text(const LessonCommand& command, const study::Lesson& lesson) {
  std::string text = "emotrain lesson ";
  text += command.config.empty() ? lesson.name : "--config " + command.config;
  if (command.smoke || command.full) text += command.smoke ? " --smoke" : " --full";
  return text;
}

/// Whether it came to the end.
bool work(const LessonCommand& command, const study::LessonBench& bench, study::LessonRecordFile& file) {
  std::optional<study::LessonDisplay> display;
  if (!command.quiet) {
    auto style = emotrain::report::style_for(emotrain::report::environment_of(stderr));
    style.live = style.live && !command.no_progress;
    display.emplace(stderr, style);
  }
  study::LessonExecution how{
      .workers = command.jobs > 0 ? command.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency())),
      .interrupted = [] { return noted_signal() != 0; }};
  if (display) how.tick = [&](const study::LessonProgress& progress) { display->show(progress); };
  note_signals();
  const bool is_complete = study::run_lesson(bench, file, how);
  forget_signals();
  return is_complete && noted_signal() == 0;
}

void show_text(const study::LessonResult& result, const fs::path& page) {
  TextTable table({{""}, {""}, {""}});
  for (std::size_t i = 0; i < result.lesson.findings.size(); ++i) {
    const study::LessonFinding& finding = result.lesson.findings[i];
    const study::FindingResult& found = result.verdict.findings[i];
    table.add({"", study::name_of(found.outcome), finding.text});
    table.add({"", "", fmt::format("claimed {}: {}", finding.claim.text, study::numbers_of(finding, found))});
  }
  print(table.str(output_width()) +
        fmt::format("  (over the seeds: the mean, or the median where a run diverged [{:.3g} % interval], and p of the signed-rank test)\n",
                    100 * result.verdict.confidence));
  print(result.verdict.sentence + (result.size == study::LessonSize::smoke ? " " + std::string(study::smoke_caution) : "") + "\n");
  if (result.prediction) {
    const std::string reply = study::prediction_reply(result);
    const std::string& text = result.lesson.prediction->options[*result.prediction].text;
    print(fmt::format("You predicted: {}{}\n", text, reply.empty() ? "" : " (" + reply + ")"));
  }
  print(page.string() + "\n");
}

void show_json(const study::LessonResult& result, const fs::path& directory) {
  const std::string whole = one_line_json(study::lesson_json(result));
  print(JsonObject()
            .add("directory", json(directory.string()))
            .add("report", json((directory / "report.html").string()))
            .add("result", whole)
            .str() +
        "\n");
}

int list_lessons(bool as_json) {
  const auto lessons = study::lesson_outlines();
  if (as_json) {
    const auto object = [](const study::LessonOutline& lesson) {
      return JsonObject().add("name", json(lesson.name)).add("subject", json(lesson.subject)).add("question", json(lesson.question)).str();
    };
    print(JsonObject().add("lessons", json_list(lessons, object)).str() + "\n");
  } else {
    TextTable table({{""}, {""}, {""}});
    // The name of a fact's lesson is the fact.
    for (const study::LessonOutline& lesson : lessons) {
      table.add({lesson.name, lesson.subject.starts_with("claim") ? lesson.subject : "fact", lesson.question});
    }
    print(table.str(output_width()) + "\nemotrain lesson NAME does one, --smoke in seconds; begin with dead-without-loss.\n");
  }
  flush_output({});
  return 0;
}

int run_lesson(const LessonCommand& command) {
  if (command.name.empty() && command.config.empty()) {
    if (!command.predict.empty() || command.print || command.smoke || command.full)
      fail(ErrorKind::usage, "name a lesson; emotrain lesson lists them");
    return list_lessons(command.json);
  }
  if (command.config.empty() && command.name.ends_with(".json"))
    fail(ErrorKind::usage, "{}: give a lesson of your own with --config", command.name);
  const study::Lesson lesson = command.config.empty() ? study::find_lesson(command.name) : study::load_lesson(command.config);
  if (command.print) {
    print(lesson.text);
    flush_output({});
    return 0;
  }
  std::optional<std::size_t> prediction = given_prediction(command, lesson);
  const study::LessonBench bench(lesson, command.size());
  const std::string suffix = command.smoke ? "-smoke" : command.full ? "-full" : "";
  const fs::path path = command.output_dir.empty() ? fs::path("lessons") / (lesson.name + suffix) : fs::path(command.output_dir);
  // What one has committed oneself to stands.
  if (!prediction) prediction = study::recorded_prediction(lesson, path);
  study::LessonRecordFile file(lesson, command.size(), path);
  // Runs that took their time are gone: that is no chatter.
  if (file.is_anew()) {
    fmt::print(stderr,
               "emotrain: the lesson or the program has changed since the records in {} were made: they are discarded, it begins anew\n",
               path.string());
  }
  if (!command.quiet && !command.json) {
    show_question(lesson);
    const bool is_asked = !prediction && lesson.prediction && ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0;
    if (is_asked) prediction = ask(lesson);
  }
  if (!work(command, bench, file)) {
    const int signal = noted_signal();
    fmt::print(stderr, "emotrain: interrupted by {}; the same command goes on with the lesson in {}\n",
               signal == SIGINT ? "SIGINT" : "SIGTERM", path.string());
    return 128 + signal;
  }
  emotrain::set_threads(0);
  const study::LessonVerdict verdict = study::judge(lesson, study::finding_values(lesson, command.size(), file.records()));
  const study::LessonResult result{.lesson = lesson,
                                   .size = command.size(),
                                   .records = file.records(),
                                   .verdict = verdict,
                                   .prediction = prediction,
                                   .command = command_text(command, lesson)};
  study::write_lesson(result, path);
  command.json ? show_json(result, path) : show_text(result, path / "report.html");
  flush_output("the report itself is written");
  return 0;
}

}  // namespace

void add_lesson(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("lesson", "Try what is said of the optimizers, and see a verdict");
  const auto options = std::make_shared<LessonCommand>();
  command->footer(lesson_footer);
  auto* name = command->add_option("name", options->name, "Which lesson; none: a list of them")->type_name("LESSON");
  command->add_option("--config", options->config, "A lesson of your own")->type_name("FILE")->excludes(name);
  auto* smoke = command->add_flag("--smoke", options->smoke, "Small: does it work? Some seconds");
  command->add_flag("--full", options->full, "Large: to be sure")->excludes(smoke);
  command->add_option("--predict", options->predict, "Your prediction, instead of a question on the terminal")->type_name("LETTER");
  command->add_option("--output-dir", options->output_dir, "Where it is written, instead of lessons/<name>")->type_name("DIR");
  command->add_option("--jobs", options->jobs, "Runs at a time; 0: one per core")
      ->type_name("N")
      ->check(CLI::Range(0, 1024).description(""));
  auto* shown = command->add_flag("--print", options->print, "Print its lesson.json, to copy and change; run nothing");
  command->add_flag("-q,--quiet", options->quiet, "Show nothing but errors and the result");
  command->add_flag("--no-progress", options->no_progress, "Show lines instead of one that is rewritten, on a terminal too");
  command->add_flag("--json", options->json, "Print the result as a JSON object, on one line")->excludes(shown);
  command->callback([options, &chosen] { chosen = [options] { return run_lesson(*options); }; });
}
