#pragma once
#include <CLI/CLI.hpp>
#include <string>

/// The manual page emotrain(1), for man (troff with the man macros): all commands with their options and examples.
std::string man_page(const CLI::App& app);
