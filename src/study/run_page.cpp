#include "emotrain/study/run_page.hpp"

#include <nlohmann/json.hpp>
#include <algorithm>

#include "emotrain/core/error.hpp"
#include "emotrain/report/atomic_file.hpp"
#include "study/escape.hpp"
#include "study/page_template.hpp"

namespace emotrain::study {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

WhatIf read_what_if(const fs::path& fork, const FileSystem& files) {
  const json told = json::parse(files.read(fork / "fork.json"));
  WhatIf out;
  out.label = told.value("label", fork.filename().string());
  for (const json& change : told.at("overrides")) out.change += (out.change.empty() ? "" : " ") + change.get<std::string>();
  out.fork_at = told.at("at").get<Index>();
  const json& first = told.at("first_difference");
  if (first.is_number_integer()) out.first_difference = first.get<Index>();
  const fs::path metrics = fork / "changed" / "metrics.jsonl";
  out.steps = read_steps(files.read(metrics), metrics.string());
  return out;
}

}  // namespace

std::vector<WhatIf> read_what_ifs(const fs::path& run, const FileSystem& files) {
  std::vector<WhatIf> out;
  const fs::path forks = run / "forks";
  if (!files.is_directory(forks)) return out;
  for (const std::string& name : files.list(forks)) {
    try {
      WhatIf what_if = read_what_if(forks / name, files);
      if (what_if.steps.steps() > 0) out.push_back(std::move(what_if));
    } catch (const Error&) {  // half a fork, or another thing
    } catch (const json::exception&) {
    }
  }
  std::ranges::stable_sort(out, {}, &WhatIf::fork_at);
  return out;
}

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
  report::write_file(record.directory / "report.html", run_page(record, read_what_ifs(record.directory, files), files), files);
}

}  // namespace emotrain::study
