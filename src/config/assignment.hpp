#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "emotrain/config/document.hpp"

namespace emotrain::config {

/// `a.b` without its separators; an empty path is one empty step.
std::vector<std::string> split_path(std::string_view path, std::string_view separator);

/// A value for one key of a document, from an argument or from a variable of the environment.
struct Assignment {
  std::vector<std::string> path;
  /// JSON, or else a string; what begins with `{`, `[` or `"` must be JSON.
  std::string value;
  /// Its place in messages.
  std::string source;
};

/// Sets a member, creating objects on the way, or an existing element of an array. What is wrong is added to `problems`.
void assign(Value& document, const Assignment& assignment, std::vector<Problem>& problems);

}  // namespace emotrain::config
