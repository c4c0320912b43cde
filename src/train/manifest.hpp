#pragma once
#include <filesystem>
#include <string>

#include "emotrain/train/run.hpp"
#include "emotrain/train/trainer.hpp"

namespace emotrain::train {

/// Where a result comes from: manifest.json. Everything but the result is known when the run starts.
class Manifest {
 public:
  /// Notes the time.
  explicit Manifest(const RunRequest& request);

  /// Both throw Error{cannot_create, io}, and Error{io} if a data file can no longer be read.
  void write_completed(const std::filesystem::path& path, const Trainer& trainer, const RunResult& result) const;
  void write_failed(const std::filesystem::path& path, const Trainer& trainer, const std::string& error) const;

 private:
  const RunRequest& request_;
  std::string started_;
};

/// In lower-case hexadecimal digits. Throws Error{io}.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace emotrain::train
