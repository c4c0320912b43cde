#include "emotrain/study/lesson_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "data/temp_folder.hpp"
#include "emotrain/study/lesson_report.hpp"
#include "emotrain/study/lesson_verdict.hpp"
#include "study/lesson_charts.hpp"
#include "study/lesson_samples.hpp"
#include "support/memory_files.hpp"

using namespace emotrain;
using study::LessonSize;

namespace {

std::string records_after(const study::Lesson& lesson, const std::filesystem::path& folder, const study::LessonExecution& how) {
  const study::LessonBench bench(lesson, LessonSize::smoke);
  study::LessonRecordFile file(lesson, LessonSize::smoke, folder);
  study::run_lesson(bench, file, how);
  return disk().read(folder / "records.jsonl");
}

}  // namespace

TEST_CASE("the records of a lesson are the same on any number of workers, and after it was stopped anywhere") {
  const study::Lesson lesson = test::tiny();
  const data::TempFolder folder;
  const std::string one = records_after(lesson, folder / "one", {.workers = 1});
  CHECK(std::ranges::count(one, '\n') == 1 + 7 * 3);
  CHECK(records_after(lesson, folder / "three", {.workers = 3}) == one);

  // Killed within a line, and within the first: what is whole is not done again.
  for (const std::size_t size : {one.size() - 5, one.size() / 2, one.find('\n') + 1, one.find('\n') - 3, std::size_t{0}}) {
    CAPTURE(size);
    const data::TempFolder killed;
    killed.write("records.jsonl", one.substr(0, size));
    study::LessonProgress last;
    CHECK(records_after(lesson, killed.str(), {.workers = 2, .tick = [&](const auto& progress) { last = progress; }}) == one);
    CHECK(last.runs_done >= last.runs);
    CHECK(last.steps_done == last.steps);
    // A job is done again unless all of its runs are there.
    if (size == one.size() - 5) CHECK(last.steps_found > 0);
    if (size <= one.find('\n') + 1) CHECK(last.steps_found == 0);
  }
  // Stopped by a person.
  const data::TempFolder stopped;
  const study::LessonBench bench(lesson, LessonSize::smoke);
  {
    study::LessonRecordFile file(lesson, LessonSize::smoke, stopped.str());
    CHECK_FALSE(study::run_lesson(bench, file, {.workers = 2, .interrupted = [] { return true; }}));
  }
  CHECK(records_after(lesson, stopped.str(), {.workers = 2}) == one);
}

TEST_CASE("runs go on from each other, diverge, and are compared step by step") {
  const study::Lesson lesson = test::tiny();
  const data::TempFolder folder;
  const study::LessonBench bench(lesson, LessonSize::usual);
  // navi with those that go on from it, use its scalars or are compared with it; wild with wilder.
  CHECK(bench.groups() == std::vector<std::vector<std::size_t>>{{0, 1, 4, 5, 6}, {2, 3}});
  study::LessonRecordFile file(lesson, LessonSize::usual, folder.str());
  REQUIRE(study::run_lesson(bench, file, {.workers = 2}));
  const auto& record = [&](std::size_t cell) -> const study::LessonRecord& { return file.records().at({cell, 1}); };
  CHECK(record(0).steps == 24);
  CHECK(record(4).steps == 12);
  CHECK(record(2).divergence != "");
  CHECK(record(3).divergence == "the run that it goes on from diverged");
  CHECK(record(0).values.at("parted(navi.loss, sgd.loss, 0)") == 2);
  CHECK(record(0).curves.at("eval_loss").steps == std::vector<Index>{4, 8, 12, 16, 20, 24});

  const study::LessonVerdict verdict = study::judge(lesson, study::finding_values(lesson, LessonSize::usual, file.records()));
  CHECK(verdict.verdict == study::Verdict::holds);
  CHECK(std::isinf(verdict.findings[2].estimate));
  const study::LessonResult result{.lesson = lesson,
                                   .size = LessonSize::usual,
                                   .records = file.records(),
                                   .verdict = verdict,
                                   .prediction = 1,
                                   .command = "emotrain lesson tiny"};
  CHECK(study::prediction_agrees(result) == false);
  study::LessonResult perhaps = result;
  CHECK(study::prediction_reply(perhaps) == "it is otherwise");
  perhaps.prediction = 0;
  CHECK(study::prediction_reply(perhaps) == "so it is");
  perhaps.prediction = 2;
  CHECK_FALSE(study::prediction_agrees(perhaps));
  const std::string reply = study::prediction_reply(perhaps);
  CHECK_MESSAGE(reply == "the findings tell, no single verdict does", reply);
  CHECK_FALSE(study::recorded_prediction(lesson, folder.str()));
  study::write_lesson(result, folder.str());
  CHECK(study::recorded_prediction(lesson, folder.str()) == result.prediction);
  const std::string page = disk().read(folder / "report.html");
  CHECK(data::contains(page, "The fact &quot;a test&quot; holds here: all 4 findings support it, over 8 seeds."));
  CHECK(data::contains(page, "emotrain lesson tiny --print"));
  CHECK_FALSE(data::contains(page, "<script"));
  CHECK_FALSE(data::contains(page, "{{"));
  CHECK(data::contains(disk().read(folder / "picture.svg"), "EmoNavi</text>"));
  CHECK(data::contains(disk().read(folder / "lesson.json"), "\"verdict\": \"holds\""));
}

