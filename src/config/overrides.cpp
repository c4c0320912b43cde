#include "emotrain/config/overrides.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "config/assignment.hpp"

namespace emotrain::config {

void apply_override(Value& document, const std::string& argument, int number, std::vector<Problem>& problems) {
  const auto equals = argument.find('=');
  Assignment assignment{split_path(argument.substr(0, equals), "."), {}, fmt::format("argument {}", number)};
  const bool has_gap = std::ranges::any_of(assignment.path, [](const std::string& step) { return step.empty(); });
  if (equals == std::string::npos || has_gap) {
    problems.push_back({Place{std::make_shared<const std::string>(assignment.source)},
                        {},
                        fmt::format("{} is not of the form section.key=value", quoted(argument))});
    return;
  }
  assignment.value = argument.substr(equals + 1);
  assign(document, assignment, problems);
}

}  // namespace emotrain::config
