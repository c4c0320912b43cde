#pragma once
#include <string_view>

#include "command_line.hpp"

/// What each command does. Returns the exit code; throws emotrain::Error.
int run(const TrainCommand& command);
/// run() for a command with dry_run.
int dry_run(const TrainCommand& command);
int run(const ReplayCommand& command);
int run(const ListCommand& command);
inline int run(const std::function<int()>& command) { return command(); }
int run(const ValidateCommand& command);
int run(const SchemaCommand& command);

/// To standard output; `what` is what remains true if that fails: Error{io}.
void print(std::string_view text);
void flush_output(std::string_view what);
