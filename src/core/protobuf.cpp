#include "emotrain/core/protobuf.hpp"

#include <bit>

namespace emotrain {
namespace {

constexpr unsigned varint_type = 0;
constexpr unsigned eight_bytes = 1;
constexpr unsigned delimited = 2;
constexpr unsigned four_bytes = 5;

}  // namespace

void ProtobufMessage::varint(std::uint64_t value) {
  constexpr std::uint64_t more = 0x80;
  for (; value >= more; value >>= 7U) bytes_.push_back(static_cast<char>(value | more));
  bytes_.push_back(static_cast<char>(value));
}

void ProtobufMessage::tag(int field, unsigned wire_type) { varint(static_cast<std::uint64_t>(field) << 3U | wire_type); }

template <class T>
void ProtobufMessage::little_endian(T value) {
  char bytes[sizeof(T)];
  for (std::size_t i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<char>(value >> (8 * i));
  bytes_.append(bytes, sizeof(T));
}

ProtobufMessage& ProtobufMessage::integer(int field, std::int64_t value) {
  tag(field, varint_type);
  varint(static_cast<std::uint64_t>(value));
  return *this;
}

ProtobufMessage& ProtobufMessage::number(int field, float value) {
  tag(field, four_bytes);
  little_endian(std::bit_cast<std::uint32_t>(value));
  return *this;
}

ProtobufMessage& ProtobufMessage::number(int field, double value) {
  tag(field, eight_bytes);
  little_endian(std::bit_cast<std::uint64_t>(value));
  return *this;
}

ProtobufMessage& ProtobufMessage::text(int field, std::string_view bytes) {
  tag(field, delimited);
  varint(bytes.size());
  bytes_ += bytes;
  return *this;
}

ProtobufMessage& ProtobufMessage::integers(int field, std::span<const std::int64_t> values) {
  ProtobufMessage packed;
  for (const std::int64_t value : values) packed.varint(static_cast<std::uint64_t>(value));
  return message(field, packed);
}

}  // namespace emotrain
