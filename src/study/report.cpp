#include "emotrain/study/report.hpp"

#include "emotrain/report/atomic_file.hpp"
#include "study/csv_tables.hpp"
#include "study/report_plots.hpp"

namespace emotrain::study {

void write_report(const Study& study, const Records& records, const Analysis& analysis, const std::filesystem::path& directory,
                  FileSystem& files) {
  const std::string report = report_json(study, analysis);
  const std::string timing = timing_json(study, records, analysis);
  const auto write_all = [&](const char* folder, const std::vector<std::pair<std::string, std::string>>& contents) {
    files.create_directories(directory / folder);
    for (const auto& [name, text] : contents) report::write_file(directory / folder / name, text, files);
  };
  write_all("tables", csv_tables(study, analysis));
  write_all("plots", report_plots(study, analysis));
  report::write_file(directory / "report.json", report, files);
  report::write_file(directory / "timing.json", timing, files);
  report::write_file(directory / "report.html", report_page(study, analysis, report, timing), files);
}

}  // namespace emotrain::study
