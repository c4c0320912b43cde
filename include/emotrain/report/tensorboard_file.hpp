#pragma once
#include <fmt/format.h>

#include <memory>
#include <string>

#include "emotrain/core/file_system.hpp"
#include "emotrain/core/protobuf.hpp"
#include "emotrain/report/records.hpp"

namespace emotrain::report {

/// A run as TensorBoard shows it: a file of Event messages (tensorflow/core/util/event.proto, framework/summary.proto) in TFRecord frames:
/// length (8 bytes, little-endian), masked CRC-32C of the length, message, masked CRC-32C of the message. Each step is one event with the
/// scalars
///     train/loss, train/lr, train/grad_norm                           of any optimizer,
///     emostate/scalar, emostate/ratio, emostate/emoDrive,
///     emoLR/base (the learning rate), emoLR/Turbo (it times emoDrive) of one with an emotion,
///     emostate/shadow_dist                                            while there is a shadow;
/// an evaluation has eval/loss, eval/accuracy, test/loss, ... (from eval_loss, ...), a picture its name. Values are floats. A file may end
/// within a record, as that of a run that was killed does: readers leave out what is not complete.
class TensorBoardFile final : public Sink {
 public:
  /// Seconds since 1970-01-01 00:00 UTC.
  using Clock = double (*)();

  /// What TensorBoard's own writers call a file: events.out.tfevents.<unix seconds>.<host>.<process>.0. Readers look for "tfevents" and
  /// read the files of a directory in the order of their names.
  static std::string new_name();

  /// Throws Error{cannot_create} if the file cannot be created or exists. `files` outlives it.
  explicit TensorBoardFile(const std::filesystem::path& path, FileSystem& files = disk(), Clock clock = unix_seconds);
  /// Goes on behind the first `size` bytes of a file; what follows them is cut off. Throws Error{missing, data, io}.
  TensorBoardFile(const std::filesystem::path& path, std::uint64_t size, FileSystem& files = disk(), Clock clock = unix_seconds);
  /// Writes what is left; an error then stays silent: call end() to hear of it.
  ~TensorBoardFile() override;

  void begin(const RunOutline& outline) override;
  /// Allocates nothing; writes to the file each `logging_steps`, and when the buffer is full. Throws Error{io}.
  void step(const StepRecord& record) override;
  void evaluation(const EvaluationRecord& record) override;
  void picture(const PictureRecord& record) override;
  void end() override;

  /// Brings all records so far to the disk. Throws Error{io}.
  void sync();
  /// Size of the file with all records so far.
  std::uint64_t bytes() const { return file_->size() + buffer_.size(); }

  static double unix_seconds();

 private:
  TensorBoardFile(std::unique_ptr<OutputFile> file, Clock clock);
  void scalar(std::string_view tag, double value);
  void append_summary(Index step);
  void append_record(std::string_view message);
  void flush();

  std::unique_ptr<OutputFile> file_;
  Clock clock_;
  Index logging_steps_ = 1;
  fmt::memory_buffer buffer_;
  /// Filled anew for each event.
  ProtobufMessage value_;
  ProtobufMessage summary_;
  ProtobufMessage event_;
};

}  // namespace emotrain::report
