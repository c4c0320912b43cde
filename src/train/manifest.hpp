#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "emotrain/train/run.hpp"
#include "emotrain/train/trainer.hpp"

namespace emotrain::train {

/// Where a result comes from: manifest.json. Everything but the result is known when the run starts.
class Manifest {
 public:
  /// Notes the time, and the sums of the files that were read. Throws Error{io} if one of them cannot be read again.
  Manifest(const RunRequest& request, const data::Splits& splits);
  ~Manifest();

  /// Both throw Error{cannot_create, io}.
  void write_completed(const std::filesystem::path& path, const RunResult& result) const;
  void write_failed(const std::filesystem::path& path, const Trainer& trainer, const std::string& error) const;

 private:
  struct Inputs;
  const RunRequest& request_;
  std::string started_;
  std::unique_ptr<const Inputs> inputs_;
};

/// In lower-case hexadecimal digits. Throws Error{io}.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace emotrain::train
