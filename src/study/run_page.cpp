#include "emotrain/study/run_page.hpp"

#include <utility>

#include "emotrain/core/error.hpp"
#include "emotrain/report/atomic_file.hpp"
#include "emotrain/study/trajectory.hpp"
#include "study/escape.hpp"
#include "study/page_template.hpp"

namespace emotrain::study {
namespace {

namespace fs = std::filesystem;

WhatIf read_what_if(const Fork& fork, const FileSystem& files) {
  WhatIf out{.label = fork.label, .change = {}, .fork_at = fork.at, .steps = {}, .first_difference = fork.first_difference};
  for (const std::string& change : fork.overrides) out.change += (out.change.empty() ? "" : " ") + change;
  const fs::path metrics = fork.changed() / "metrics.jsonl";
  out.steps = read_steps(files.read(metrics), metrics.string());
  return out;
}

/// Of those that came to an end and have any step.
std::vector<WhatIf> read_what_ifs(std::span<const Fork> forks, const FileSystem& files) {
  std::vector<WhatIf> out;
  for (const Fork& fork : forks) {
    if (fork.status != "completed") continue;
    try {
      WhatIf what_if = read_what_if(fork, files);
      if (what_if.steps.steps() > 0) out.push_back(std::move(what_if));
    } catch (const Error&) {  // half a fork
    }
  }
  return out;
}

}  // namespace

std::vector<WhatIf> read_what_ifs(const fs::path& run, const FileSystem& files) { return read_what_ifs(forks_of(files, run), files); }

std::string run_page(const RunRecord& run, std::span<const WhatIf> what_ifs, const FileSystem& files) {
  const PageContent contents[] = {
      {"{{title}}", escaped(run.config.name)},
      {"{{style}}", page_parts("page", ".css") + page_parts("run", ".css")},
      {"{{run}}", script_safe(run_payload(run, what_ifs, files))},
      {"{{script}}", page_parts("page", ".js") + page_parts("run", ".js")},
  };
  return fill_page("run", contents);
}

void write_run_page(const fs::path& run, FileSystem& files) {
  const RunRecord record = read_run(run, files);
  std::vector<WhatIf> what_ifs = read_what_ifs(record.directory, files);
  // Of a run that was begun anew from before them.
  std::erase_if(what_ifs, [&](const WhatIf& what_if) { return what_if.fork_at > record.steps.last_step(); });
  report::write_file(record.directory / "report.html", run_page(record, what_ifs, files), files);
  write_trajectory(record.config, record.directory, files);
}

void write_fork_page(const Fork& fork, FileSystem& files) {
  const std::vector<WhatIf> what_ifs = read_what_ifs(std::span(&fork, 1), files);
  report::write_file(fork.path / "report.html", run_page(read_run(fork.as_was(), files), what_ifs, files), files);
}

}  // namespace emotrain::study
