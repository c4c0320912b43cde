#include "emotrain/train/run_config.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "emotrain/core/error.hpp"
#include "emotrain/data/options.hpp"
#include "emotrain/nn/model.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/optim/schedule.hpp"
#include "emotrain/train/events.hpp"
#include "emotrain/train/extra_metrics.hpp"

namespace emotrain::train {
namespace {

/// More than any run takes, and less than what wraps around in 32 bits.
constexpr Range count{.min = 1, .max = 1e9};
constexpr std::size_t longest_name = 100;
constexpr const char* best_metrics[] = {"eval_loss", "eval_accuracy", "eval_mse"};
constexpr const char* nonfinite_policies[] = {"stop", "skip", "warn"};

bool plain(char c) {
  constexpr std::string_view others = "._-+=";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
}

}  // namespace

void check_plain_name(const std::string& name) {
  if (!name.empty() && name.size() <= longest_name && name.front() != '.' && std::ranges::all_of(name, plain)) return;
  fail(ErrorKind::usage, "name: it names files: use 1 to {} letters, digits and any of ._-+= and no dot at the start", longest_name);
}

void TrainerOptions::fields(FieldVisitor& visitor) {
  visitor.field({"num_train_epochs", "passes over the training samples", count}, num_train_epochs);
  visitor.field({"max_steps", "number of steps; wins over num_train_epochs", count}, max_steps);
  visitor.field({"gradient_accumulation_steps", "batches of a step, which takes the mean of their gradients and losses", count},
                gradient_accumulation_steps);
  visitor.field({"eval_steps", "steps between evaluations; absent: each epoch; 0: only at the end", {.min = 0, .max = count.max}},
                eval_steps);
  visitor.field({"eval_batch_size", "samples per batch of an evaluation", {.min = 1, .max = 65536}}, eval_batch_size);
  visitor.field({"logging_steps", "steps between lines of progress, and between writes to metrics.jsonl", count}, logging_steps);
  visitor.field({"detail_steps",
                 "steps between records of how far each layer moved; absent: ever more, with the steps; 0: none",
                 {.min = 0, .max = count.max}},
                detail_steps);
  visitor.field({"max_grad_norm", "greatest L2 norm of the gradient; a greater one is scaled to it; absent: any", {.above = 0}},
                max_grad_norm);
  visitor.field({"max_grad_value", "greatest size of an element of the gradient; a greater one is set to it; absent: any", {.above = 0}},
                max_grad_value);
  visitor.field({"save_steps", "steps between checkpoints; 0: only of best evaluations and the last step", {.min = 0, .max = count.max}},
                save_steps);
  visitor.field({"save_total_limit", "checkpoints to keep, besides the best; absent: all", count}, save_total_limit);
  visitor.field({"metric_for_best_model", "evaluation whose best value gets a checkpoint", {}, best_metrics}, metric_for_best_model);
  visitor.field({"extra_metrics",
                 "what evaluations measure besides: errors by frequency, by principal component, in colour; overfitting",
                 {},
                 extra_metric_names},
                extra_metrics);
  visitor.field(
      {"on_nonfinite", "what a loss or gradient that is not finite does: end the run, skip the update, only warn", {}, nonfinite_policies},
      on_nonfinite);
  visitor.field({"stop_on_quiet", "end the run when the optimizer raises should_stop"}, stop_on_quiet);
  visitor.field({"threads", "threads to compute with; 0: one per core. Results do not depend on it", {.min = 0, .max = 1024}}, threads);
}

void TrainerOptions::check() const {
  if (std::set<std::string>(extra_metrics.begin(), extra_metrics.end()).size() != extra_metrics.size())
    fail(ErrorKind::usage, "extra_metrics: one is given twice; remove it");
}

RunConfig::RunConfig()
    : data(data::datasets().choose("mnist")),
      model(nn::models().choose("mlp")),
      loss(nn::losses().choose("cross_entropy")),
      optimizer(optim::optimizers().choose("emonavi")),
      scheduler(optim::schedulers().choose("constant")) {}

void RunConfig::fields(FieldVisitor& visitor) {
  visitor.field({.key = "$schema", .doc = "JSON Schema of this file, for editors; ignored", .written_if_given = true}, schema);
  visitor.field({"schema_version", "what the keys mean; there is one version", {.min = 1, .max = 1}}, schema_version);
  visitor.field({"name", "names the run's directory: runs/<name>-<n>"}, name);
  visitor.field({"seed", "of weights, order of samples, dropout, latent noise", {.min = 0}}, seed);
  visitor.field({"data", "what is learned from"}, data, data::datasets());
  visitor.field({"model", "what learns"}, model, nn::models());
  visitor.field({"loss", "what is minimized"}, loss, nn::losses());
  visitor.field({"optimizer", "how"}, optimizer, optim::optimizers());
  visitor.field({"scheduler", "the learning rate of each step"}, scheduler, optim::schedulers());
  visitor.field({"trainer", "how long, and how often to look"}, trainer);
  visitor.field({"events", "what disturbs some of the steps"}, events, event_kinds());
}

void RunConfig::check() const { check_plain_name(name); }

}  // namespace emotrain::train
