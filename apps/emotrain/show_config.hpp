#pragma once
#include <string>
#include <vector>

#include "emotrain/config/load.hpp"

/// The variables of the program's environment: `NAME=value`.
std::vector<std::string> environment();

/// The resolved configuration, or a table that tells where each value comes from, to standard output. Returns the exit code.
int show_config(const emotrain::config::LoadedConfig& loaded, bool explained);
