#include "train/sha256.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <new>
#include <vector>

namespace emotrain::train {

Sha256::Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
  if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
}

void Sha256::update(const void* bytes, std::size_t size) { EVP_DigestUpdate(context_.get(), bytes, size); }

std::string Sha256::hex() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_.get(), digest, &size);
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

std::string sha256_of_file(const std::filesystem::path& path, const FileSystem& files) {
  const auto file = files.open(path);
  std::vector<char> chunk(std::size_t{1} << 16U);
  Sha256 sum;
  for (std::uint64_t offset = 0; offset < file->size();) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), file->size() - offset));
    file->read(offset, chunk.data(), size);
    sum.update(chunk.data(), size);
    offset += size;
  }
  return sum.hex();
}

}  // namespace emotrain::train
