#include "emotrain/report/tensorboard_file.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "emotrain/core/error.hpp"
#include "report/crc32c.hpp"
#include "support/memory_files.hpp"
#include "support/temporary_directory.hpp"

using namespace emotrain;
using report::StepRecord;
using report::TensorBoardFile;

namespace {

double fixed_seconds() { return 1.5; }

template <class T>
T little_endian(std::string_view bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::uint32_t masked(std::string_view bytes) { return std::rotr(report::crc32c(bytes), 15) + 0xa282ead8U; }

/// The messages of a file; what is not complete is left out, as readers do.
std::vector<std::string> messages_of(std::string_view file) {
  std::vector<std::string> out;
  while (file.size() >= 12) {
    const auto size = little_endian<std::uint64_t>(file);
    CHECK(little_endian<std::uint32_t>(file.substr(8)) == masked(file.substr(0, 8)));
    if (file.size() < 16 + size) break;
    out.emplace_back(file.substr(12, size));
    CHECK(little_endian<std::uint32_t>(file.substr(12 + size)) == masked(out.back()));
    file.remove_prefix(16 + size);
  }
  return out;
}

std::uint64_t take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if ((byte & 0x80U) == 0) return value;
  }
}

/// The fields of a message, by number; those that are not delimited as the bytes they take.
std::multimap<int, std::string> fields_of(std::string_view message) {
  std::multimap<int, std::string> out;
  while (!message.empty()) {
    const std::uint64_t tag = take_varint(message);
    std::string value;
    if ((tag & 7U) == 0) {
      value = std::to_string(take_varint(message));
    } else {
      const std::size_t size = (tag & 7U) == 1 ? 8 : (tag & 7U) == 5 ? 4 : take_varint(message);
      value = message.substr(0, size);
      message.remove_prefix(size);
    }
    out.emplace(static_cast<int>(tag >> 3U), value);
  }
  return out;
}

/// Tags with their values of an event.
std::map<std::string, float> scalars_of(const std::string& event) {
  std::map<std::string, float> out;
  const auto summary = fields_of(fields_of(event).find(5)->second);
  for (auto [value, end] = summary.equal_range(1); value != end; ++value) {
    const auto fields = fields_of(value->second);
    out[fields.find(1)->second] = little_endian<float>(fields.find(2)->second);
  }
  return out;
}

StepRecord plain_step(Index step) {
  return {.step = step, .epoch = 0.5, .loss = 0.25 * static_cast<double>(step), .learning_rate = 0.125, .grad_norm = 3, .rule = "adamw"};
}

StepRecord emotional_step(Index step) {
  StepRecord record = plain_step(step);
  record.emotion = StepRecord::Feeling{.ema_short = 1, .ema_long = 2, .scalar = -0.75, .ratio = 0.5, .drive = 4, .should_stop = false};
  record.shadow_distance = 1.5;
  return record;
}

}  // namespace

TEST_CASE("CRC-32C: the check value, RFC 3720's examples, and the same in pieces of any length") {
  CHECK(report::crc32c("123456789") == 0xe3069283U);
  CHECK(report::crc32c(std::string(32, '\0')) == 0x8a9136aaU);
  CHECK(report::crc32c(std::string(32, '\xff')) == 0x62a8ab43U);
  CHECK(report::crc32c({}) == 0);
  std::string ascending;
  for (char c = 0; c < 32; ++c) ascending.push_back(c);
  CHECK(report::crc32c(ascending) == 0x46dd794eU);
}

TEST_CASE("events have the version, the tags of what the optimizer has, and each evaluation's metrics") {
  test::MemoryFiles files;
  {
    TensorBoardFile file("events", files, fixed_seconds);
    file.begin({.name = "t", .steps = 2, .logging_steps = 10});
    file.step(plain_step(1));
    file.step(emotional_step(300));
    const std::vector<report::Metric> metrics{{"eval_loss", 0.5}, {"eval_accuracy", 0.75}, {"test_mse", 2}};
    file.evaluation({.step = 300, .epoch = 1, .metrics = metrics});
    file.end();
  }
  const std::vector<std::string> events = messages_of(files.files()["events"]);
  REQUIRE(events.size() == 4);
  CHECK(fields_of(events[0]).find(3)->second == "brain.Event:2");
  for (const std::string& event : events) CHECK(little_endian<double>(fields_of(event).find(1)->second) == 1.5);
  CHECK(fields_of(events[1]).find(2)->second == "1");
  CHECK(fields_of(events[2]).find(2)->second == "300");
  CHECK(scalars_of(events[1]) == std::map<std::string, float>{{"train/loss", 0.25F}, {"train/lr", 0.125F}, {"train/grad_norm", 3.F}});
  CHECK(scalars_of(events[2]) == std::map<std::string, float>{{"train/loss", 75.F},
                                                              {"train/lr", 0.125F},
                                                              {"train/grad_norm", 3.F},
                                                              {"emostate/scalar", -0.75F},
                                                              {"emostate/ratio", 0.5F},
                                                              {"emostate/emoDrive", 4.F},
                                                              {"emostate/shadow_dist", 1.5F},
                                                              {"emoLR/base", 0.125F},
                                                              {"emoLR/Turbo", 0.5F}});
  CHECK(scalars_of(events[3]) == std::map<std::string, float>{{"eval/loss", 0.5F}, {"eval/accuracy", 0.75F}, {"test/mse", 2.F}});
}

