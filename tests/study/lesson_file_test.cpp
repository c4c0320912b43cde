#include <doctest/doctest.h>

#include "data/temp_folder.hpp"
#include "emotrain/study/lesson.hpp"
#include "study/lesson_samples.hpp"
#include "study/markdown.hpp"

using namespace emotrain;
using study::LessonSize;

TEST_CASE("a lesson is read with its runs: base, size, those it goes on from, its own") {
  const study::Lesson lesson = test::tiny();
  CHECK(lesson.name == "tiny");
  CHECK(lesson.subject() == "a test");
  CHECK(lesson.size(LessonSize::smoke).seeds == 3);
  CHECK(lesson.size(LessonSize::full).seeds == 8);
  CHECK(lesson.prediction->options[1].verdict == "fails");
  CHECK(lesson.cells[5].from == 0);
  const auto steps = [&](LessonSize size, std::size_t cell) { return study::cell_config(lesson, size, cell, 7).trainer.max_steps.value(); };
  CHECK(steps(LessonSize::usual, 0) == 24);
  CHECK(steps(LessonSize::smoke, 0) == 12);
  CHECK(steps(LessonSize::usual, 4) == 12);
  const train::RunConfig chained = study::cell_config(lesson, LessonSize::usual, 3, 7);
  CHECK(chained.seed == 7);
  CHECK(chained.optimizer.name == "sgd");
  CHECK(chained.loss.name == "cross_entropy");
}

