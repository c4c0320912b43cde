#pragma once
#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "emotrain/nn/layer_options.hpp"
#include "emotrain/nn/models.hpp"

/// Options written as in a configuration: `layer("conv2d", {{"out_channels", 8}, {"padding", 1}})`.
namespace emotrain::test {

struct Setting {
  std::string key;
  std::variant<double, std::string, std::vector<Index>, std::vector<double>> value;
};
using Settings = std::vector<Setting>;

/// Gives the fields that are named their values.
class Setter final : public FieldVisitor {
 public:
  explicit Setter(const Settings& settings) : settings_(settings) {}

  void field(const Field& f, bool& value) override {
    set<double>(f, [&](double v) { value = v != 0; });
  }
  void field(const Field& f, Index& value) override {
    set<double>(f, [&](double v) { value = static_cast<Index>(v); });
  }
  void field(const Field& f, double& value) override {
    set<double>(f, [&](double v) { value = v; });
  }
  void field(const Field& f, std::string& value) override {
    set<std::string>(f, [&](const std::string& v) { value = v; });
  }
  void field(const Field& f, std::array<double, 2>& /*value*/) override { none(f); }
  void field(const Field& f, std::vector<Index>& value) override {
    set<std::vector<Index>>(f, [&](const auto& v) { value = v; });
  }
  void field(const Field& f, std::vector<double>& value) override {
    set<std::vector<double>>(f, [&](const auto& v) { value = v; });
  }
  void field(const Field& f, std::optional<Index>& value) override {
    set<double>(f, [&](double v) { value = static_cast<Index>(v); });
  }
  void field(const Field& f, std::optional<double>& value) override {
    set<double>(f, [&](double v) { value = v; });
  }
  void field(const Field& f, std::optional<std::string>& value) override {
    set<std::string>(f, [&](const std::string& v) { value = v; });
  }
  void field(const Field& f, std::vector<std::string>& /*value*/) override { none(f); }
  void field(const Field& f, OptionalOptions& /*value*/) override { none(f); }
  void field(const Field& f, OptionsList& /*value*/) override { none(f); }
  void field(const Field& f, Options& /*value*/) override { none(f); }
  void field(const Field& f, Choice& /*value*/, const OptionsTable& /*table*/) override { none(f); }
  void field(const Field& f, std::vector<Choice>& /*value*/, const OptionsTable& /*table*/) override { none(f); }

  std::size_t used() const { return used_; }

 private:
  template <class T, class Assign>
  void set(const Field& f, Assign&& assign) {
    for (const Setting& setting : settings_) {
      if (setting.key != f.key) continue;
      assign(std::get<T>(setting.value));
      ++used_;
    }
  }
  void none(const Field& f) {
    for (const Setting& setting : settings_) REQUIRE(setting.key != f.key);
  }

  const Settings& settings_;
  std::size_t used_ = 0;
};

/// A row of the table with these values; every key must be one of its fields.
inline Choice choose(const OptionsTable& table, const std::string& name, const Settings& settings) {
  CAPTURE(name);
  const OptionsEntry* entry = table.find(name);
  REQUIRE(entry != nullptr);
  Choice choice{name, entry->make()};
  Setter setter(settings);
  choice.options->fields(setter);
  REQUIRE(setter.used() == settings.size());
  return choice;
}

struct LayerText {
  std::string type;
  Settings settings = {};
};
using LayerTexts = std::vector<LayerText>;

inline std::unique_ptr<nn::SequentialOptions> sequential(const LayerTexts& texts) {
  auto options = std::make_unique<nn::SequentialOptions>();
  for (const LayerText& text : texts) options->layers.push_back(choose(nn::layers(), text.type, text.settings));
  return options;
}

/// Any model: a row of models() with settings, or `sequential` with layers.
struct ModelText {
  std::string name;
  Settings settings = {};
  LayerTexts layers = {};
};

inline std::unique_ptr<nn::ModelOptions> model_options(const ModelText& text) {
  Choice choice = choose(nn::models(), text.name, text.settings);
  if (auto* sequential_options = dynamic_cast<nn::SequentialOptions*>(choice.options.get())) {
    sequential_options->layers = std::move(sequential(text.layers)->layers);
  }
  auto* model = dynamic_cast<nn::ModelOptions*>(choice.options.release());
  REQUIRE(model != nullptr);
  return std::unique_ptr<nn::ModelOptions>(model);
}

inline std::unique_ptr<nn::Model> build(const ModelText& text, const Shape& sample, Index classes, std::uint64_t seed = 1) {
  return model_options(text)->build(sample, classes, seed);
}

inline std::vector<nn::NamedTensor> parameters_of(const nn::Module& module) {
  std::vector<nn::NamedTensor> out;
  module.parameters("", out);
  return out;
}

inline std::vector<nn::NamedTensor> buffers_of(const nn::Module& module) {
  std::vector<nn::NamedTensor> out;
  module.buffers("", out);
  return out;
}

/// A batch of normal numbers, a pure function of (substream, shape).
inline Tensor normal_batch(const Shape& shape, std::uint32_t substream = 0) {
  Tensor x = Tensor::empty(shape);
  fill_normal({.seed = 5, .stream = Stream::test, .substream = substream}, 0, x.data(), x.size(), 0, 1);
  return x;
}

inline Shape batch_shape(Index n, const Shape& sample) {
  Shape shape{n};
  for (const Index extent : sample) shape.push_back(extent);
  return shape;
}

}  // namespace emotrain::test
