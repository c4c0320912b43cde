#include "emotrain/data/description.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "data/csv.hpp"
#include "data/idx.hpp"
#include "data/image.hpp"
#include "data/input_file.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::data {
namespace {

using Facts = std::vector<Fact>;

Facts idx_facts(const std::filesystem::path& path) {
  const IdxArray array = read_idx(path, "values", 1, 4);
  const auto [least, most] = std::ranges::minmax(array.bytes);
  return {{"format", "IDX, unsigned bytes"},
          {"shape", array.shape.str()},
          {array.shape.rank() == 1 ? "labels" : "images", fmt::to_string(array.shape[0]), true},
          {"values", fmt::format("{} to {}", least, most)}};
}

Facts image_facts(const std::filesystem::path& path) {
  const Image image = read_image(path, 3);
  return {{"format", "image"}, {"size", fmt::format("{} x {} pixels", image.width, image.height)}};
}

Facts csv_facts(const std::filesystem::path& path) {
  CsvReader reader(path);
  std::vector<std::string_view> fields;
  Index rows = 0;
  while (reader.next(fields)) ++rows;
  return {{"format", "CSV"},
          {"rows", fmt::to_string(rows), true},
          {"columns", fmt::to_string(reader.header().size()), true},
          {"names", fmt::format("{}", fmt::join(reader.header(), ", "))}};
}

}  // namespace

Facts describe_file(const std::filesystem::path& path) {
  std::array<char, 4> start{};
  InputFile file(path);
  const Index size = file.size();
  file.read(start.data(), static_cast<Index>(start.size()));
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(start[i]); };
  const bool is_gzip = byte(0) == 0x1f && byte(1) == 0x8b;
  const bool is_png = byte(0) == 0x89 && byte(1) == 'P';
  const bool is_jpeg = byte(0) == 0xff && byte(1) == 0xd8;
  const bool is_idx = size >= 4 && byte(0) == 0 && byte(1) == 0;
  const bool is_image = is_png || is_jpeg;
  if (!is_idx && !is_gzip && !is_image && path.extension() != ".csv") {
    fail(ErrorKind::data, "{}: what it holds is not known; known are IDX files (plain or gzip), PNG and JPEG images, and *.csv",
         path.string());
  }
  Facts facts = is_idx || is_gzip ? idx_facts(path) : is_image ? image_facts(path) : csv_facts(path);
  facts.insert(facts.begin() + 1, {"bytes", fmt::to_string(size), true});
  return facts;
}

}  // namespace emotrain::data
