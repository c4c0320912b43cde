#include "emotrain/train/safetensors.hpp"

#include <memory>

#include "fuzz/target.hpp"
#include "support/memory_files.hpp"

namespace {

std::string encoded(const emotrain::train::TensorFile& content) {
  std::string text;
  emotrain::train::encode_safetensors(content,
                                      [&](const void* bytes, std::size_t size) { text.append(static_cast<const char*>(bytes), size); });
  return text;
}

}  // namespace

/// A file of tensors, with and without F64 numbers. What is read is written and read again alike.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace emotrain;
  test::MemoryFiles files;
  files.create("input")->write(bytes, size);
  fuzz::may_refuse({ErrorKind::data}, [&] { train::read_safetensors("input", files); });
  fuzz::may_refuse({ErrorKind::data}, [&] {
    const std::string text = encoded(train::read_tensor_file("input", files));
    files.create("written")->write(text.data(), text.size());
    fuzz::require(encoded(train::read_tensor_file("written", files)) == text, "what was written is read alike");
  });
  return 0;
}
