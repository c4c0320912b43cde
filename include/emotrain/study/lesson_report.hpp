#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "emotrain/core/file_system.hpp"
#include "emotrain/study/lesson_verdict.hpp"

namespace emotrain::study {

/// A lesson that was done.
struct LessonResult {
  const Lesson& lesson;
  LessonSize size = LessonSize::usual;
  const LessonRecords& records;
  const LessonVerdict& verdict;
  /// The number of the answer that the reader foretold.
  std::optional<std::size_t> prediction = {};
  /// That does it again.
  std::string command;
};

/// Whether the prediction came true; none if there is none, or it cannot be told.
std::optional<bool> prediction_agrees(const LessonResult& result);
/// What is said to it: "so it is", "it is otherwise", or, to an answer that foretells no verdict, the estimates, "what was measured: ...".
/// Empty if there is none, or nothing is judged.
std::string prediction_reply(const LessonResult& result);

/// Writes lesson.json (lesson_json), report.html (lesson_page) and picture.svg (the first chart, if there is one) into the lesson's
/// directory, each whole or not at all.
void write_lesson(const LessonResult& result, const std::filesystem::path& directory, FileSystem& files = disk());

/// The result, as JSON.
std::string lesson_json(const LessonResult& result);
/// A page of its own: no other file, no script.
std::string lesson_page(const LessonResult& result);

}  // namespace emotrain::study
