#include "train/trainer_state_json.hpp"

#include <nlohmann/json.hpp>
#include <cmath>
#include <limits>

#include "emotrain/core/error.hpp"
#include "train/sha256.hpp"

namespace emotrain::train {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* format = "emotrain-checkpoint/1";

/// JSON has no infinity and no NaN: null.
ordered_json number_or_null(double value) { return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr); }

ordered_json entry_of(const FileSum& sum) { return {{"bytes", sum.bytes}, {"sha256", sum.sha256}}; }

constexpr std::string_view sum_key = ",\n  \"sha256\": ";

/// What follows `text`, to the end of the object.
std::string sum_line(std::string_view text) {
  Sha256 sum;
  sum.update(text.data(), text.size());
  return fmt::format("{}\"{}\"\n}}\n", sum_key, sum.hex());
}

class Reader {
 public:
  Reader(const std::filesystem::path& path, const json& object) : path_(path), object_(object) {}

  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> text, Args&&... args) const {
    fail(ErrorKind::data, "{}: not the state of a checkpoint: {}", path_.string(), fmt::format(text, std::forward<Args>(args)...));
  }
  const json& member(const char* key) const {
    if (!object_.is_object() || !object_.contains(key)) refuse("{} is missing", key);
    return object_[key];
  }
  Reader group(const char* key) const { return {path_, member(key)}; }
  bool has(const char* key) const { return !member(key).is_null(); }
  Index count(const char* key) const {
    const json& value = member(key);
    if (!value.is_number_integer() || value < 0 || value > std::numeric_limits<Index>::max())
      refuse("{} is {}, no count", key, value.dump());
    return value.get<Index>();
  }
  double number(const char* key, double if_null) const {
    const json& value = member(key);
    if (value.is_null()) return if_null;
    if (!value.is_number()) refuse("{} is {}, no number", key, value.dump());
    return value.get<double>();
  }
  std::string text(const char* key) const {
    const json& value = member(key);
    if (!value.is_string()) refuse("{} is {}, no string", key, value.dump());
    return value.get<std::string>();
  }
  FileSum sum() const { return {static_cast<std::uint64_t>(count("bytes")), text("sha256")}; }

 private:
  const std::filesystem::path& path_;
  const json& object_;
};

}  // namespace

std::string state_text(const StateDocument& document) {
  const TrainerState& state = document.state;
  ordered_json best = nullptr;
  if (state.best) best = {{"metric", state.best->metric}, {"value", state.best->value}, {"step", state.best->step}};
  const ordered_json json{
      {"format", format},
      {"global_step", state.global_step},
      {"updates", state.updates},
      {"epoch", state.epoch},
      {"loss", number_or_null(state.loss)},
      {"evaluated", state.evaluated},
      {"should_stop_at", state.should_stop_at ? ordered_json(*state.should_stop_at) : ordered_json(nullptr)},
      {"schedule",
       {{"lr", state.schedule.lr},
        {"best", number_or_null(state.schedule.best)},
        {"num_bad_epochs", state.schedule.num_bad_epochs},
        {"cooldown_counter", state.schedule.cooldown_counter}}},
      {"best", best},
      {"best_model_checkpoint", state.best ? ordered_json(CheckpointDirectory::name_of(state.best->step)) : ordered_json(nullptr)},
      {"seconds", state.seconds},
      {"metrics", {{"file", "metrics.jsonl"}, {"bytes", state.metrics_bytes}}},
      {"events", {{"file", state.events_file}, {"bytes", state.events_bytes}}},
      {"files", {{"model.safetensors", entry_of(document.model)}, {"optimizer.safetensors", entry_of(document.optimizer)}}}};
  std::string text = json.dump(2);
  text.resize(text.size() - std::string_view("\n}").size());
  return text + sum_line(text);
}

bool state_is_whole(std::string_view text) {
  const auto sum = text.rfind(sum_key);
  return sum == std::string_view::npos || text.substr(sum) == sum_line(text.substr(0, sum));
}

StateDocument parse_state(const std::filesystem::path& path, std::string_view text) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const json root = json::parse(text, nullptr, false);
  const Reader in(path, root);
  if (!root.is_object() || in.text("format") != format) in.refuse("it is no JSON object of format {}", format);
  TrainerState state{.global_step = in.count("global_step"),
                     .updates = in.count("updates"),
                     .epoch = in.number("epoch", 0),
                     .loss = in.number("loss", std::numeric_limits<double>::quiet_NaN()),
                     .evaluated = in.count("evaluated"),
                     .should_stop_at = {},
                     .schedule = {},
                     .best = {},
                     .seconds = in.number("seconds", 0),
                     .metrics_bytes = static_cast<std::uint64_t>(in.group("metrics").count("bytes")),
                     .events_file = in.group("events").text("file"),
                     .events_bytes = static_cast<std::uint64_t>(in.group("events").count("bytes"))};
  if (in.has("should_stop_at")) state.should_stop_at = in.count("should_stop_at");
  const Reader schedule = in.group("schedule");
  state.schedule = {.lr = schedule.number("lr", 0),
                    .best = schedule.number("best", infinity),
                    .num_bad_epochs = schedule.count("num_bad_epochs"),
                    .cooldown_counter = schedule.count("cooldown_counter")};
  if (in.has("best")) {
    const Reader best = in.group("best");
    state.best = {best.text("metric"), best.number("value", infinity), best.count("step")};
  }
  // It names a file of the run's directory, nothing elsewhere.
  if (state.events_file.find('/') != std::string::npos) in.refuse("events.file is {}, no plain file name", state.events_file);
  const Reader files = in.group("files");
  return {std::move(state), files.group("model.safetensors").sum(), files.group("optimizer.safetensors").sum()};
}

}  // namespace emotrain::train
