#include "emotrain/train/safetensors.hpp"

#include <nlohmann/json.hpp>
#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <limits>
#include <set>
#include <string>

#include "emotrain/core/error.hpp"
#include "emotrain/report/atomic_file.hpp"

namespace emotrain::train {
namespace {

static_assert(sizeof(Real) == 4 && std::endian::native == std::endian::little, "values are copied as they lie in memory");

constexpr std::uint64_t max_header_bytes = 8U << 20U;
constexpr std::size_t alignment = 8;

using nlohmann::json;

/// A tensor as the header describes it.
struct Entry {
  std::string name;
  std::string dtype;
  Shape shape;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

template <class... Args>
[[noreturn]] void malformed(const std::filesystem::path& path, fmt::format_string<Args...> format, Args&&... args) {
  fail(ErrorKind::data, "{}: not a safetensors file that can be used: {}", path.string(), fmt::format(format, std::forward<Args>(args)...));
}

json parse_header(const std::filesystem::path& path, const std::string& text) {
  std::vector<std::set<std::string>> keys;
  const auto refuse_duplicates = [&](int /*depth*/, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second) {
      malformed(path, "the header has the key {} twice", value.dump());
    }
    return true;
  };
  try {
    json header = json::parse(text, refuse_duplicates);
    if (!header.is_object()) malformed(path, "the header is no JSON object");
    return header;
  } catch (const json::exception& error) {
    malformed(path, "the header is no JSON: {}", error.what());
  }
}

/// Bytes of a value, 0 for types that the format does not have.
std::uint64_t bytes_of(const std::string& dtype) {
  static constexpr std::pair<const char*, std::uint64_t> table[] = {{"F64", 8}, {"I64", 8}, {"U64", 8},  {"F32", 4},     {"I32", 4},
                                                                    {"U32", 4}, {"F16", 2}, {"BF16", 2}, {"I16", 2},     {"U16", 2},
                                                                    {"I8", 1},  {"U8", 1},  {"BOOL", 1}, {"F8_E4M3", 1}, {"F8_E5M2", 1}};
  const auto* row = std::ranges::find(table, dtype, &std::pair<const char*, std::uint64_t>::first);
  return row != std::end(table) ? row->second : 0;
}

Shape parse_shape(const std::filesystem::path& path, const std::string& name, const json& extents, std::uint64_t& bytes) {
  if (!extents.is_array() || extents.size() > Shape::max_rank)
    malformed(path, "{}: the shape is no array of at most {} extents", name, Shape::max_rank);
  Shape shape;
  for (const json& extent : extents) {
    constexpr std::uint64_t most = std::numeric_limits<Index>::max();
    if (!extent.is_number_unsigned() || extent.get<std::uint64_t>() > most)
      malformed(path, "{}: {} is no extent of a shape", name, extent.dump());
    if (__builtin_mul_overflow(bytes, extent.get<std::uint64_t>(), &bytes))
      malformed(path, "{}: the shape {} is too large", name, extents.dump());
    shape.push_back(extent.get<Index>());
  }
  return shape;
}

Entry parse_entry(const std::filesystem::path& path, const std::string& name, const json& value) {
  if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") || !value.contains("data_offsets")) {
    malformed(path, "{}: an entry has exactly dtype, shape and data_offsets", name);
  }
  const json& offsets = value["data_offsets"];
  if (!value["dtype"].is_string() || bytes_of(value["dtype"]) == 0)
    malformed(path, "{}: there is no dtype {}", name, value["dtype"].dump());
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned()) {
    malformed(path, "{}: data_offsets are no two whole numbers", name);
  }
  Entry entry{.name = name, .dtype = value["dtype"], .shape = {}, .first = offsets[0], .last = offsets[1]};
  std::uint64_t bytes = bytes_of(entry.dtype);
  entry.shape = parse_shape(path, name, value["shape"], bytes);
  if (entry.last < entry.first || entry.last - entry.first != bytes) {
    malformed(path, "{}: {} {} takes {} bytes, data_offsets {} to {} do not", name, entry.dtype, entry.shape, bytes, entry.first,
              entry.last);
  }
  const bool counter = entry.dtype[0] == 'I' && name.ends_with("num_batches_tracked");
  if (entry.dtype != "F32" && !counter) malformed(path, "{}: values are {}; save them as F32 (torch: tensor.float())", name, entry.dtype);
  return entry;
}

/// In the order of their values, which must lie without gap or overlap up to the end of the file.
std::vector<Entry> parse_entries(const std::filesystem::path& path, const json& header, std::uint64_t value_bytes) {
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") {
      const bool texts = value.is_object() && std::all_of(value.begin(), value.end(), [](const json& text) { return text.is_string(); });
      if (!texts) malformed(path, "__metadata__ has values that are no strings");
    } else {
      entries.push_back(parse_entry(path, name, value));
    }
  }
  std::ranges::sort(entries, {}, [](const Entry& entry) { return std::pair(entry.first, entry.last); });
  std::uint64_t end = 0;
  for (const Entry& entry : entries) {
    if (entry.first != end) malformed(path, "{}: values start at byte {}, those before it end at {}", entry.name, entry.first, end);
    end = entry.last;
  }
  if (end != value_bytes) malformed(path, "the tensors take {} bytes, the file has {}", end, value_bytes);
  return entries;
}

