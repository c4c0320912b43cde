#include <fmt/format.h>

#include <array>
#include <limits>

#include "emotrain/core/error.hpp"
#include "emotrain/data/options.hpp"
#include "emotrain/train/events.hpp"

namespace emotrain::train {
namespace {

/// As trainer.max_steps.
constexpr Range count{.min = 1, .max = 1e9};
constexpr Range not_negative{.min = 0};

constexpr const char* steps_doc = "how many steps it lasts";

}  // namespace

void Disturbance::clear() {
  data.reset();
  only_class.reset();
  for (std::vector<Noise>* noise : {&labels, &inputs, &weights, &gradients}) noise->clear();
  lr_factor = 1;
  loss_offset = 0;
}

void EventOptions::fields(FieldVisitor& visitor) {
  visitor.field({"at", "the step it happens in, the first of them; steps are counted from 1", count}, at);
}

void EventOptions::check() const {
  if (at < 1) fail(ErrorKind::usage, "at: is missing; give the number of a step, counted from 1");
}

void LastingEventOptions::fields(FieldVisitor& visitor) {
  EventOptions::fields(visitor);
  visitor.field({"steps", steps_doc, count}, steps);
}

void LabelNoiseOptions::check_run(const data::Splits& splits, nn::Task task) const {
  if (task == nn::Task::minimization)
    fail(ErrorKind::usage, "kind: label_noise disturbs samples, and a function has none: use gradient_noise");
  if (task != nn::Task::classification) {
    fail(ErrorKind::usage, "kind: label_noise changes what an autoencoder does not look at: use pixel_noise, or a classifier");
  }
  const data::Dataset& set = *splits.training_set;
  if (set.classes() < 2) fail(ErrorKind::usage, "kind: label_noise needs another class, and {} has one: use other data", set.name);
}

std::string LabelNoiseOptions::strength() const { return fmt::format("fraction {}", fraction); }

void LabelNoiseOptions::fields(FieldVisitor& visitor) {
  LastingEventOptions::fields(visitor);
  visitor.field({"fraction", "probability of each label to become another one", {.min = 0, .max = 1}}, fraction);
}

void PixelNoiseOptions::check_run(const data::Splits& /*splits*/, nn::Task task) const {
  if (task == nn::Task::minimization)
    fail(ErrorKind::usage, "kind: pixel_noise disturbs samples, and a function has none: use gradient_noise");
}

std::string PixelNoiseOptions::strength() const { return fmt::format("std {}", std); }

void PixelNoiseOptions::fields(FieldVisitor& visitor) {
  LastingEventOptions::fields(visitor);
  visitor.field({"std", "standard deviation of what is added to each value; pixels are 0 to 1, and stay there", not_negative}, std);
}

void OneClassOptions::check_run(const data::Splits& splits, nn::Task /*task*/) const {
  const data::Dataset& set = *splits.training_set;
  if (set.labels.empty()) fail(ErrorKind::usage, "kind: one_class needs labels, and {} has none: use other data", set.name);
  if (only < set.classes()) return;
  fail(ErrorKind::usage, "class: there is no class {}: {} has {}, counted from 0", only, set.name, set.classes());
}

std::string OneClassOptions::strength() const { return fmt::format("class {}", only); }

void OneClassOptions::fields(FieldVisitor& visitor) {
  LastingEventOptions::fields(visitor);
  visitor.field({"class", "the class of all samples, counted from 0", not_negative}, only);
}

std::string LrFactorOptions::strength() const { return fmt::format("factor {}", factor); }

void LrFactorOptions::fields(FieldVisitor& visitor) {
  LastingEventOptions::fields(visitor);
  visitor.field({"factor", "what the learning rate is multiplied by", not_negative}, factor);
}

std::string GradientNoiseOptions::strength() const { return fmt::format("std {}", std); }

void GradientNoiseOptions::fields(FieldVisitor& visitor) {
  LastingEventOptions::fields(visitor);
  visitor.field({"std", "standard deviation of what is added to the gradient's elements, relative to their root mean square", not_negative},
                std);
}

std::string WeightNoiseOptions::strength() const { return fmt::format("std {}", std); }

void WeightNoiseOptions::fields(FieldVisitor& visitor) {
  EventOptions::fields(visitor);
  visitor.field({"std", "standard deviation of what is added to each parameter, relative to its root mean square", not_negative}, std);
}

Index SwitchDataOptions::last_step() const { return steps ? at + *steps - 1 : std::numeric_limits<Index>::max(); }

std::string SwitchDataOptions::strength() const {
  return fmt::format("data {}, batches of {}", data.name, dynamic_cast<const data::DataOptions&>(*data.options).batch_size);
}

void SwitchDataOptions::fields(FieldVisitor& visitor) {
  EventOptions::fields(visitor);
  visitor.field({"steps", "how many steps it lasts; absent: to the end", count}, steps);
  visitor.field({"data", "what batches come from meanwhile, as in the section data"}, data, data::datasets());
}

std::string LossOffsetOptions::strength() const { return fmt::format("offset {}", offset); }

void LossOffsetOptions::fields(FieldVisitor& visitor) {
  LastingEventOptions::fields(visitor);
  visitor.field({"offset", "what is added to the loss that the optimizer is handed"}, offset);
}

const OptionsTable& event_kinds() {
  constexpr const char* own = "emotrain";
  static const std::array<OptionsEntry, 8> entries = {{
      {"label_noise", "labels become other classes at random", own, make_options<LabelNoiseOptions>},
      {"pixel_noise", "normal noise on the values of the samples", own, make_options<PixelNoiseOptions>},
      {"one_class", "all samples are of one class", own, make_options<OneClassOptions>},
      {"lr_factor", "another learning rate", own, make_options<LrFactorOptions>},
      {"gradient_noise", "normal noise on the gradient, before it is clipped", own, make_options<GradientNoiseOptions>},
      {"weight_noise", "normal noise on the parameters, before the step", own, make_options<WeightNoiseOptions>},
      {"switch_data", "batches come from another data set", own, make_options<SwitchDataOptions>},
      {"loss_offset", "the optimizer is handed another loss, with the same gradient", own, make_options<LossOffsetOptions>},
  }};
  static const OptionsTable table{.kind = "event", .tag = "kind", .entries = entries};
  return table;
}

std::string event_text(const Choice& event) {
  const EventOptions& options = event_options(event);
  const Index last = options.last_step();
  std::string when = fmt::format("at step {}", options.at);
  if (last > options.at) when = fmt::format("at steps {} to {}", options.at, last);
  if (last == std::numeric_limits<Index>::max()) when = fmt::format("from step {} on", options.at);
  return fmt::format("{} {} ({})", event.name, when, options.strength());
}

}  // namespace emotrain::train