TEST_CASE("what is wrong with a lesson is told where it stands") {
  const struct {
    const char* what;
    const char* by;
    const char* message;
  } rows[] = {
      {"\"fact\": \"a test\", ", "", "claim: give either"},
      {"\"fact\": \"a test\"", "\"claim\": 3, \"fact\": \"a test\"", "claim: give either"},
      {"\"title\": \"Tiny\", ", "", "title"},
      {"\"label\": \"EmoNavi\"", "\"labl\": \"EmoNavi\"", "tiny.json:11:22: /cells/0/labl: unknown key; did you mean \"label\"?"},
      {"\"name\": \"navi\"", "\"name\": \"Navi\"", "is not made of small letters"},
      {"\"name\": \"sgd\", \"label\"", "\"name\": \"navi\", \"label\"", "two are called navi"},
      {"\"from\": \"navi\", \"carry\": \"all\"", "\"from\": \"navy\", \"carry\": \"all\"",
       "/cells/4/from: expected the name of a cell that stands before"},
      {"\"from\": \"navi\", \"carry\": \"all\"", "\"from\": \"navi\"", "carry: is missing"},
      {"\"from\": \"navi\", \"carry\": \"all\"", "\"carry\": \"all\"", "from: is missing"},
      {"\"lr\": 0.1", "\"rl\": 0.1", "tiny.json:12:74: /run/optimizer/rl: unknown key"},
      {"{\"trainer.max_steps\": 12}}, \"default\"", "{\"trainer.max_step\": 12}}, \"default\"", "/run/trainer/max_step: unknown key"},
      {"{\"trainer.max_steps\": 12}}, \"default\"", "3}, \"default\"", "/sizes/smoke/set: expected an object"},
      {"\"default\": {\"seeds\": 8}", "\"full\": {\"seeds\": 8}", "\"default\" is missing"},
      {"\"seeds\": 8", "\"seeds\": 8, \"sed\": 2", "/sizes/default/sed: unknown key"},
      {"last(navi.eval_loss) -", "last(navy.eval_loss) -", "/findings/0/value: there is no cell navy; there are"},
      {"last(navi.eval_loss) -", "last(navi.evl_loss) -", "a run's records have no \"evl_loss\""},
      {"last(navi.eval_loss) -", "last(navi.scalr) -", "did you mean \"scalar\"?"},
      {"last(navi.eval_loss) -", "lost(navi.eval_loss) -", "/findings/0/value: column 1: there is no function lost"},
      {"diverged(wild) + diverged(wilder) + diverged(navi)", "1 + 1", "names no series of a cell"},
      {"\"claim\": \"< 0\"", "\"claim\": \"<= 0\"", "expected \"< number\", \"> number\" or \"within number\""},
      {"\"within 2\"", "\"within -2\"", "expected \"< number\""},
      {"\"cells\": [\"navi\", \"wild\", \"on\"]", "\"cells\": [\"navi\", \"mild\"]", "/charts/0/cells: there is no cell \"mild\""},
      {"\"perhaps\"]", "{\"text\": \"perhaps\", \"verdict\": \"maybe\"}]", "/prediction/options/2: expected a text"},
      {", {\"text\": \"no\", \"verdict\": \"fails\"}, \"perhaps\"", "", "/prediction/options: expected a list of 2"},
      {"\"model\": {\"name\": \"mlp\", \"hidden\": [8]},", "", "/run/model: is missing"},
      {"\"run\": {", "\"runs\": {", "/run: is missing"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    CAPTURE(row.by);
    const std::string text = test::replaced(test::tiny_lesson, row.what, row.by);
    const std::string error = data::error_of(ErrorKind::usage, [&] { study::parse_lesson(text, "tiny.json", "tiny"); });
    CHECK_MESSAGE(data::contains(error, row.message), error);
  }
  // With so many findings no p of 8 seeds could be small enough.
  std::string text = test::tiny_lesson;
  for (int i = 0; i < 3; ++i) {
    text = test::replaced(text, "\"findings\": [", "\"findings\": [{\"text\": \"x\", \"value\": \"last(sgd.loss)\", \"claim\": \"< 0\"},");
  }
  const std::string error = data::error_of(ErrorKind::usage, [&] { study::parse_lesson(text, "tiny.json", "tiny"); });
  CHECK_MESSAGE(data::contains(error, "with 8 seeds none of 7 findings can come out"), error);
}

TEST_CASE("a lesson of one's own is named by its file or folder, and has notes beside it") {
  const data::TempFolder folder;
  folder.write("mine/lesson.md", "*why*");
  CHECK(study::load_lesson(folder.write("mine/lesson.json", test::tiny_lesson)).name == "mine");
  CHECK(study::load_lesson((folder / "mine/lesson.json").string()).notes == "*why*");
  const study::Lesson other = study::load_lesson(folder.write("other.json", test::tiny_lesson));
  CHECK(other.name == "other");
  CHECK(other.notes.empty());
  CHECK(data::contains(data::error_of(ErrorKind::usage, [] { study::find_lesson("lr-too-lo"); }), "did you mean \"lr-too-low\"?"));
}

TEST_CASE("notes are shown with paragraphs, lists, emphasis, code and links, and nothing else") {
  const struct {
    const char* markdown;
    const char* html;
  } rows[] = {
      {"one\ntwo\n\nthree", "<p>one two</p>\n<p>three</p>\n"},
      {"a *b* **c** `d*e*` f", "<p>a <em>b</em> <strong>c</strong> <code>d*e*</code> f</p>\n"},
      {"2 * 3 * 4, a * b", "<p>2 * 3 * 4, a * b</p>\n"},
      {"- a\n  more\n- b\n\nc", "<ul>\n<li>a more</li>\n<li>b</li>\n</ul>\n<p>c</p>\n"},
      {"a:\n1. b\n2. c", "<p>a:</p>\n<ol>\n<li>b</li>\n<li>c</li>\n</ol>\n"},
      {"## Why\nso", "<h3>Why</h3>\n<p>so</p>\n"},
      {"[a](https://b.c/d) [e](javascript:x)", "<p><a href=\"https://b.c/d\">a</a> [e](javascript:x)</p>\n"},
      {"<b> & \"q\"", "<p>&lt;b&gt; &amp; &quot;q&quot;</p>\n"},
      {"", ""},
  };
  for (const auto& row : rows) CHECK(study::html_of_markdown(row.markdown) == row.html);
}
