#pragma once
#include <string>

#include "command_line.hpp"
#include "emotrain/study/study.hpp"

/// The kind of what a study compares optimizers on. Its rows are no tables of options but files (configs/problems/).
inline constexpr const char* problems_kind = "problems";
inline constexpr const char* problems_summary = "what a study compares optimizers on";

std::string description_of(const emotrain::study::ZooEntry& problem);
/// All of them, or the one that is named, as a study may write it. Throws Error{usage} for a name that there is not.
void list_problems(const ListCommand& command);
