#pragma once
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "emotrain/optim/optimizer.hpp"

/// Fills the options of an optimizer from the `optimizer` object of a recorded trace; every key must be a field.
class FromJson final : public emotrain::FieldVisitor {
 public:
  explicit FromJson(const nlohmann::json& object) : object_(object) {
    for (const auto& [key, value] : object.items()) unused_.insert(key);
    unused_.erase("name");
  }

  const std::set<std::string>& unused() const { return unused_; }

  void field(const emotrain::Field& f, bool& value) override { read(f, value); }
  void field(const emotrain::Field& f, emotrain::Index& value) override { read(f, value); }
  void field(const emotrain::Field& f, double& value) override { read(f, value); }
  void field(const emotrain::Field& f, std::string& value) override { read(f, value); }
  void field(const emotrain::Field& f, std::array<double, 2>& value) override { read(f, value); }
  void field(const emotrain::Field& f, std::vector<emotrain::Index>& value) override { read(f, value); }
  void field(const emotrain::Field& f, std::vector<double>& value) override { read(f, value); }
  void field(const emotrain::Field& f, std::vector<std::string>& value) override { read(f, value); }
  void field(const emotrain::Field& f, std::optional<emotrain::Index>& value) override { read_optional(f, value); }
  void field(const emotrain::Field& f, std::optional<double>& value) override { read_optional(f, value); }
  void field(const emotrain::Field& f, std::optional<std::string>& value) override { read_optional(f, value); }
  void field(const emotrain::Field& f, emotrain::Options& value) override { nested(f, value); }
  void field(const emotrain::Field& f, emotrain::OptionalOptions& value) override {
    if (!object_.contains(f.key)) return;
    if (!object_.at(f.key).is_null()) return nested(f, value.emplace());
    unused_.erase(f.key);
    value.reset();
  }
  void field(const emotrain::Field& f, emotrain::OptionsList& value) override {
    if (unused_.erase(f.key) == 0) return;
    value.clear();
    for (const nlohmann::json& element : object_.at(f.key)) read_group(element, value.append());
  }
  void field(const emotrain::Field& f, emotrain::Choice& /*value*/, const emotrain::OptionsTable& /*table*/) override {
    FAIL("no optimizer has choices: ", f.key);
  }
  void field(const emotrain::Field& f, std::vector<emotrain::Choice>& /*value*/, const emotrain::OptionsTable& /*table*/) override {
    FAIL("no optimizer has choices: ", f.key);
  }

  /// Reads a group; every key must be a field, and the group must be right.
  static void read_group(const nlohmann::json& object, emotrain::Options& options) {
    FromJson reader(object);
    options.fields(reader);
    CAPTURE(object.dump());
    CHECK(reader.unused().empty());
    options.check();
  }

 private:
  void nested(const emotrain::Field& f, emotrain::Options& value) {
    if (unused_.erase(f.key) != 0) read_group(object_.at(f.key), value);
  }
  template <class T>
  void read(const emotrain::Field& f, T& value) {
    if (unused_.erase(f.key) == 0) return;
    value = object_.at(f.key).get<T>();
  }
  template <class T>
  void read_optional(const emotrain::Field& f, std::optional<T>& value) {
    if (T inner{}; object_.contains(f.key)) {
      read(f, inner);
      value = inner;
    }
  }

  const nlohmann::json& object_;
  std::set<std::string> unused_;
};

/// The options that a configuration object describes.
inline std::unique_ptr<emotrain::optim::OptimizerOptions> options_from(const nlohmann::json& object) {
  const auto* entry = emotrain::optim::optimizers().find(object.at("name").get<std::string>());
  REQUIRE(entry != nullptr);
  auto options = entry->make();
  FromJson::read_group(object, *options);
  return std::unique_ptr<emotrain::optim::OptimizerOptions>(static_cast<emotrain::optim::OptimizerOptions*>(options.release()));
}
