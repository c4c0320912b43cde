#include "study/record_comparison.hpp"

#include <nlohmann/json.hpp>
#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "emotrain/core/error.hpp"

namespace emotrain::study {
namespace {

using nlohmann::ordered_json;
using Difference = RecordComparison::Difference;

/// The lines of a metrics.jsonl, in their order.
class Lines {
 public:
  Lines(const FileSystem& files, const std::filesystem::path& path, Index after) : path_(path), text_(files.read(path)) {
    do next();
    while (!ended() && step_ <= after);
  }

  void next() {
    const auto end = text_.find('\n', begin_);
    ended_ = end == std::string::npos;
    if (ended_) return;
    line_ = std::string_view(text_).substr(begin_, end - begin_);
    begin_ = end + 1;
    constexpr std::string_view start = R"({"step":)";
    const auto [last, error] = std::from_chars(line_.data() + std::min(start.size(), line_.size()), line_.data() + line_.size(), step_);
    if (!line_.starts_with(start) || error != std::errc{}) {
      fail(ErrorKind::data, "{}: a line begins with {}, not with the step of a record", path_.string(), line_.substr(0, 20));
    }
    is_evaluation_ = line_.find(R"("loss":)") == std::string_view::npos;
  }
  bool ended() const { return ended_; }
  std::string_view line() const { return line_; }
  /// Evaluations follow the step.
  std::pair<Index, bool> place() const { return {step_, is_evaluation_}; }

  ordered_json record() const {
    ordered_json record = ordered_json::parse(line_, nullptr, false);
    if (!record.is_object()) fail(ErrorKind::data, "{}: the record of step {} is no JSON object", path_.string(), step_);
    return record;
  }

 private:
  std::filesystem::path path_;
  std::string text_;
  std::size_t begin_ = 0;
  std::string_view line_;
  Index step_ = 0;
  bool is_evaluation_ = false;
  bool ended_ = false;
};

std::optional<Difference> find_difference(const std::string& key, const ordered_json& first, const ordered_json& second) {
  // There it is a number that is not finite.
  const bool is_number = key == "loss" || key == "grad_norm";
  if ((first.is_null() || second.is_null()) && !is_number) return std::nullopt;
  if (first.is_object() && second.is_object()) {
    for (const auto& [name, value] : first.items()) {
      const auto other = second.find(name);
      if (other == second.end()) continue;
      if (auto found = find_difference(key.empty() ? name : key + "." + name, value, *other)) return found;
    }
    return std::nullopt;
  }
  // Numbers as they were: 1 and 1.0 are the same.
  const bool equal = first.is_number() && second.is_number() ? first.get<double>() == second.get<double>() : first == second;
  if (equal) return std::nullopt;
  return Difference{.key = key, .first = first.dump(), .second = second.dump()};
}

}  // namespace

RecordComparison compare_records(const FileSystem& files, const std::filesystem::path& first, const std::filesystem::path& second,
                                 Index after) {
  RecordComparison result;
  Lines a(files, first, after);
  Lines b(files, second, after);
  while (!a.ended() && !b.ended() && !(result.any && result.loss)) {
    if (a.place() != b.place()) {
      (a.place() < b.place() ? a : b).next();
      continue;
    }
    ++result.common;
    if (a.line() != b.line()) {
      const ordered_json one = a.record();
      const ordered_json other = b.record();
      const auto keep = [&](std::optional<Difference>& place, std::optional<Difference> found) {
        if (place || !found) return;
        found->step = a.place().first;
        place = std::move(found);
      };
      keep(result.any, find_difference("", one, other));
      if (one.contains("loss") && other.contains("loss")) keep(result.loss, find_difference("loss", one["loss"], other["loss"]));
    }
    a.next();
    b.next();
  }
  return result;
}

}  // namespace emotrain::study
