#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "emotrain/core/file_system.hpp"
#include "emotrain/study/lesson_verdict.hpp"

namespace emotrain::study {

/// What is said beside a verdict of the smallest size.
inline constexpr const char* smoke_caution = "(This is the smoke size: it only shows that the experiment works.)";

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

/// What the reader has foretold before, by the lesson.json of a directory; none if that cannot be told.
std::optional<std::size_t> recorded_prediction(const Lesson& lesson, const std::filesystem::path& directory,
                                               const FileSystem& files = disk());
/// Whether the prediction came true; none if there is none, or it cannot be told.
std::optional<bool> prediction_agrees(const LessonResult& result);
/// What is said to it: "so it is", "it is otherwise", or, to an answer that foretells no verdict, the estimates, "what was measured: ...",
/// if they are one or two. In a smoke size nothing is told of it but that. Empty if there is none, or nothing is judged.
std::string prediction_reply(const LessonResult& result);

/// Writes lesson.json (lesson_json), report.html (lesson_page) and picture.svg (the first chart, if there is one) into the lesson's
/// directory, each whole or not at all.
void write_lesson(const LessonResult& result, const std::filesystem::path& directory, FileSystem& files = disk());

/// The result, as JSON.
std::string lesson_json(const LessonResult& result);
/// A page of its own: no other file, no script.
std::string lesson_page(const LessonResult& result);

}  // namespace emotrain::study