TEST_CASE("a page says where a finding has no value") {
  const study::Lesson lesson = test::tiny();
  std::vector<std::vector<double>> values(lesson.findings.size(), std::vector<double>(8, 1));
  values.front().back() = std::nan("");
  const study::LessonVerdict verdict = study::judge(lesson, values);
  const study::LessonRecords records;
  const std::string page = study::lesson_page({.lesson = lesson, .records = records, .verdict = verdict, .command = ""});
  CHECK(data::contains(page, "found no value for 1 of 8 seeds"));
  CHECK(data::contains(page, "<td class=\"number\">no value</td><td class=\"number\"></td>"));
  CHECK_FALSE(data::contains(page, ">nan"));
}

TEST_CASE("carrying everything is going on, and carrying weights is not") {
  // In one session of 20 steps, and in two of 10 that see the same batches: whole epochs of ten.
  const std::string text = R"lesson({"title": "t", "fact": "f", "question": "q",
    "run": {"data": {"name": "blobs", "samples": 100, "classes": 3, "batch_size": 100, "shuffle": false},
      "model": {"name": "mlp", "hidden": [8]}, "optimizer": {"name": "emonavi", "lr": 1e-2}, "trainer": {"max_steps": 10}},
    "cells": [{"name": "whole", "label": "whole", "set": {"trainer.max_steps": 20}}, {"name": "half", "label": "half"},
      {"name": "all", "label": "all", "from": "half", "carry": "all"}, {"name": "weights", "label": "weights", "from": "half", "carry": "weights"}],
    "sizes": {"default": {"seeds": 1}},
    "findings": [{"text": "x", "value": "last(whole.loss) - last(all.loss)", "claim": "within 0"},
      {"text": "y", "value": "last(whole.loss) - last(weights.loss)", "claim": "within 0"},
      {"text": "z", "value": "at(whole.loss, 11) - first(weights.loss)", "claim": "within 0"},
      {"text": "s", "value": "at(whole.ema_long, 11) - first(weights.ema_long)", "claim": "within 0"}]})lesson";
  const study::Lesson lesson = study::parse_lesson(text, "two.json", "two");
  const data::TempFolder folder;
  const study::LessonBench bench(lesson, LessonSize::usual);
  study::LessonRecordFile file(lesson, LessonSize::usual, folder.str());
  REQUIRE(study::run_lesson(bench, file, {}));
  const auto values = study::finding_values(lesson, LessonSize::usual, file.records());
  CHECK(values[0][0] == 0);
  CHECK(values[1][0] != 0);
  CHECK(values[2][0] == 0);
  CHECK(values[3][0] != 0);
}

