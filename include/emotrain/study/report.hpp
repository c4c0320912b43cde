#pragma once
#include <filesystem>
#include <string>

#include "emotrain/core/file_system.hpp"
#include "emotrain/study/analysis.hpp"

namespace emotrain::study {

/// Writes report.html, report.json, timing.json, tables/*.csv and plots/*.svg into a study's directory, each whole or not at all. All but
/// timing.json and a marked section of report.html are functions of the records' results alone, to the byte.
void write_report(const Study& study, const Records& records, const Analysis& analysis, const std::filesystem::path& directory,
                  FileSystem& files = disk());

/// The parts, as text.
std::string report_json(const Study& study, const Analysis& analysis);
/// Its tables, for a document.
std::string report_markdown(const Study& study, const Analysis& analysis);
std::string timing_json(const Study& study, const Records& records, const Analysis& analysis);
std::string report_page(const Study& study, const Analysis& analysis, const std::string& report, const std::string& timing);

}  // namespace emotrain::study
