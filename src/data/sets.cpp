#include "data/sets.hpp"

#include <utility>

#include "data/idx.hpp"
#include "data/input_file.hpp"
#include "data/table.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::data {

std::shared_ptr<Dataset> load_idx(const char* name, const std::filesystem::path& images,
                                  const std::optional<std::filesystem::path>& labels) {
  auto set = std::make_shared<Dataset>();
  IdxArray array = read_idx(images, "images", 3, 4);
  set->name = name;
  set->size = array.shape[0];
  if (array.shape.rank() == 3) set->sample_shape.push_back(1);
  for (int axis = 1; axis < array.shape.rank(); ++axis) set->sample_shape.push_back(array.shape[axis]);
  set->bytes = std::move(array.bytes);
  set->files.push_back(images.native());
  if (!labels) return set;
  const IdxArray read = read_idx(*labels, "labels", 1, 1);
  if (read.shape[0] != set->size) {
    fail(ErrorKind::data, "{}: has {} labels, but {} has {} images; are they of the same set?", display(*labels), read.shape[0],
         display(images), set->size);
  }
  set->labels.assign(read.bytes.begin(), read.bytes.end());
  set->files.push_back(labels->native());
  return set;
}

std::shared_ptr<Dataset> load_csv(const char* name, const std::filesystem::path& path, const std::string& label_column,
                                  std::vector<std::string>* columns) {
  Table table = read_table(path, label_column);
  auto set = std::make_shared<Dataset>();
  set->name = name;
  set->sample_shape = {static_cast<Index>(table.columns.size())};
  set->size = table.rows;
  set->reals = std::move(table.values);
  set->labels = std::move(table.labels);
  set->files.push_back(path.native());
  if (columns != nullptr) *columns = std::move(table.columns);
  return set;
}

}  // namespace emotrain::data
