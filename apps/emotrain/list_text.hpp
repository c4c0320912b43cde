#pragma once
#include <cstddef>
#include <string>

#include "emotrain/config/options_listing.hpp"

/// Listings for people and for programs.

/// Name, summary, source, and a table of the options; groups within are indented. `width`: of the terminal, 0: any.
std::string row_text(const emotrain::config::ListedRow& row, std::size_t width);
/// A table with the defaults of each choice. `command` lists the row under the last.
std::string dependent_text(const emotrain::config::DependentDefaults& defaults, const std::string& command);
/// On one line.
std::string row_json(const emotrain::config::ListedRow& row);
