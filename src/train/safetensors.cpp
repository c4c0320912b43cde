#include "emotrain/train/safetensors.hpp"

#include <nlohmann/json.hpp>
#include <algorithm>
#include <bit>
#include <cstring>
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

/// Refuses what is neither read nor known to be of no use.
void require_known_type(const std::filesystem::path& path, const Entry& entry, bool with_numbers) {
  const bool counter = entry.dtype[0] == 'I' && entry.name.ends_with("num_batches_tracked");
  const bool numbers = with_numbers && entry.dtype == "F64" && entry.shape.rank() == 1;
  if (entry.dtype == "F32" || counter || numbers) return;
  malformed(path, "{}: values are {}; save them as F32 (torch: tensor.float())", entry.name, entry.dtype);
}

/// A list for a message, cut after some entries.
std::string listed(const char* what, const std::vector<std::string>& entries) {
  constexpr std::size_t most = 16;
  if (entries.empty()) return {};
  std::string text = fmt::format("; {} ", what);
  for (std::size_t i = 0; i < std::min(most, entries.size()); ++i) text += (i > 0 ? ", " : "") + entries[i];
  if (entries.size() > most) text += fmt::format(" and {} more", entries.size() - most);
  return text;
}

TensorFile read(const std::filesystem::path& path, const FileSystem& files, bool with_numbers) {
  const auto in = files.open(path);
  std::uint64_t header_bytes = 0;
  if (in->size() < sizeof(header_bytes)) malformed(path, "{} bytes are too few for the size of a header", in->size());
  in->read(0, &header_bytes, sizeof(header_bytes));
  const std::uint64_t rest = in->size() - sizeof(header_bytes);
  if (header_bytes > std::min(rest, max_header_bytes)) {
    malformed(path, "a header of {} bytes; the file has {} after its size, and at most {} are read", header_bytes, rest, max_header_bytes);
  }
  std::string text(header_bytes, '\0');
  in->read(sizeof(header_bytes), text.data(), text.size());
  if (!text.starts_with('{')) malformed(path, "the header does not begin with '{{'");

  TensorFile content;
  for (const Entry& entry : parse_entries(path, parse_header(path, text), rest - header_bytes)) {
    require_known_type(path, entry, with_numbers);
    const std::uint64_t offset = sizeof(header_bytes) + header_bytes + entry.first;
    if (entry.dtype == "F64") {
      content.numbers.push_back({entry.name, std::vector<double>((entry.last - entry.first) / sizeof(double))});
      in->read(offset, content.numbers.back().values.data(), entry.last - entry.first);
    } else if (entry.dtype == "F32") {
      content.tensors.push_back({entry.name, Tensor::empty(entry.shape)});
      in->read(offset, content.tensors.back().value.data(), entry.last - entry.first);
    }
  }
  return content;
}

}  // namespace

void encode_safetensors(const TensorFile& content, FunctionRef<void(const void* bytes, std::size_t size)> write) {
  nlohmann::ordered_json header{{"__metadata__", {{"format", "pt"}}}};
  std::uint64_t offset = 0;
  const auto add = [&](const std::string& name, const char* dtype, std::vector<Index> shape, std::uint64_t bytes) {
    header[name] = {{"dtype", dtype}, {"shape", std::move(shape)}, {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
  };
  for (const auto& [name, values] : content.numbers) {
    add(name, "F64", {static_cast<Index>(values.size())}, values.size() * sizeof(double));
  }
  for (const auto& [name, value] : content.tensors) {
    add(name, "F32", {value.shape().begin(), value.shape().end()}, value.values().size_bytes());
  }
  std::string text = header.dump();
  text.resize((text.size() + alignment - 1) / alignment * alignment, ' ');
  const std::uint64_t size = text.size();
  write(&size, sizeof(size));
  write(text.data(), text.size());
  for (const auto& [name, values] : content.numbers) write(values.data(), values.size() * sizeof(double));
  for (const auto& [name, value] : content.tensors) write(value.data(), value.values().size_bytes());
}

void write_safetensors(const std::filesystem::path& path, std::span<const nn::NamedTensor> tensors, FileSystem& files) {
  report::AtomicFile file(path, files);
  encode_safetensors({{tensors.begin(), tensors.end()}}, [&](const void* bytes, std::size_t size) { file.write(bytes, size); });
  file.commit();
}

std::vector<nn::NamedTensor> read_safetensors(const std::filesystem::path& path, const FileSystem& files) {
  return read(path, files, false).tensors;
}

TensorFile read_tensor_file(const std::filesystem::path& path, const FileSystem& files) { return read(path, files, true); }

std::vector<nn::NamedTensor> weights(const nn::Model& model) {
  std::vector<nn::NamedTensor> all;
  model.parameters("", all);
  model.buffers("", all);
  return all;
}

std::string Misfits::str() const {
  return listed("missing:", missing) + listed("of another shape:", misshapen) + listed("not in the model:", extra);
}

Misfits load_weights(const nn::Model& model, const std::filesystem::path& path, const LoadOptions& options, const FileSystem& files) {
  return load_weights(model, read_safetensors(path, files), path.string(), options);
}

Misfits load_weights(const nn::Model& model, std::span<const nn::NamedTensor> given, const std::string& source,
                     const LoadOptions& options) {
  const std::vector<nn::NamedTensor> expected = weights(model);
  Misfits misfits;
  std::vector<std::pair<Tensor, Tensor>> copies;
  for (const auto& [name, value] : expected) {
    const auto match = std::ranges::find(given, name, &nn::NamedTensor::name);
    if (match == given.end()) {
      misfits.missing.push_back(fmt::format("{} {}", name, value.shape()));
    } else if (match->value.shape() != value.shape()) {
      misfits.misshapen.push_back(fmt::format("{} {} instead of {}", name, match->value.shape(), value.shape()));
    } else {
      copies.emplace_back(match->value, value);
    }
  }
  for (const auto& [name, value] : given) {
    if (std::ranges::find(expected, name, &nn::NamedTensor::name) == expected.end())
      misfits.extra.push_back(fmt::format("{} {}", name, value.shape()));
  }
  if (misfits.any() && (!options.partial || copies.empty())) {
    fail(ErrorKind::usage, "{}: these weights do not fit the model{}; {}{}", source, misfits.str(),
         options.partial ? "no tensor fits; give the file of a model that shares some" : "give the file of a model with the same options",
         copies.empty() ? "" : options.if_some_fit);
  }
  for (const auto& [from, to] : copies) std::ranges::copy(from.values(), to.data());
  return misfits;
}

}  // namespace emotrain::train
