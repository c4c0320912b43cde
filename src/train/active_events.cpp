#include "train/active_events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "emotrain/data/options.hpp"
#include "train/sections.hpp"
#include "train/smallest_batch.hpp"

namespace emotrain::train {
namespace {

bool overlap(const EventOptions& a, const EventOptions& b) { return a.at <= b.last_step() && b.at <= a.last_step(); }

const OneClassOptions* one_class(const Choice& event) { return dynamic_cast<const OneClassOptions*>(event.options.get()); }
const SwitchDataOptions* switch_data(const Choice& event) { return dynamic_cast<const SwitchDataOptions*>(event.options.get()); }

/// Whether the model can be trained on it, as on the run's own data.
void check_data(const data::Dataset& set, const data::Dataset& own, nn::Task task, const std::string& section) {
  if (set.sample_shape != own.sample_shape) {
    fail(ErrorKind::usage, "/{}: {} has samples of shape {}, and the model was built for {} as in {}: choose data of that shape", section,
         set.name, set.sample_shape, own.sample_shape, own.name);
  }
  if (task != nn::Task::classification) return;
  if (set.labels.empty())
    fail(ErrorKind::usage, "/{}: {} has no labels, and the model needs them: choose data with labels", section, set.name);
  if (set.classes() == own.classes()) return;
  fail(ErrorKind::usage, "/{}: {} has {} classes, and the model was built for {} as in {}: choose data with as many", section, set.name,
       set.classes(), own.classes(), own.name);
}

/// A uniform number below `count`, of random bits. The bias is below 2^-32 count.
std::size_t pick(std::uint32_t bits, std::size_t count) { return static_cast<std::size_t>(std::uint64_t{bits} * count >> 32U); }

}  // namespace

ActiveEvents::Other::Other(std::shared_ptr<const data::Dataset> its_set, data::Batches its_batches)
    : set(std::move(its_set)), batches(std::move(its_batches)), loader(*set, batches.batch_size()) {}

ActiveEvents::ActiveEvents(const RunConfig& config, const Own& own, nn::Model& model)
    : config_(config), seed_(static_cast<std::uint64_t>(config.seed)), classes_(own.splits.training_set->classes()) {
  const std::size_t count = config.events.size();
  sources_.resize(count + 1);
  set_source(count, *own.splits.training_set, own.splits.train, own.batches, own.loader);
  for (std::size_t i = 0; i < count; ++i) {
    in_section(fmt::format("events/{}", i), [&] { event_options(config.events[i]).check_run(own.splits, model.task()); });
    if (switch_data(config.events[i]) != nullptr) load_other(i, own, model);
  }
  check_classes();
  kinds_.reserve(count);
  for (std::vector<Noise>* noise : {&now_.labels, &now_.inputs, &now_.weights, &now_.gradients}) noise->reserve(count);
}

void ActiveEvents::set_source(std::size_t number, const data::Dataset& set, std::span<const std::int32_t> train, data::Batches& batches,
                              BatchLoader& loader) {
  Source source{.set = &set, .batches = &batches, .loader = &loader, .by_class = {}};
  if (std::ranges::any_of(config_.events, one_class)) {
    source.by_class.resize(static_cast<std::size_t>(set.classes()));
    for (const std::int32_t index : train) {
      if (!set.labels.empty()) source.by_class[static_cast<std::size_t>(set.labels[static_cast<std::size_t>(index)])].push_back(index);
    }
  }
  const auto largest = static_cast<std::size_t>(batches.batch_size());
  indices_.resize(std::max(indices_.size(), largest));
  labels_.resize(indices_.size());
  sources_[number] = std::move(source);
}

void ActiveEvents::load_other(std::size_t event, const Own& own, nn::Model& model) {
  const std::string section = fmt::format("events/{}/data", event);
  const auto& options = options_of<data::DataOptions>(switch_data(config_.events[event])->data);
  const data::Splits splits = in_section(section, [&] { return data::load_splits(options); });
  check_data(*splits.training_set, *own.splits.training_set, model.task(), section);
  others_.push_back(std::make_unique<Other>(
      splits.training_set, in_section(section, [&] { return data::Batches(splits.train, options.batch_size, options.shuffle, seed_); })));
  Other& other = *others_.back();
  try_smallest_batch(model, other.batches, other.set->sample_shape, section);
  set_source(event, *other.set, splits.train, other.batches, other.loader);
}

/// That each class that an event asks for has samples in all data that may be its source.
void ActiveEvents::check_classes() const {
  for (std::size_t i = 0; i < config_.events.size(); ++i) {
    const OneClassOptions* event = one_class(config_.events[i]);
    if (event == nullptr) continue;
    for (std::size_t s = 0; s < sources_.size(); ++s) {
      const Source& source = sources_[s];
      const bool is_own = s + 1 == sources_.size();
      if (source.set == nullptr || (!is_own && !overlap(*event, event_options(config_.events[s])))) continue;
      const auto only = static_cast<std::size_t>(event->only);
      if (only < source.by_class.size() && !source.by_class[only].empty()) continue;
      fail(ErrorKind::usage, "/events/{}/class: {} has no training sample of class {}: choose another class", i, source.set->name, only);
    }
  }
}

void ActiveEvents::begin(TrainingStep::Work& work) {
  now_.clear();
  kinds_.clear();
  for (std::size_t i = 0; i < config_.events.size(); ++i) {
    const Choice& event = config_.events[i];
    if (!event_options(event).is_active(work.step)) continue;
    event_options(event).add(static_cast<Index>(i), now_);
    if (std::ranges::find(kinds_, event.name) == kinds_.end()) kinds_.emplace_back(event.name);
  }
  work.learning_rate *= now_.lr_factor;
  work.loss_offset = now_.loss_offset;
  work.weight_noise = now_.weights;
  work.gradient_noise = now_.gradients;
}

nn::Batch ActiveEvents::load(Index number) {
  const Source& source = now_.data ? sources_[static_cast<std::size_t>(*now_.data)] : sources_.back();
  std::span<const std::int32_t> indices = source.batches->at(number).indices;
  if (now_.only_class) indices = draw(source, number, indices.size());
  nn::Batch batch = source.loader->load(indices);
  add_input_noise(batch, number, !source.set->bytes.empty());
  add_label_noise(batch, number);
  return batch;
}

std::span<const std::int32_t> ActiveEvents::draw(const Source& source, Index number, std::size_t count) {
  const auto& [event, label] = *now_.only_class;
  const std::vector<std::int32_t>& samples = source.by_class[static_cast<std::size_t>(label)];
  for (std::size_t i = 0; i < count; ++i) {
    indices_[i] = samples[pick(random_bits({seed_, Stream::event}, event_step(event, number), i), samples.size())];
  }
  return std::span(indices_).first(count);
}

void ActiveEvents::add_input_noise(const nn::Batch& batch, Index number, bool is_image) const {
  if (now_.inputs.empty()) return;
  for (const auto& [event, std] : now_.inputs) {
    add_normal({seed_, Stream::event}, event_step(event, number), batch.x.values(), std);
  }
  if (!is_image) return;
  for (Real& value : batch.x.values()) value = std::clamp(value, Real(0), Real(1));
}

void ActiveEvents::add_label_noise(nn::Batch& batch, Index number) {
  if (now_.labels.empty()) return;
  std::ranges::copy(batch.labels, labels_.begin());
  const std::size_t others = static_cast<std::size_t>(classes_) - 1;
  for (const auto& [event, fraction] : now_.labels) {
    for (std::size_t i = 0; i < batch.labels.size(); ++i) {
      const std::uint64_t step = event_step(event, number);
      if (random_bits({seed_, Stream::event, 0}, step, i) * 0x1p-32 >= fraction) continue;
      const std::size_t further = 1 + pick(random_bits({seed_, Stream::event, 1}, step, i), others);
      labels_[i] = static_cast<std::int32_t>((static_cast<std::size_t>(labels_[i]) + further) % (others + 1));
    }
  }
  batch.labels = std::span(labels_).first(batch.labels.size());
}

std::vector<std::shared_ptr<const data::Dataset>> ActiveEvents::sets() const {
  std::vector<std::shared_ptr<const data::Dataset>> out;
  for (const auto& other : others_) out.push_back(other->set);
  return out;
}

}  // namespace emotrain::train
