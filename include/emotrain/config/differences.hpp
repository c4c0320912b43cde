#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace emotrain::config {

/// Where two resolved configurations (write_options) differ, in the order of the first: `/optimizer/lr: 0.001, now 0.0001`. The members at
/// `except`, JSON pointers, may differ. `before` and `now` name the documents in messages. Throws Error{usage} if one cannot be parsed.
std::vector<std::string> differences(std::string_view before, std::string_view now, std::span<const std::string_view> except = {});

}  // namespace emotrain::config
