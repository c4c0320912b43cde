#pragma once
#include <string_view>

#include "emotrain/core/error.hpp"

/// One line on standard error. Returns the code.
int report_error(std::string_view text, int code);
/// A line for each problem of a configuration. Returns the exit code that belongs to the error.
int report_error(const emotrain::Error& error);
