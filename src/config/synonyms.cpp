#include "config/synonyms.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/field_keys.hpp"
#include "emotrain/config/suggestion.hpp"
#include "emotrain/train/run_config.hpp"

namespace emotrain::config {
namespace {

constexpr std::pair<std::string_view, std::string_view> synonyms[] = {
    {"learning_rate", "optimizer.lr"},
    {"optim", "optimizer.name"},
    {"lr_scheduler_type", "scheduler.name"},
    {"lr_scheduler", "scheduler.name"},
    {"per_device_train_batch_size", "data.batch_size"},
    {"train_batch_size", "data.batch_size"},
    {"per_device_eval_batch_size", "trainer.eval_batch_size"},
    {"val_split", "data.validation_fraction"},
    {"validation_split", "data.validation_fraction"},
    {"epochs", "trainer.num_train_epochs"},
    {"max_epochs", "trainer.num_train_epochs"},
    {"num_epochs", "trainer.num_train_epochs"},
    {"steps", "trainer.max_steps"},
    {"num_steps", "trainer.max_steps"},
    {"val_check_interval", "trainer.eval_steps"},
    {"log_every_n_steps", "trainer.logging_steps"},
    {"gradient_clip_val", "trainer.max_grad_norm"},
    {"clip_grad_norm", "trainer.max_grad_norm"},
    {"grad_clip", "trainer.max_grad_norm"},
    {"accumulate_grad_batches", "trainer.gradient_accumulation_steps"},
    {"accumulation_steps", "trainer.gradient_accumulation_steps"},
    {"warmup_ratio", "scheduler.warmup_steps"},
    {"eval_strategy", "trainer.eval_steps"},
    {"evaluation_strategy", "trainer.eval_steps"},
    {"save_strategy", "trainer.save_steps"},
    {"random_state", "seed"},
    {"random_seed", "seed"},
};

/// The key alone, or with its section.
bool is_called(const std::string& path, const std::string& key) { return path == key || path.ends_with("." + key); }

}  // namespace

std::string_view known_elsewhere_as(std::string_view key) {
  const auto found = std::ranges::find(synonyms, key, &std::pair<std::string_view, std::string_view>::first);
  return found == std::end(synonyms) ? std::string_view() : found->second;
}

std::optional<std::string> key_meant(std::string_view option) {
  std::string key(option.substr(std::min(option.find_first_not_of('-'), option.size())));
  std::ranges::replace(key, '-', '_');
  if (const std::string_view synonym = known_elsewhere_as(key); !synonym.empty()) return std::string(synonym);
  train::RunConfig config;
  const std::vector<std::string> paths = field_paths(config);
  const auto found = std::ranges::find_if(paths, [&](const std::string& path) { return is_called(path, key); });
  return found == paths.end() || key.empty() ? std::nullopt : std::optional(*found);
}

}  // namespace emotrain::config