TEST_CASE("a file has the bytes that TensorBoard's own writer gives it") {
  // tensorboard 2.21: RecordWriter, with the serialized Events of the same content.
  constexpr std::string_view recorded =
      "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c4a00000000000000af77dbb009000000000000f83f10ac022a3c"
      "0a110a0a747261696e2f6c6f737315000096420a0f0a08747261696e2f6c72150000003e0a160a0f747261696e2f677261645f6e6f726d1500004040ac9b1bf9";
  test::MemoryFiles files;
  TensorBoardFile file("events", files, fixed_seconds);
  file.step(plain_step(300));
  file.end();
  const std::string bytes = files.files()["events"];
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  CHECK(hex == recorded);
}

TEST_CASE("a picture is an image with its size, channels and bytes, however many") {
  test::MemoryFiles files;
  const std::string png(200'000, 'p');
  TensorBoardFile file("events", files, fixed_seconds);
  file.picture({.step = 7, .name = "samples", .width = 300, .height = 20, .channels = 3, .png = png});
  const std::vector<std::string> events = messages_of(files.files()["events"]);
  REQUIRE(events.size() == 2);
  const auto value = fields_of(fields_of(fields_of(events[1]).find(5)->second).find(1)->second);
  CHECK(value.find(1)->second == "samples");
  const auto image = fields_of(value.find(4)->second);
  CHECK(image.find(1)->second == "20");
  CHECK(image.find(2)->second == "300");
  CHECK(image.find(3)->second == "3");
  CHECK(image.find(4)->second == png);
}

TEST_CASE("records reach the file at each logging interval, when the buffer is full, and at the end") {
  test::MemoryFiles files;
  TensorBoardFile file("events", files, fixed_seconds);
  file.begin({.name = "t", .steps = 1000, .logging_steps = 10});
  for (Index step = 1; step <= 15; ++step) file.step(plain_step(step));
  CHECK(messages_of(files.files()["events"]).size() == 1 + 10);
  file.end();
  CHECK(messages_of(files.files()["events"]).size() == 1 + 15);
  file.begin({.name = "t", .steps = 1000, .logging_steps = 100'000});
  for (Index step = 16; step <= 1000; ++step) file.step(emotional_step(step));
  CHECK(files.files()["events"].size() > 64 * 1024);
  file.end();
  CHECK(messages_of(files.files()["events"]).size() == 1 + 1000);
}

TEST_CASE("a file goes on behind what was synced, with one version event") {
  test::MemoryFiles files;
  std::uint64_t synced = 0;
  {
    TensorBoardFile file("events", files, fixed_seconds);
    file.begin({.name = "t", .steps = 4, .logging_steps = 1});
    file.step(plain_step(1));
    file.step(plain_step(2));
    file.sync();
    synced = file.bytes();
    file.step(plain_step(3));
  }
  CHECK(files.files()["events"].size() > synced);
  {
    TensorBoardFile file("events", synced, files, fixed_seconds);
    file.begin({.name = "t", .steps = 4, .logging_steps = 1});
    file.step(plain_step(3));
  }
  std::vector<std::string> steps;
  const std::vector<std::string> events = messages_of(files.files()["events"]);
  REQUIRE(events.size() == 4);
  for (std::size_t i = 1; i < events.size(); ++i) CHECK(fields_of(events[i]).find(2)->second == std::to_string(i));
  files.create("empty");
  CHECK(TensorBoardFile("empty", 0, files, fixed_seconds).bytes() == 16 + 9 + 15);
}

TEST_CASE("a file is never overwritten, and a write that fails is an error once") {
  test::MemoryFiles files;
  TensorBoardFile file("events", files, fixed_seconds);
  CHECK(kind_of([&] { const TensorBoardFile second("events", files, fixed_seconds); }) == ErrorKind::cannot_create);
  file.begin({.name = "t", .steps = 4, .logging_steps = 1});
  files.fails = [](const std::string& operation, const FileSystem::Path&) { return operation == "write"; };
  CHECK(kind_of([&] { file.step(plain_step(1)); }) == ErrorKind::io);
  file.end();
}

TEST_CASE("names are those that TensorBoard looks for") {
  const std::string name = TensorBoardFile::new_name();
  CHECK(name.starts_with("events.out.tfevents."));
  CHECK(name.ends_with(".0"));
  CHECK(name.find('/') == std::string::npos);
}