TEST_CASE("a changed lesson begins anew, and other directories are left alone") {
  const data::TempFolder folder;
  const study::Lesson lesson = test::tiny();
  records_after(lesson, folder / "a", {.workers = 2});
  const study::Lesson changed = study::parse_lesson(test::replaced(test::tiny_lesson, "\"lr\": 0.1", "\"lr\": 0.2"), "tiny.json", "tiny");
  {
    const study::LessonRecordFile same(lesson, LessonSize::smoke, folder / "a");
    CHECK_FALSE(same.is_anew());
    CHECK(same.records().size() == 21);
  }
  {
    const study::LessonRecordFile anew(changed, LessonSize::smoke, folder / "a");
    CHECK(anew.is_anew());
    CHECK(anew.records().empty());
  }
  const study::Lesson other = study::parse_lesson(test::tiny_lesson, "tiny.json", "other");
  const auto refused = [&](const std::filesystem::path& path, ErrorKind kind) {
    return data::error_of(kind, [&] { study::LessonRecordFile(other, LessonSize::smoke, path); });
  };
  CHECK(data::contains(refused(folder / "a", ErrorKind::cannot_create), "holds the lesson tiny"));
  const std::string small = disk().read(folder / "a/records.jsonl");
  CHECK(data::contains(data::error_of(ErrorKind::cannot_create, [&] { study::LessonRecordFile(lesson, LessonSize::usual, folder / "a"); }),
                       "a: holds the lesson in its size smoke; give another --output-dir, or that size"));
  CHECK(disk().read(folder / "a/records.jsonl") == small);
  folder.write("b/mine.txt", "");
  CHECK(data::contains(refused(folder / "b", ErrorKind::cannot_create), "is not empty and holds no lesson"));
  folder.write("c/records.jsonl", "{\"track\": \"fixed\"}\n");
  CHECK(data::contains(refused(folder / "c", ErrorKind::cannot_create), "holds records of another kind"));
  const std::string head = disk().read(folder / "a/records.jsonl");
  const std::string damaged = test::replaced(head, "\"tiny\"", "\"other\"");
  folder.write("d/records.jsonl", damaged);
}

TEST_CASE("charts show a run that diverged as lost to its end") {
  const study::Lesson lesson = study::parse_lesson(
      test::replaced(
          test::tiny_lesson, R"("charts": [)",
          R"("charts": [{"title": "a", "series": "eval_accuracy", "cells": ["navi"]}, {"title": "s", "series": "scalar", "cells": ["navi"]}, )"),
      "tiny.json", "tiny");
  study::LessonRecords records;
  for (Index seed = 1; seed <= 3; ++seed) {
    study::LessonRecord& record = records[{0, seed}];
    const bool is_gone = seed < 3;
    record.divergence = is_gone ? "gone" : "";
    record.steps = is_gone ? 4 : 8;
    for (const char* series : {"eval_accuracy", "eval_loss", "scalar"}) {
      record.curves[series] = is_gone ? study::Curve{{4}, {0.5}} : study::Curve{{4, 8}, {0.5, 0.75}};
    }
  }
  const study::LessonVerdict verdict;
  const std::vector<study::Plot> plots = study::lesson_charts({.lesson = lesson, .records = records, .verdict = verdict, .command = ""});
  const auto ends = [&](std::size_t plot) { return plots[plot].series.front().y.back(); };
  CHECK(ends(0) == 0);
  CHECK(ends(1) == 0.75);
  CHECK(std::isinf(ends(2)));
}

TEST_CASE("lessons are listed by the claims' numbers, then by the facts") {
  std::vector<std::string> subjects;
  for (const study::LessonOutline& lesson : study::lesson_outlines()) subjects.push_back(lesson.subject);
  REQUIRE(subjects.size() > 12);
  for (std::size_t i = 0; i < 12; ++i) CHECK(subjects[i] == "claim " + std::to_string(i + 1));
  CHECK(std::is_sorted(subjects.begin() + 12, subjects.end()));
}

TEST_CASE("what does not fit is found before the runs, or at the first that lacks it") {
  const auto bench_error = [](const char* what, const char* by) {
    const study::Lesson lesson = study::parse_lesson(test::replaced(test::tiny_lesson, what, by), "tiny.json", "tiny");
    return data::error_of(ErrorKind::usage, [&] { study::LessonBench(lesson, LessonSize::smoke); });
  };
  CHECK(data::contains(bench_error(R"("carry": "all", "set": {)", R"("carry": "all", "set": {"model.hidden": [9], )"), "the cell on: "));
  CHECK(data::contains(bench_error(R"("name": "mlp", "hidden": [8])", R"("name": "cnn")"), "the cell navi: /model"));
  const study::Lesson lesson =
      study::parse_lesson(test::replaced(test::tiny_lesson, "first(navi.eval_loss)", "first(navi.eval_band_1)"), "tiny.json", "tiny");
  const data::TempFolder folder;
  const std::string error = data::error_of(ErrorKind::usage, [&] { records_after(lesson, folder.str(), {.workers = 2}); });
  CHECK_MESSAGE(data::contains(error, "the cell navi has no eval_band_1: its evaluations have eval_loss"), error);
}
