#pragma once
#include <CLI/CLI.hpp>
#include <functional>

/// Commands that bring their own options: each adds itself to the command line, and puts what is to be done into `chosen` if it is given.
/// What is done returns the exit code and throws emotrain::Error.
using Chosen = std::function<int()>;

void add_validate(CLI::App& app, Chosen& chosen);
void add_schema(CLI::App& app, Chosen& chosen);
void add_eval(CLI::App& app, Chosen& chosen);
void add_reconstruct(CLI::App& app, Chosen& chosen);
void add_sample(CLI::App& app, Chosen& chosen);
void add_export(CLI::App& app, Chosen& chosen);
void add_inspect(CLI::App& app, Chosen& chosen);
void add_explain(CLI::App& app, Chosen& chosen);
void add_runs(CLI::App& app, Chosen& chosen);
void add_compare(CLI::App& app, Chosen& chosen);
void add_report(CLI::App& app, Chosen& chosen);
void add_fork(CLI::App& app, Chosen& chosen);
void add_lesson(CLI::App& app, Chosen& chosen);
