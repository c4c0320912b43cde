#include "opened_model.hpp"

#include "emotrain/core/error.hpp"
#include "emotrain/core/threads.hpp"

namespace train = emotrain::train;
using emotrain::Error;
using emotrain::ErrorKind;

std::unique_ptr<OpenedModel> open_model(const std::string& path, const std::vector<std::string>& overrides) {
  train::ModelSource source = train::find_model(emotrain::disk(), path);
  // On the heap: the trainer refers to the configuration, which must not move.
  std::unique_ptr<OpenedModel> opened(
      new OpenedModel{source, emotrain::config::load_run_config(source.config.string(), overrides), nullptr});
  const auto& config = opened->loaded.config;
  emotrain::set_threads(static_cast<int>(config.trainer.threads));
  try {
    opened->trainer = train::open_model(config, opened->source);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    throw Error(ErrorKind::usage, emotrain::config::with_place(opened->loaded, error.what()));
  }
  return opened;
}
