#include "emotrain/study/forks.hpp"

#include <nlohmann/json.hpp>
#include <algorithm>
#include <charconv>
#include <utility>

#include "emotrain/core/error.hpp"
#include "emotrain/report/atomic_file.hpp"

namespace emotrain::study {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr const char* format = "emotrain-fork/1";
constexpr const char* fork_file = "fork.json";

/// "120-2": N and k.
std::optional<std::pair<Index, Index>> parse_name(const std::string& name) {
  std::pair<Index, Index> numbers;
  const char* const end = name.data() + name.size();
  const auto at = std::from_chars(name.data(), end, numbers.first);
  if (at.ec != std::errc{} || at.ptr == end || *at.ptr != '-') return std::nullopt;
  const auto k = std::from_chars(at.ptr + 1, end, numbers.second);
  if (k.ec != std::errc{} || k.ptr != end) return std::nullopt;
  return numbers;
}

template <class T>
ordered_json json_or_null(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

template <class T>
std::optional<T> optional_of(const ordered_json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<T>());
}

std::optional<Fork> read_fork(const FileSystem& files, const fs::path& path) {
  try {
    const ordered_json text = ordered_json::parse(files.read(path / fork_file));
    if (text.at("format") != format) return std::nullopt;
    return Fork{.path = path,
                .at = text.at("at").get<Index>(),
                .overrides = text.at("overrides").get<std::vector<std::string>>(),
                .label = text.at("label").get<std::string>(),
                .status = text.at("status").get<std::string>(),
                .first_difference = optional_of<Index>(text.at("first_difference")),
                .identical = text.at("identical").get<bool>(),
                .original_agrees = optional_of<bool>(text.at("original_agrees"))};
  } catch (const Error&) {
  } catch (const ordered_json::exception&) {
  }
  return std::nullopt;
}

}  // namespace

std::vector<Fork> forks_of(const FileSystem& files, const fs::path& run) {
  const fs::path folder = run / "forks";
  if (!files.is_directory(folder)) return {};
  std::vector<std::pair<Index, Index>> names;
  for (const std::string& name : files.list(folder)) {
    if (const auto numbers = parse_name(name)) names.push_back(*numbers);
  }
  std::ranges::sort(names);
  std::vector<Fork> forks;
  for (const auto& [at, k] : names) {
    if (auto fork = read_fork(files, folder / fmt::format("{}-{}", at, k))) forks.push_back(*std::move(fork));
  }
  return forks;
}

void write_fork(FileSystem& files, const Fork& fork) {
  const ordered_json text{{"format", format},
                          {"at", fork.at},
                          {"overrides", fork.overrides},
                          {"label", fork.label},
                          {"status", fork.status},
                          {"first_difference", json_or_null(fork.first_difference)},
                          {"identical", fork.identical},
                          {"original_agrees", json_or_null(fork.original_agrees)}};
  // An argument is bytes and need not be UTF-8.
  report::write_file(fork.path / fork_file, text.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n", files);
}

fs::path create_fork_directory(FileSystem& files, const fs::path& run, Index at) {
  const fs::path folder = run / "forks";
  if (files.create_directory(folder)) files.sync_directory(run);
  for (Index k = 1;; ++k) {
    fs::path path = folder / fmt::format("{}-{}", at, k);
    if (!files.create_directory(path)) continue;
    files.sync_directory(folder);
    return path;
  }
}

}  // namespace emotrain::study
