#pragma once
#include <span>
#include <string_view>

namespace emotrain::study {

/// A file that was put into the program when it was built (cmake/Embed.cmake).
struct Embedded {
  std::string_view name;
  std::string_view text;
};

/// configs/problems/*.json, named without their ending, in alphabetical order.
std::span<const Embedded> embedded_problems();
/// configs/lessons/*/lesson.json and lesson.md as NAME.json and NAME.md.
std::span<const Embedded> embedded_lessons();
/// What the report's page is made of.
std::span<const Embedded> embedded_page();

}  // namespace emotrain::study
