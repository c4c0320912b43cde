#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "emotrain/config/suggestion.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/study/lesson.hpp"
#include "study/embedded.hpp"

namespace emotrain::study {
namespace {

const Embedded* find_text(const std::string& name) {
  const auto all = embedded_lessons();
  const auto found = std::ranges::find(all, name, &Embedded::name);
  return found == all.end() ? nullptr : &*found;
}

std::string text_of(const config::Value& document, const char* key) {
  const config::Member* member = document.find(key);
  const auto* text = member == nullptr ? nullptr : std::get_if<std::string>(&member->value.data);
  return text == nullptr ? std::string() : *text;
}

}  // namespace

std::span<const std::string_view> lesson_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const Embedded& file : embedded_lessons()) {
      if (file.name.ends_with(".json")) all.push_back(file.name.substr(0, file.name.size() - 5));
    }
    std::ranges::sort(all);
    return all;
  }();
  return names;
}

Lesson find_lesson(const std::string& name) {
  const Embedded* file = find_text(name + ".json");
  if (file == nullptr) {
    const std::vector<std::string> names(lesson_names().begin(), lesson_names().end());
    const auto near = config::nearest(name, names);
    fail(ErrorKind::usage, "there is no lesson {}{}; there are {}", config::quoted(name),
         near ? "; did you mean " + config::quoted(*near) + "?" : "", config::listed(names));
  }
  Lesson lesson = parse_lesson(std::string(file->text), "lesson " + name, name);
  if (const Embedded* notes = find_text(name + ".md")) lesson.notes = notes->text;
  return lesson;
}

std::vector<LessonOutline> lesson_outlines() {
  std::vector<LessonOutline> outlines;
  for (const std::string_view name : lesson_names()) {
    const std::string file = std::string(name) + ".json";
    const config::Value document = config::parse_document(find_text(file)->text, "lesson " + std::string(name));
    const config::Member* claim = document.find("claim");
    const auto* number = claim == nullptr ? nullptr : std::get_if<config::Number>(&claim->value.data);
    outlines.push_back({.name = std::string(name),
                        .claim = number != nullptr ? std::optional(static_cast<Index>(number->value)) : std::nullopt,
                        .subject = number != nullptr ? fmt::format("claim {}", number->value) : text_of(document, "fact"),
                        .question = text_of(document, "question")});
  }
  // Claims by their numbers, as the guide has them, then facts.
  const auto key = [](const LessonOutline& lesson) {
    return std::pair(lesson.claim.value_or(std::numeric_limits<Index>::max()), lesson.subject);
  };
  std::ranges::stable_sort(outlines, {}, key);
  return outlines;
}

}  // namespace emotrain::study
