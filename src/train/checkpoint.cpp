#include "emotrain/train/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ranges>

#include "emotrain/core/error.hpp"
#include "train/sha256.hpp"
#include "train/trainer_state_json.hpp"

namespace emotrain::train {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view name_prefix = "checkpoint-";
constexpr std::string_view hidden_suffix = ".part";
constexpr const char* model_file = "model.safetensors";
constexpr const char* optimizer_file = "optimizer.safetensors";
constexpr const char* state_file = "trainer_state.json";

fs::path hidden(const std::string& name) { return fmt::format(".{}{}", name, hidden_suffix); }

/// Writes a file and brings it to the disk; tells its size and sum.
template <class Write>
FileSum write_synced(FileSystem& files, const fs::path& path, Write&& write_to) {
  const auto file = files.create(path);
  Sha256 sum;
  write_to([&](const void* bytes, std::size_t size) {
    file->write(bytes, size);
    sum.update(bytes, size);
  });
  file->sync();
  return {file->size(), sum.hex()};
}

TensorFile optimizer_content(const Checkpoint& checkpoint, const std::vector<std::string>& names) {
  TensorFile content;
  for (const optim::StateSlot& slot : checkpoint.slots) {
    content.tensors.push_back({fmt::format("state/{}/{}", names.at(slot.parameter), slot.name), slot.value});
  }
  for (const optim::StateNumbers& numbers : checkpoint.numbers) content.numbers.push_back({"numbers/" + numbers.name, numbers.values});
  return content;
}

void take_optimizer_content(const fs::path& path, TensorFile&& content, const std::vector<std::string>& names, Checkpoint& checkpoint) {
  for (nn::NamedTensor& tensor : content.tensors) {
    constexpr std::string_view prefix = "state/";
    const auto slash = tensor.name.find('/', prefix.size());
    const bool named = tensor.name.starts_with(prefix) && slash != std::string::npos;
    const auto name = named ? std::ranges::find(names, tensor.name.substr(prefix.size(), slash - prefix.size())) : names.end();
    if (name == names.end()) {
      fail(ErrorKind::data, "{}: {} is the state of no parameter of the model; this is not the run's checkpoint", path.string(),
           tensor.name);
    }
    checkpoint.slots.push_back({tensor.name.substr(slash + 1), static_cast<std::size_t>(name - names.begin()), tensor.value});
  }
  for (optim::StateNumbers& numbers : content.numbers) {
    constexpr std::string_view prefix = "numbers/";
    if (!numbers.name.starts_with(prefix)) fail(ErrorKind::data, "{}: {} is no number of an optimizer", path.string(), numbers.name);
    checkpoint.numbers.push_back({numbers.name.substr(prefix.size()), std::move(numbers.values)});
  }
}

std::string not_as_written(const fs::path& path) { return path.string() + ": its bytes are not those that were written"; }

fs::path without_slash(const fs::path& path) { return path.has_filename() ? path : path.parent_path(); }

/// The run whose checkpoint it is: as the path says, which need not name it (`.` inside a checkpoint), or where the directory really is.
/// Empty: it is in no run.
fs::path run_of(const FileSystem& files, const fs::path& checkpoint) {
  const fs::path real = files.real_path(checkpoint);
  for (const fs::path& path : {checkpoint, real}) {
    const fs::path run = without_slash((path / ".." / "..").lexically_normal());
    const fs::path place = run / "checkpoints" / real.filename();
    if (files.is_directory(place) && files.real_path(place) == real) return run;
  }
  return {};
}

}  // namespace

std::string CheckpointDirectory::name_of(Index step) { return fmt::format("{}{}", name_prefix, step); }

std::optional<Index> CheckpointDirectory::step_of(const std::string& name) {
  if (!name.starts_with(name_prefix)) return std::nullopt;
  const char* first = name.data() + name_prefix.size();
  const char* last = name.data() + name.size();
  Index step = 0;
  const auto [end, error] = std::from_chars(first, last, step);
  return error == std::errc{} && end == last && step >= 0 ? std::optional(step) : std::nullopt;
}

std::vector<Index> CheckpointDirectory::steps() const {
  std::vector<Index> steps;
  if (!files_.exists(path_)) return steps;
  if (!files_.is_directory(path_)) fail(ErrorKind::missing, "{}: leads to no directory just now; bring it back", path_.string());
  for (const std::string& name : files_.list(path_)) {
    const auto step = step_of(name);
    if (step && files_.is_directory(path_ / name)) steps.push_back(*step);
  }
  std::ranges::sort(steps);
  return steps;
}

void CheckpointDirectory::write(const Checkpoint& checkpoint, const std::vector<std::string>& parameter_names) {
  if (files_.create_directory(path_)) files_.sync_directory(path_.parent_path());
  const std::string name = name_of(checkpoint.state.global_step);
  const fs::path part = path_ / hidden(name);
  files_.remove(part);
  files_.create_directory(part);
  const FileSum model = write_synced(files_, part / model_file, [&](auto&& write) { encode_safetensors({checkpoint.weights}, write); });
  const FileSum optimizer = write_synced(files_, part / optimizer_file,
                                         [&](auto&& write) { encode_safetensors(optimizer_content(checkpoint, parameter_names), write); });
  const std::string state = state_text({checkpoint.state, model, optimizer});
  write_synced(files_, part / state_file, [&](auto&& write) { write(state.data(), state.size()); });
  files_.sync_directory(part);
  if (files_.exists(path_ / name)) remove(checkpoint.state.global_step);
  files_.rename(part, path_ / name);
  files_.sync_directory(path_);
  point("last", checkpoint.state.global_step);
}

