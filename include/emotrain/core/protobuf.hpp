#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace emotrain {

/// A message in Protocol Buffers' wire format (https://protobuf.dev/programming-guides/encoding), field by field in the order of the calls:
/// enough to write formats that are defined by .proto files, such as TensorBoard's events and ONNX. Field numbers are theirs; what has the
/// default value may be left out or written.
class ProtobufMessage {
 public:
  /// int32, int64, uint64, bool, enum; negative numbers take ten bytes.
  ProtobufMessage& integer(int field, std::int64_t value);
  ProtobufMessage& number(int field, float value);
  ProtobufMessage& number(int field, double value);
  /// string (UTF-8), bytes, or a nested message.
  ProtobufMessage& text(int field, std::string_view bytes);
  ProtobufMessage& message(int field, const ProtobufMessage& nested) { return text(field, nested.bytes_); }
  /// repeated int64 [packed = true].
  ProtobufMessage& integers(int field, std::span<const std::int64_t> values);

  const std::string& bytes() const noexcept { return bytes_; }
  /// Empties it and keeps its memory: a message that is filled anew each time takes nothing from the heap after the first.
  ProtobufMessage& clear() noexcept {
    bytes_.clear();
    return *this;
  }

 private:
  void varint(std::uint64_t value);
  void tag(int field, unsigned wire_type);
  template <class T>
  void little_endian(T value);

  std::string bytes_;
};

}  // namespace emotrain
