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
  void field(const emotrain::Field& f, std::optional<emotrain::Index>& value) override { read_optional(f, value); }
  void field(const emotrain::Field& f, std::optional<double>& value) override { read_optional(f, value); }
  void field(const emotrain::Field& f, std::optional<std::string>& value) override { read_optional(f, value); }
  void field(const emotrain::Field& f, emotrain::Options& /*value*/) override { FAIL("no optimizer nests options: ", f.key); }
  void field(const emotrain::Field& f, emotrain::Choice& /*value*/, const emotrain::OptionsTable& /*table*/) override {
    FAIL("no optimizer nests options: ", f.key);
  }
  void field(const emotrain::Field& f, std::vector<emotrain::Choice>& /*value*/, const emotrain::OptionsTable& /*table*/) override {
    FAIL("no optimizer nests options: ", f.key);
  }

 private:
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
  FromJson reader(object);
  options->fields(reader);
  CAPTURE(object.dump());
  CHECK(reader.unused().empty());
  options->check();
  return std::unique_ptr<emotrain::optim::OptimizerOptions>(static_cast<emotrain::optim::OptimizerOptions*>(options.release()));
}
