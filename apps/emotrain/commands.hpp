#pragma once
#include <string_view>

#include "command_line.hpp"

/// What each command does. Returns the exit code; throws emotrain::Error.
int run(const TrainCommand& command);
int run(const ReplayCommand& command);
int run(const ListCommand& command);
int run(const CompletionCommand& command);
int run(const CompleteCommand& command);
int run(const TextCommand& command);
inline int run(const std::function<int()>& command) { return command(); }
/// run() for a command with dry_run.
int dry_run(const TrainCommand& command);

/// Standard output is a pipe that nobody reads any more: `emotrain list optimizers | head -1`. No error, and nothing to say.
struct ClosedOutput {};

/// To standard output; `what` is what remains true if that fails: Error{io}. Both throw ClosedOutput.
void print(std::string_view text);
void flush_output(std::string_view what);
/// Throws Error{usage} for a file that would hold something else than its name says.
void require_extension(const std::string& file, std::string_view extension);