/// A list for a message, cut after a few entries.
std::string listed(const char* what, const std::vector<std::string>& entries) {
  constexpr std::size_t most = 8;
  if (entries.empty()) return {};
  std::string text = fmt::format("; {} ", what);
  for (std::size_t i = 0; i < std::min(most, entries.size()); ++i) text += (i > 0 ? ", " : "") + entries[i];
  if (entries.size() > most) text += fmt::format(" and {} more", entries.size() - most);
  return text;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::span<const nn::NamedTensor> tensors) {
  nlohmann::ordered_json header{{"__metadata__", {{"format", "pt"}}}};
  std::uint64_t offset = 0;
  for (const auto& [name, value] : tensors) {
    const std::uint64_t end = offset + value.values().size_bytes();
    header[name] = {
        {"dtype", "F32"}, {"shape", std::vector<Index>(value.shape().begin(), value.shape().end())}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + alignment - 1) / alignment * alignment, ' ');
  const std::uint64_t size = text.size();
  report::AtomicFile file(path);
  file.write(&size, sizeof(size));
  file.write(text.data(), text.size());
  for (const auto& [name, value] : tensors) file.write(value.data(), value.values().size_bytes());
  file.commit();
}

std::vector<nn::NamedTensor> read_safetensors(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) fail(ErrorKind::missing, "{}: there is no such file; check the path", path.string());
  if (!std::filesystem::is_regular_file(path, ignored)) malformed(path, "it is no regular file");
  std::ifstream in(path, std::ios::binary);
  if (!in) fail(ErrorKind::missing, "{}: cannot be opened; check its permissions", path.string());
  const std::uint64_t file_bytes = std::filesystem::file_size(path);
  std::uint64_t header_bytes = 0;
  if (file_bytes < sizeof(header_bytes) || !in.read(reinterpret_cast<char*>(&header_bytes), sizeof(header_bytes))) {
    malformed(path, "{} bytes are too few for the size of a header", file_bytes);
  }
  const std::uint64_t rest = file_bytes - sizeof(header_bytes);
  if (header_bytes > std::min(rest, max_header_bytes)) {
    malformed(path, "a header of {} bytes; the file has {} after its size, and at most {} are read", header_bytes, rest, max_header_bytes);
  }
  std::string text(header_bytes, '\0');
  if (!in.read(text.data(), static_cast<std::streamsize>(header_bytes))) malformed(path, "reading the header failed");
  if (!text.starts_with('{')) malformed(path, "the header does not begin with '{{'");

  std::vector<nn::NamedTensor> tensors;
  for (const Entry& entry : parse_entries(path, parse_header(path, text), rest - header_bytes)) {
    if (entry.dtype != "F32") continue;
    const Tensor value = Tensor::empty(entry.shape);
    in.seekg(static_cast<std::streamoff>(sizeof(header_bytes) + header_bytes + entry.first));
    if (!in.read(reinterpret_cast<char*>(value.data()), static_cast<std::streamsize>(entry.last - entry.first))) {
      malformed(path, "{}: reading its values failed", entry.name);
    }
    tensors.push_back({entry.name, value});
  }
  return tensors;
}

std::vector<nn::NamedTensor> weights(const nn::Model& model) {
  std::vector<nn::NamedTensor> all;
  model.parameters("", all);
  model.buffers("", all);
  return all;
}

void load_weights(const nn::Model& model, const std::filesystem::path& path) {
  const std::vector<nn::NamedTensor> given = read_safetensors(path);
  const std::vector<nn::NamedTensor> expected = weights(model);
  std::vector<std::string> missing;
  std::vector<std::string> misshapen;
  std::vector<std::string> extra;
  std::vector<std::pair<Tensor, Tensor>> copies;
  for (const auto& [name, value] : expected) {
    const auto match = std::ranges::find(given, name, &nn::NamedTensor::name);
    if (match == given.end()) {
      missing.push_back(fmt::format("{} {}", name, value.shape()));
    } else if (match->value.shape() != value.shape()) {
      misshapen.push_back(fmt::format("{} {} instead of {}", name, match->value.shape(), value.shape()));
    } else {
      copies.emplace_back(match->value, value);
    }
  }
  for (const auto& [name, value] : given) {
    if (std::ranges::find(expected, name, &nn::NamedTensor::name) == expected.end())
      extra.push_back(fmt::format("{} {}", name, value.shape()));
  }
  if (!missing.empty() || !misshapen.empty() || !extra.empty()) {
    fail(ErrorKind::usage, "{}: these weights do not fit the model{}{}{}; give the file of a model with the same options", path.string(),
         listed("missing:", missing), listed("of another shape:", misshapen), listed("not in the model:", extra));
  }
  for (const auto& [from, to] : copies) std::ranges::copy(from.values(), to.data());
}

}  // namespace emotrain::train
