#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace emotrain::data {

/// The finite decimal number that `text` is, whole: no blanks, no leading plus, no hexadecimal, no "nan" or "inf". None otherwise, and if
/// it is out of a double's range.
std::optional<double> parse_number(std::string_view text);

/// The decimal integer that `text` is, whole: no blanks, no leading plus, no point. None otherwise, and if it is out of range.
std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace emotrain::data
