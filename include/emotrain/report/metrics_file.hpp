#pragma once
#include <fmt/format.h>

#include <memory>

#include "emotrain/core/file_system.hpp"
#include "emotrain/report/records.hpp"

namespace emotrain::report {

/// metrics.jsonl: one JSON object a line. A step has the keys
///     step, epoch, loss, learning_rate, grad_norm, ema_short, ema_medium, ema_long, scalar, ratio, drive, rule, should_stop,
///     shadow_distance
/// (null: the optimizer has no such thing), and, where the record has them, point, shadow_point, moved, layers {NAME: {norm, moved,
/// shadow_distance}}; an evaluation has step, epoch and its metrics, and no `loss`. Doubles have 17 significant
/// digits, so reading gives the same bits; JSON has no NaN or infinity: null.
class MetricsFile final : public Sink {
 public:
  /// Throws Error{cannot_create} if the file cannot be created or exists. `files` outlives it.
  explicit MetricsFile(const std::filesystem::path& path, FileSystem& files = disk());
  /// Goes on behind the first `size` bytes of a file; what follows them is cut off. Throws Error{missing, data, io}.
  MetricsFile(const std::filesystem::path& path, std::uint64_t size, FileSystem& files = disk());
  /// Writes what is left; an error then stays silent: call end() to hear of it.
  ~MetricsFile() override;

  void begin(const RunOutline& outline) override;
  /// Allocates nothing; writes to the file each `logging_steps`, and when the buffer is full. Throws Error{io}.
  void step(const StepRecord& record) override;
  void evaluation(const EvaluationRecord& record) override;
  void end() override;

  /// Brings all records so far to the disk. Throws Error{io}.
  void sync();
  /// Size of the file with all records so far.
  std::uint64_t bytes() const { return file_->size() + buffer_.size(); }

 private:
  void flush();

  std::unique_ptr<OutputFile> file_;
  Index logging_steps_ = 1;
  fmt::memory_buffer buffer_;
};

}  // namespace emotrain::report
