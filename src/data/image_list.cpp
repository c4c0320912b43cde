#include "data/image_list.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string_view>
#include <system_error>

#include "data/classes.hpp"
#include "data/csv.hpp"
#include "data/image.hpp"
#include "data/input_file.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::data {
namespace {

namespace fs = std::filesystem;

/// Entries that are not hidden, in alphabetical order.
std::vector<fs::path> list_folder(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().native().starts_with('.')) entries.push_back(it->path());
  }
  if (error) fail(ErrorKind::missing, "{}: cannot be read as a folder: {}", display(folder), error.message());
  std::sort(entries.begin(), entries.end(), [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
  return entries;
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool has_image_name(const fs::path& path) {
  std::string extension = path.extension().native();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return std::tolower(c); });
  return extension == ".png" || extension == ".jpg" || extension == ".jpeg";
}

void check_class_count(std::size_t count, const fs::path& path) {
  if (count > max_classes) fail(ErrorKind::data, "{}: {} classes are more than {}", display(path), count, max_classes);
}

/// Whether a path from an index stays in its folder.
bool is_inside(const fs::path& path) {
  return !path.empty() && path.is_relative() && std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

struct IndexRow {
  fs::path path;
  std::string class_name;
  bool test;
};

std::vector<IndexRow> read_rows(const fs::path& folder, const fs::path& index) {
  CsvReader csv(index);
  const Index path_at = csv.column("path");
  const Index class_at = csv.column("class");
  const Index split_at = csv.column("split");
  if (path_at < 0 || class_at < 0) {
    fail(ErrorKind::data, "{}: an image index needs the columns path and class, and may have split", csv.place());
  }
  std::vector<IndexRow> rows;
  std::set<std::string, std::less<>> seen;
  std::vector<std::string_view> fields;
  while (csv.next(fields)) {
    const auto field = [&](Index column) { return fields[static_cast<std::size_t>(column)]; };
    const std::string_view split = split_at < 0 ? "train" : field(split_at);
    if (split != "train" && split != "test") {
      fail(ErrorKind::data, "{}: the split is \"{}\"; it must be train or test", csv.place(), display(split));
    }
    if (!is_inside(field(path_at))) {
      fail(ErrorKind::data, "{}: the path \"{}\" leaves the folder; give it relative to the folder and without ..", csv.place(),
           display(field(path_at)));
    }
    if (field(class_at).empty()) fail(ErrorKind::data, "{}: the class is empty; name one", csv.place());
    if (!seen.emplace(field(path_at)).second) {
      fail(ErrorKind::data, "{}: the path \"{}\" stands twice; remove a row", csv.place(), display(field(path_at)));
    }
    std::error_code error;
    if (!fs::exists(folder / field(path_at), error)) {
      fail(ErrorKind::missing, "{}: \"{}\" is not in {}; correct the path or restore the file", csv.place(), display(field(path_at)),
           display(folder));
    }
    rows.push_back({field(path_at), std::string(field(class_at)), split == "test"});
  }
  if (rows.empty()) fail(ErrorKind::data, "{}: has a header and no rows; add rows", display(index));
  return rows;
}

}  // namespace

ImageList list_class_folders(const fs::path& folder) {
  ImageList list;
  for (const fs::path& class_folder : list_folder(folder)) {
    if (!is_folder(class_folder)) continue;
    const auto before = list.training.size();
    for (const fs::path& entry : list_folder(class_folder)) {
      if (is_folder(entry)) fail(ErrorKind::data, "{}: is a folder; the folder of a class holds images only", display(entry));
      if (has_image_name(entry)) list.training.push_back({entry, static_cast<std::int32_t>(list.class_names.size())});
    }
    if (list.training.size() == before) {
      fail(ErrorKind::data, "{}: holds no .png, .jpg or .jpeg; add images or remove the folder", display(class_folder));
    }
    list.class_names.push_back(class_folder.filename().native());
  }
  if (list.class_names.empty()) {
    fail(ErrorKind::data, "{}: holds no folders; make one a class with its images, or give an index", display(folder));
  }
  check_class_count(list.class_names.size(), folder);
  return list;
}

ImageList read_image_index(const fs::path& folder, const fs::path& index) {
  const std::vector<IndexRow> rows = read_rows(folder, index);
  std::map<std::string, std::int32_t> labels;
  for (const IndexRow& row : rows) labels.emplace(row.class_name, 0);
  check_class_count(labels.size(), index);
  ImageList list;
  for (auto& [name, label] : labels) {
    label = static_cast<std::int32_t>(list.class_names.size());
    list.class_names.push_back(name);
  }
  for (const IndexRow& row : rows) (row.test ? list.test : list.training).push_back({folder / row.path, labels.at(row.class_name)});
  if (list.training.empty()) fail(ErrorKind::data, "{}: all rows are for testing; give some the split train", display(index));
  return list;
}

std::shared_ptr<Dataset> load_images(const char* name, const std::vector<ImageFile>& files, const std::vector<std::string>& class_names,
                                     Index channels, Index height, Index width) {
  auto set = std::make_shared<Dataset>();
  set->name = name;
  set->sample_shape = {channels, height, width};
  set->size = static_cast<Index>(files.size());
  set->class_names = class_names;
  for (const ImageFile& file : files) {
    const Image image = resize(read_image(file.path, channels), height, width);
    // Grows with what could be read, so that a list of files that are not images asks for nothing.
    const std::size_t begin = set->bytes.size();
    set->bytes.resize(begin + image.pixels.size());
    copy_planes(image, 0, 0, height, width, set->bytes.data() + begin);
    set->labels.push_back(file.label);
    set->files.push_back(file.path.native());
  }
  return set;
}

}  // namespace emotrain::data
