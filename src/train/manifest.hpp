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
  /// Notes the time, and the sums of the files that were read; of a run that is resumed where the trainer stands also what its manifest
  /// says of before. Throws Error{io} if one of the files cannot be read again, Error{data} if it is not what the run began with.
  Manifest(const RunRequest& request, const Trainer& trainer);
  ~Manifest();

  /// `status`: running, completed, interrupted, diverged, failed. Without result and error they are left out. Throws
  /// Error{cannot_create, io}.
  void write(const std::filesystem::path& directory, const char* status, const RunResult* result, const std::string& error) const;

 private:
  struct Inputs;
  const RunRequest& request_;
  std::unique_ptr<const Inputs> inputs_;
};

}  // namespace emotrain::train