void CheckpointDirectory::point(const std::string& link, Index step) {
  const fs::path part = path_ / hidden(link);
  files_.remove(part);
  // The links are for people: manifest.json names the best checkpoint too.
  if (!files_.create_symlink(name_of(step), part)) return;
  files_.rename(part, path_ / link);
  files_.sync_directory(path_);
}

/// Under its own name it is never there in part.
void CheckpointDirectory::remove(Index step) {
  const fs::path part = path_ / hidden("removed-" + name_of(step));
  files_.remove(part);
  files_.rename(path_of(step), part);
  files_.sync_directory(path_);
  files_.remove(part);
}

void CheckpointDirectory::prune(Index limit, std::optional<Index> best) {
  const std::vector<Index> all = steps();
  auto left = static_cast<Index>(all.size());
  for (const Index step : all) {
    if (left <= std::max<Index>(limit, 1) || step == all.back()) return;
    if (step == best) continue;
    remove(step);
    --left;
  }
}

void CheckpointDirectory::cut_behind(const TrainerState& state) {
  if (!files_.is_directory(path_)) return;
  for (const std::string& name : files_.list(path_)) {
    if (name.starts_with('.') && name.ends_with(hidden_suffix)) files_.remove(path_ / name);
  }
  for (const Index behind : steps()) {
    if (behind > state.global_step) remove(behind);
  }
  point("last", state.global_step);
  if (state.best && files_.exists(path_of(state.best->step))) {
    point_best(state.best->step);
  } else {
    files_.remove(path_ / "best");
  }
}

std::string fault_of_checkpoint(const FileSystem& files, const fs::path& checkpoint) {
  try {
    const fs::path state = checkpoint / state_file;
    const std::string text = files.read(state);
    const StateDocument document = parse_state(state, text);
    if (!state_is_whole(text)) return not_as_written(state);
    const auto named = CheckpointDirectory::step_of(checkpoint.filename().string());
    if (named && *named != document.state.global_step) {
      return fmt::format("{}: its state is that of step {}", checkpoint.string(), document.state.global_step);
    }
    const std::pair<const char*, const FileSum*> parts[] = {{model_file, &document.model}, {optimizer_file, &document.optimizer}};
    for (const auto& [name, sum] : parts) {
      const fs::path path = checkpoint / name;
      const std::uint64_t bytes = files.open(path)->size();
      if (bytes != sum->bytes) return fmt::format("{}: has {} bytes instead of {}", path.string(), bytes, sum->bytes);
      if (sha256_of_file(path, files) != sum->sha256) return not_as_written(path);
    }
  } catch (const Error& error) {
    // That it cannot be read now says nothing about what it holds.
    if (error.kind() == ErrorKind::io) throw;
    return error.what();
  }
  return {};
}

TrainerState read_trainer_state(const FileSystem& files, const fs::path& checkpoint) {
  const fs::path path = checkpoint / state_file;
  return parse_state(path, files.read(path)).state;
}

Checkpoint read_checkpoint(const FileSystem& files, const fs::path& checkpoint, const std::vector<std::string>& parameter_names) {
  if (const std::string fault = fault_of_checkpoint(files, checkpoint); !fault.empty()) {
    fail(files.exists(checkpoint / state_file) ? ErrorKind::data : ErrorKind::missing, "{}", fault);
  }
  Checkpoint result{.state = read_trainer_state(files, checkpoint),
                    .weights = read_safetensors(checkpoint / model_file, files),
                    .slots = {},
                    .numbers = {}};
  take_optimizer_content(checkpoint / optimizer_file, read_tensor_file(checkpoint / optimizer_file, files), parameter_names, result);
  return result;
}

std::optional<FoundCheckpoint> newest_checkpoint(const FileSystem& files, const fs::path& run, FunctionRef<void(const std::string&)> warn,
                                                 Index until) {
  // Only its const members are called.
  const CheckpointDirectory directory(const_cast<FileSystem&>(files), run);
  for (const Index step : std::views::reverse(directory.steps())) {
    if (step > until) continue;
    const fs::path path = directory.path_of(step);
    const std::string fault = fault_of_checkpoint(files, path);
    if (fault.empty()) return FoundCheckpoint{run, path};
    warn(fmt::format("{}; going back to an earlier checkpoint", fault));
  }
  return std::nullopt;
}

FoundCheckpoint find_checkpoint(const FileSystem& files, const fs::path& given) {
  fs::path path = files.follow(without_slash(given.lexically_normal()));
  if (files.kind(path) == FileSystem::Kind::none) {
    fail(ErrorKind::missing, "{}: there is no such checkpoint or run; check the path", given.string());
  }
  if (files.exists(path / state_file)) return {run_of(files, path), path};
  const auto newest = newest_checkpoint(files, path, [](const std::string&) {});
  if (!newest) {
    fail(ErrorKind::missing, "{}: holds no complete checkpoint; give {}", given.string(),
         files.exists(path / "manifest.json")
             ? "one of another run, or start this one again with --config FILE --output-dir DIR --resume auto"
             : "a checkpoint, or the directory of a run that has one");
  }
  return *newest;
}

}  // namespace emotrain::train
