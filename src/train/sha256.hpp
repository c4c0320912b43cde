#pragma once
#include <cstddef>
#include <memory>
#include <string>

#include "emotrain/core/file_system.hpp"

struct evp_md_ctx_st;

namespace emotrain::train {

class Sha256 {
 public:
  Sha256();
  void update(const void* bytes, std::size_t size);
  /// Lower-case hexadecimal digits; to be called once, at the end.
  std::string hex();

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

/// Throws as FileSystem::open.
std::string sha256_of_file(const std::filesystem::path& path, const FileSystem& files = disk());

}  // namespace emotrain::train
