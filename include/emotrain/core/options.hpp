#pragma once
#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emotrain/core/real.hpp"

/// What can be configured, said once. Each group of options is a plain struct that lists its fields to a visitor; parsing, validation,
/// defaults, `config.json`, and listings are visitors (in `config`, the only layer that knows JSON).
///
///     struct AdamWOptions : OptimizerOptions {
///       double lr = 1e-3;
///       void fields(FieldVisitor& v) override {
///         v.field({"lr", "learning rate", {.above = 0}}, lr);
///       }
///     };
namespace emotrain {

/// Allowed values of a number, or the smallest and largest of each element of an array. NaN and infinity never are.
struct Range {
  double min = -std::numeric_limits<double>::max();
  double max = std::numeric_limits<double>::max();
  /// Excluded lower and upper bounds.
  double above = -std::numeric_limits<double>::infinity();
  double below = std::numeric_limits<double>::infinity();

  bool contains(double x) const { return x >= min && x <= max && x > above && x < below; }
};

struct Field {
  const char* key;
  const char* doc;
  Range range = {};
  /// The allowed values of a string; empty: any.
  std::span<const char* const> one_of = {};
  /// Accepted for the reference's signature, without any effect.
  bool without_effect = false;
  /// Not written while it has no value; others are then written as null.
  bool written_if_given = false;
};

struct OptionsTable;
class FieldVisitor;

class Options {
 public:
  virtual ~Options() = default;
  virtual void fields(FieldVisitor& visitor) = 0;
  /// Conditions between fields; throws Error{usage} with "key: what is wrong and what to do".
  virtual void check() const {}

 protected:
  Options() = default;
  Options(const Options&) = default;
  Options& operator=(const Options&) = default;
};

/// One of the entries of an OptionsTable, by name: an optimizer, a model, a layer ...
struct Choice {
  std::string name;
  std::unique_ptr<Options> options;
};

/// A group that may be there or not: absent or null in a file.
class OptionalOptions {
 public:
  virtual ~OptionalOptions() = default;
  /// Null if it is not there.
  virtual Options* get() noexcept = 0;
  /// Makes one with its defaults if it is not there.
  virtual Options& emplace() = 0;
  virtual void reset() noexcept = 0;
  /// One with its defaults, for listings.
  virtual std::unique_ptr<Options> sample() const = 0;
};

template <class T>
struct Maybe final : OptionalOptions {
  std::optional<T> value;
  /// What emplace() makes.
  T initial;

  Options* get() noexcept override { return value ? &*value : nullptr; }
  Options& emplace() override { return value ? *value : value.emplace(initial); }
  void reset() noexcept override { value.reset(); }
  std::unique_ptr<Options> sample() const override { return std::make_unique<T>(initial); }

  explicit operator bool() const noexcept { return value.has_value(); }
  T& operator*() noexcept { return *value; }
  const T& operator*() const noexcept { return *value; }
  T* operator->() noexcept { return &*value; }
  const T* operator->() const noexcept { return &*value; }
};

/// Any number of groups of one kind.
class OptionsList {
 public:
  virtual ~OptionsList() = default;
  virtual std::size_t size() const noexcept = 0;
  virtual Options& at(std::size_t i) = 0;
  /// Adds one with its defaults.
  virtual Options& append() = 0;
  virtual void clear() noexcept = 0;
  virtual std::unique_ptr<Options> sample() const = 0;
};

template <class T>
struct ListOf final : OptionsList {
  std::vector<T> values;

  std::size_t size() const noexcept override { return values.size(); }
  Options& at(std::size_t i) override { return values.at(i); }
  Options& append() override { return values.emplace_back(); }
  void clear() noexcept override { values.clear(); }
  std::unique_ptr<Options> sample() const override { return std::make_unique<T>(); }
};

class FieldVisitor {
 public:
  virtual ~FieldVisitor() = default;
  virtual void field(const Field& field, bool& value) = 0;
  virtual void field(const Field& field, Index& value) = 0;
  virtual void field(const Field& field, double& value) = 0;
  virtual void field(const Field& field, std::string& value) = 0;
  virtual void field(const Field& field, std::array<double, 2>& value) = 0;
  virtual void field(const Field& field, std::vector<Index>& value) = 0;
  virtual void field(const Field& field, std::vector<double>& value) = 0;
  virtual void field(const Field& field, std::vector<std::string>& value) = 0;
  /// Absent or null in the file: no value.
  virtual void field(const Field& field, std::optional<Index>& value) = 0;
  virtual void field(const Field& field, std::optional<double>& value) = 0;
  virtual void field(const Field& field, std::optional<std::string>& value) = 0;
  /// A nested group.
  virtual void field(const Field& field, Options& value) = 0;
  virtual void field(const Field& field, OptionalOptions& value) = 0;
  virtual void field(const Field& field, OptionsList& value) = 0;
  /// A group whose kind its member `table.tag` names.
  virtual void field(const Field& field, Choice& value, const OptionsTable& table) = 0;
  virtual void field(const Field& field, std::vector<Choice>& value, const OptionsTable& table) = 0;
};

/// Another name of a row, by which a user may know it.
struct OptionsAlias {
  const char* name;
  /// With the defaults that belong to that name; null: those of the row.
  std::unique_ptr<Options> (*make)() = nullptr;
};

struct OptionsEntry {
  const char* name;
  const char* summary;
  /// Paper or repository and version.
  const char* source;
  std::unique_ptr<Options> (*make)();
  std::span<const OptionsAlias> aliases = {};
};

template <class T>
std::unique_ptr<Options> make_options() {
  return std::make_unique<T>();
}

/// A registry: one row per optimizer, model, layer, loss, ...
struct OptionsTable {
  /// What the rows are, for messages: "optimizer".
  const char* kind;
  /// The JSON key that selects a row: "name" or "type".
  const char* tag;
  std::span<const OptionsEntry> entries;

  /// The row of that name or alias; null if there is none.
  const OptionsEntry* find(std::string_view name) const {
    for (const OptionsEntry& entry : entries) {
      if (name == entry.name || find_alias(entry, name) != nullptr) return &entry;
    }
    return nullptr;
  }

  /// The row of that name or alias, under its own name, with the defaults of the name given; without options if there is no such row.
  Choice choose(std::string_view name) const {
    const OptionsEntry* entry = find(name);
    if (entry == nullptr) return {};
    const OptionsAlias* alias = find_alias(*entry, name);
    return {entry->name, alias != nullptr && alias->make != nullptr ? alias->make() : entry->make()};
  }

 private:
  static const OptionsAlias* find_alias(const OptionsEntry& entry, std::string_view name) {
    for (const OptionsAlias& alias : entry.aliases) {
      if (name == alias.name) return &alias;
    }
    return nullptr;
  }
};

}  // namespace emotrain
