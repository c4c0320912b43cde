#include "emotrain/report/metrics_file.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <iterator>
#include <utility>

#include "emotrain/core/error.hpp"

namespace emotrain::report {
namespace {

constexpr std::size_t capacity = 64 * 1024;
/// No step record is longer, apart from its layers: 17 keys, 20 numbers of at most 24 characters, a rule's name, 8 kinds of events.
constexpr std::size_t longest_record = 2048;
/// Three keys, three numbers, and a name of usual length.
constexpr std::size_t longest_layer = 192;

void append(fmt::memory_buffer& buffer, std::string_view text) { buffer.append(text); }

void append(fmt::memory_buffer& buffer, std::string_view key, double value) {
  append(buffer, key);
  if (!std::isfinite(value)) return append(buffer, "null");
  char digits[32];
  buffer.append(digits, std::to_chars(digits, std::end(digits), value, std::chars_format::general, 17).ptr);
}

void append(fmt::memory_buffer& buffer, std::string_view key, const std::optional<double>& value) {
  append(buffer, key);
  value ? append(buffer, "", *value) : append(buffer, "null");
}

void append_emotion(fmt::memory_buffer& buffer, const std::optional<StepRecord::Feeling>& emotion) {
  if (!emotion) return append(buffer, R"(,"ema_short":null,"ema_medium":null,"ema_long":null,"scalar":null,"ratio":null,"drive":null)");
  append(buffer, R"(,"ema_short":)", emotion->ema_short);
  append(buffer, R"(,"ema_medium":)", emotion->ema_medium);
  append(buffer, R"(,"ema_long":)", emotion->ema_long);
  append(buffer, R"(,"scalar":)", emotion->scalar);
  append(buffer, R"(,"ratio":)", emotion->ratio);
  append(buffer, R"(,"drive":)", emotion->drive);
}

void append_rule(fmt::memory_buffer& buffer, std::string_view rule) {
  if (rule.empty()) return append(buffer, R"(,"rule":null)");
  append(buffer, R"(,"rule":")");
  append(buffer, rule);
  buffer.push_back('"');
}

void append_list(fmt::memory_buffer& buffer, std::string_view key, std::span<const double> values) {
  if (values.empty()) return;
  append(buffer, key);
  for (std::size_t i = 0; i < values.size(); ++i) append(buffer, i == 0 ? "[" : ",", values[i]);
  buffer.push_back(']');
}

void append_layers(fmt::memory_buffer& buffer, std::span<const LayerRecord> layers) {
  if (layers.empty()) return;
  append(buffer, R"(,"layers":)");
  char separator = '{';
  for (const LayerRecord& layer : layers) {
    buffer.push_back(std::exchange(separator, ','));
    buffer.push_back('"');
    append(buffer, layer.name);
    append(buffer, R"(":{"norm":)", layer.norm);
    append(buffer, R"(,"moved":)", layer.moved);
    append(buffer, R"(,"shadow_distance":)", layer.shadow_distance);
    buffer.push_back('}');
  }
  buffer.push_back('}');
}

void append_events(fmt::memory_buffer& buffer, std::span<const std::string_view> events) {
  if (events.empty()) return;
  append(buffer, R"(,"events":[)");
  for (std::size_t i = 0; i < events.size(); ++i) {
    append(buffer, i == 0 ? "\"" : ",\"");
    append(buffer, events[i]);
    buffer.push_back('"');
  }
  buffer.push_back(']');
}

std::string_view json_bool(const std::optional<StepRecord::Feeling>& emotion) {
  if (!emotion) return "null";
  return emotion->should_stop ? "true" : "false";
}

}  // namespace

MetricsFile::MetricsFile(const std::filesystem::path& path, FileSystem& files) : file_(files.create(path, true)) {
  buffer_.reserve(capacity);
}

MetricsFile::MetricsFile(const std::filesystem::path& path, std::uint64_t size, FileSystem& files) : file_(files.reopen(path, size)) {
  buffer_.reserve(capacity);
}

MetricsFile::~MetricsFile() {
  try {
    flush();
  } catch (const Error&) {  // a destructor has nobody to tell
  }
}

void MetricsFile::begin(const RunOutline& outline) { logging_steps_ = outline.logging_steps; }

void MetricsFile::step(const StepRecord& record) {
  if (!record.layers.empty() && buffer_.size() + longest_record + record.layers.size() * longest_layer > capacity) flush();
  fmt::format_to(std::back_inserter(buffer_), R"({{"step":{})", record.step);
  append(buffer_, R"(,"epoch":)", record.epoch);
  append(buffer_, R"(,"loss":)", record.loss);
  append(buffer_, R"(,"learning_rate":)", record.learning_rate);
  append(buffer_, R"(,"grad_norm":)", record.grad_norm);
  append_emotion(buffer_, record.emotion);
  append_rule(buffer_, record.rule);
  append(buffer_, R"(,"should_stop":)");
  append(buffer_, json_bool(record.emotion));
  append(buffer_, R"(,"shadow_distance":)", record.shadow_distance);
  append_events(buffer_, record.events);
  append_list(buffer_, R"(,"point":)", record.point);
  append_list(buffer_, R"(,"shadow_point":)", record.shadow_point);
  if (record.moved) append(buffer_, R"(,"moved":)", *record.moved);
  append_layers(buffer_, record.layers);
  append(buffer_, "}\n");
  if (record.step % logging_steps_ == 0 || buffer_.size() + longest_record > capacity) flush();
}

void MetricsFile::evaluation(const EvaluationRecord& record) {
  fmt::format_to(std::back_inserter(buffer_), R"({{"step":{})", record.step);
  append(buffer_, R"(,"epoch":)", record.epoch);
  for (const Metric& metric : record.metrics) {
    fmt::format_to(std::back_inserter(buffer_), R"(,"{}")", metric.name);
    append(buffer_, ":", metric.value);
  }
  append(buffer_, "}\n");
  flush();
}

void MetricsFile::end() { flush(); }

void MetricsFile::sync() {
  flush();
  file_->sync();
}

void MetricsFile::flush() {
  // Cleared first: after a failed write nothing is written twice.
  const std::size_t size = buffer_.size();
  buffer_.clear();
  if (size > 0) file_->write(buffer_.data(), size);
}

}  // namespace emotrain::report
