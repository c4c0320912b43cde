#include "emotrain/report/tensorboard_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <chrono>

#include "emotrain/core/error.hpp"
#include "report/crc32c.hpp"

namespace emotrain::report {
namespace {

constexpr std::size_t capacity = 64 * 1024;
/// Length and two sums.
constexpr std::size_t frame_size = 16;

/// Field numbers of event.proto and summary.proto.
namespace event {
constexpr int wall_time = 1;
constexpr int step = 2;
constexpr int file_version = 3;
constexpr int summary = 5;
}  // namespace event
namespace summary {
constexpr int value = 1;
}
namespace value {
constexpr int tag = 1;
constexpr int simple_value = 2;
constexpr int image = 4;
}  // namespace value
namespace image {
constexpr int height = 1;
constexpr int width = 2;
/// 1: grey, 3: RGB.
constexpr int colorspace = 3;
constexpr int encoded_image_string = 4;
}  // namespace image

/// A CRC over data that holds CRCs is weak, so TFRecord rotates and shifts what it stores (tensorflow/core/lib/hash/crc32c.h, "Mask").
std::uint32_t masked_crc(std::string_view bytes) { return std::rotr(crc32c(bytes), 15) + 0xa282ead8U; }

template <class T>
void append_little_endian(fmt::memory_buffer& out, T value) {
  char bytes[sizeof(T)];
  for (std::size_t i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<char>(value >> (8 * i));
  out.append(std::string_view(bytes, sizeof(T)));
}

}  // namespace

double TensorBoardFile::unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string TensorBoardFile::new_name() {
  char name[256] = {};
  std::string host = ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "localhost";
  std::ranges::replace(host, '/', '-');
  return fmt::format("events.out.tfevents.{:010}.{}.{}.0", static_cast<std::int64_t>(unix_seconds()), host, ::getpid());
}

TensorBoardFile::TensorBoardFile(std::unique_ptr<OutputFile> file, Clock clock) : file_(std::move(file)), clock_(clock) {
  buffer_.reserve(capacity);
  if (file_->size() > 0) return;
  event_.clear().number(event::wall_time, clock_()).text(event::file_version, "brain.Event:2");
  append_record(event_.bytes());
}

TensorBoardFile::TensorBoardFile(const std::filesystem::path& path, FileSystem& files, Clock clock)
    : TensorBoardFile(files.create(path, true), clock) {}

TensorBoardFile::TensorBoardFile(const std::filesystem::path& path, std::uint64_t size, FileSystem& files, Clock clock)
    : TensorBoardFile(files.reopen(path, size), clock) {}

TensorBoardFile::~TensorBoardFile() {
  try {
    flush();
  } catch (const Error&) {  // a destructor has nobody to tell
  }
}

void TensorBoardFile::begin(const RunOutline& outline) {
  logging_steps_ = outline.logging_steps;
  flush();
}

void TensorBoardFile::step(const StepRecord& record) {
  summary_.clear();
  scalar("train/loss", record.loss);
  scalar("train/lr", record.learning_rate);
  scalar("train/grad_norm", record.grad_norm);
  if (record.emotion) {
    scalar("emostate/scalar", record.emotion->scalar);
    scalar("emostate/ratio", record.emotion->ratio);
    scalar("emostate/emoDrive", record.emotion->drive);
    scalar("emoLR/base", record.learning_rate);
    scalar("emoLR/Turbo", record.learning_rate * record.emotion->drive);
  }
  if (record.shadow_distance) scalar("emostate/shadow_dist", *record.shadow_distance);
  append_summary(record.step);
  if (record.step % logging_steps_ == 0) flush();
}

void TensorBoardFile::evaluation(const EvaluationRecord& record) {
  summary_.clear();
  for (const Metric& metric : record.metrics) {
    std::string tag = metric.name;
    if (const std::size_t end = tag.find('_'); end != std::string::npos) tag[end] = '/';
    scalar(tag, metric.value);
  }
  append_summary(record.step);
  flush();
}

void TensorBoardFile::picture(const PictureRecord& record) {
  ProtobufMessage picture;
  picture.integer(image::height, record.height)
      .integer(image::width, record.width)
      .integer(image::colorspace, record.channels)
      .text(image::encoded_image_string, record.png);
  summary_.clear().message(summary::value, value_.clear().text(value::tag, record.name).message(value::image, picture));
  append_summary(record.step);
  flush();
}

void TensorBoardFile::end() { flush(); }

void TensorBoardFile::sync() {
  flush();
  file_->sync();
}

void TensorBoardFile::scalar(std::string_view tag, double number) {
  value_.clear().text(value::tag, tag).number(value::simple_value, static_cast<float>(number));
  summary_.message(summary::value, value_);
}

void TensorBoardFile::append_summary(Index step) {
  event_.clear().number(event::wall_time, clock_()).integer(event::step, step).message(event::summary, summary_);
  append_record(event_.bytes());
}

void TensorBoardFile::append_record(std::string_view message) {
  if (buffer_.size() + message.size() + frame_size > capacity) flush();
  const std::size_t start = buffer_.size();
  append_little_endian(buffer_, static_cast<std::uint64_t>(message.size()));
  append_little_endian(buffer_, masked_crc({buffer_.data() + start, buffer_.size() - start}));
  buffer_.append(message);
  append_little_endian(buffer_, masked_crc(message));
}

void TensorBoardFile::flush() {
  if (buffer_.size() == 0) return;
  // Cleared first: after a failed write nothing is written twice.
  const std::size_t size = buffer_.size();
  buffer_.clear();
  file_->write(buffer_.data(), size);
}

}  // namespace emotrain::report
