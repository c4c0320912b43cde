#include "config/environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <memory>

#include "config/assignment.hpp"
#include "emotrain/config/options_listing.hpp"
#include "emotrain/config/suggestion.hpp"

namespace emotrain::config {
namespace {

constexpr std::string_view prefix = "EMOTRAIN_";
constexpr std::string_view separator = "__";

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

bool is_number(const std::string& step) {
  return !step.empty() && std::ranges::all_of(step, [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// The name of the variable for a path.
std::string variable_of(const std::vector<std::string>& path) {
  return std::string(prefix) + upper(fmt::format("{}", fmt::join(path, separator)));
}

/// Paths by the names of their variables; the elements of a list are "0".
class Variables {
 public:
  explicit Variables(const Options& options) {
    for (std::vector<std::string>& path : option_paths(list_options(options))) {
      std::string name = variable_of(path);
      if (paths_.emplace(name, std::move(path)).second) names_.push_back(std::move(name));
    }
  }

  /// Empty if there is none of that name.
  std::vector<std::string> path(const std::string& name) const {
    std::vector<std::string> steps = split_path(name.substr(prefix.size()), separator);
    std::vector<std::string> sample = steps;
    for (std::string& step : sample) {
      if (is_number(step)) step = "0";
    }
    const auto found = paths_.find(variable_of(sample));
    if (found == paths_.end()) return {};
    std::vector<std::string> path = found->second;
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (path[i] == "0") path[i] = steps[i];
    }
    return path;
  }
  std::optional<std::string> nearest(const std::string& name) const { return config::nearest(name, names_); }

 private:
  std::map<std::string, std::vector<std::string>> paths_;
  std::vector<std::string> names_;
};

}  // namespace

std::vector<std::pair<std::string, std::string>> apply_environment(Value& document, std::span<const std::string> environment,
                                                                   const Options& options, std::vector<Problem>& problems) {
  std::vector<std::pair<std::string, std::string>> given;
  for (const std::string& variable : environment) {
    const auto equals = variable.find('=');
    if (variable.starts_with(prefix) && equals != std::string::npos) {
      given.emplace_back(variable.substr(0, equals), variable.substr(equals + 1));
    }
  }
  if (given.empty()) return given;
  // A name is before those that it begins.
  std::ranges::sort(given, {}, [](const auto& variable) { return upper(variable.first); });
  const Variables variables(options);
  std::map<std::vector<std::string>, std::string> seen;
  std::vector<std::pair<std::string, std::string>> applied;
  for (auto& [name, value] : given) {
    const std::string source = "env:" + name;
    const auto refuse = [&](std::string text) {
      problems.push_back({Place{std::make_shared<const std::string>(source)}, {}, std::move(text)});
    };
    const std::vector<std::string> path = variables.path(name);
    if (path.empty()) {
      const auto near = variables.nearest(name);
      refuse("no option has this name" + (near ? fmt::format("; did you mean {}?", *near) : "; it is EMOTRAIN_SECTION__KEY"));
    } else if (const auto [other, fresh] = seen.emplace(path, name); !fresh) {
      refuse(fmt::format("sets what {} sets; unset one of them", other->second));
    } else {
      assign(document, {path, value, source}, problems);
      applied.emplace_back(std::move(name), std::move(value));
    }
  }
  return applied;
}

}  // namespace emotrain::config
