#include "data/classes.hpp"

#include <algorithm>
#include <unordered_set>

#include "data/input_file.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::data {
namespace {

constexpr Index max_file_bytes = Index{1} << 24;

std::vector<std::string> number_classes(std::span<const std::int32_t> labels) {
  std::vector<std::string> names;
  const std::int32_t highest = labels.empty() ? -1 : *std::max_element(labels.begin(), labels.end());
  for (std::int32_t label = 0; label <= highest; ++label) names.push_back(fmt::format("{}", label));
  return names;
}

void check_labels(const Dataset& set, const std::filesystem::path& file) {
  for (std::size_t i = 0; i < set.labels.size(); ++i) {
    if (set.labels[i] < 0 || set.labels[i] >= set.classes()) {
      fail(ErrorKind::data, "{}: sample {} (from 0) has the label {}, but the classes are 0 to {}; correct it or the class names",
           display(file), i, set.labels[i], set.classes() - 1);
    }
  }
}

}  // namespace

std::vector<std::string> read_class_names(const std::filesystem::path& path) {
  const std::string text = read_file(path, max_file_bytes);
  std::vector<std::string> names;
  std::unordered_set<std::string> seen;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string name = text.substr(begin, end - begin);
    begin = end + 1;
    if (name.ends_with('\r')) name.pop_back();
    const auto line = names.size() + 1;
    if (name.empty()) fail(ErrorKind::data, "{}:{}: empty line; each line is the name of a class", display(path), line);
    if (!seen.insert(name).second) {
      fail(ErrorKind::data, "{}:{}: the class name \"{}\" stands twice; rename one", display(path), line, display(name));
    }
    if (static_cast<std::int32_t>(line) > max_classes) fail(ErrorKind::data, "{}: more than {} classes", display(path), max_classes);
    names.push_back(std::move(name));
  }
  if (names.empty()) fail(ErrorKind::data, "{}: is empty; each line is the name of a class", display(path));
  return names;
}

void name_classes(const std::optional<std::filesystem::path>& names_file, Dataset& training, const std::filesystem::path& labels_file,
                  Dataset* test, const std::filesystem::path& test_labels_file) {
  if (names_file) training.files.push_back(names_file->native());
  training.class_names = names_file ? read_class_names(*names_file) : number_classes(training.labels);
  check_labels(training, labels_file);
  if (test == nullptr) return;
  test->class_names = training.class_names;
  check_labels(*test, test_labels_file);
}

}  // namespace emotrain::data
