#include "config/field_keys.hpp"

#include <utility>

namespace emotrain::config {
namespace {

class KeyLister final : public FieldVisitor {
 public:
  explicit KeyLister(bool nested) : nested_(nested) {}
  void field(const Field& field, bool& /*value*/) override { add(field); }
  void field(const Field& field, Index& /*value*/) override { add(field); }
  void field(const Field& field, double& /*value*/) override { add(field); }
  void field(const Field& field, std::string& /*value*/) override { add(field); }
  void field(const Field& field, std::array<double, 2>& /*value*/) override { add(field); }
  void field(const Field& field, std::vector<Index>& /*value*/) override { add(field); }
  void field(const Field& field, std::vector<double>& /*value*/) override { add(field); }
  void field(const Field& field, std::vector<std::string>& /*value*/) override { add(field); }
  void field(const Field& field, std::optional<Index>& /*value*/) override { add(field); }
  void field(const Field& field, std::optional<double>& /*value*/) override { add(field); }
  void field(const Field& field, std::optional<std::string>& /*value*/) override { add(field); }
  void field(const Field& field, Options& value) override {
    add(field);
    descend(field, &value);
  }
  void field(const Field& field, OptionalOptions& value) override {
    add(field);
    descend(field, value.get());
  }
  void field(const Field& field, OptionsList& /*value*/) override { add(field); }
  void field(const Field& field, Choice& value, const OptionsTable& table) override {
    add(field);
    if (nested_) keys.push_back(prefix_ + field.key + "." + table.tag);
    descend(field, value.options.get());
  }
  void field(const Field& field, std::vector<Choice>& /*value*/, const OptionsTable& /*table*/) override { add(field); }

  std::vector<std::string> keys;

 private:
  void add(const Field& field) { keys.push_back(prefix_ + field.key); }
  void descend(const Field& field, Options* options) {
    if (!nested_ || options == nullptr) return;
    const std::string outer = std::exchange(prefix_, prefix_ + field.key + ".");
    options->fields(*this);
    prefix_ = outer;
  }

  bool nested_;
  std::string prefix_;
};

std::vector<std::string> keys(Options& options, bool nested) {
  KeyLister lister(nested);
  options.fields(lister);
  return std::move(lister.keys);
}

}  // namespace

std::vector<std::string> field_keys(Options& options) { return keys(options, false); }
std::vector<std::string> field_paths(Options& options) { return keys(options, true); }

}  // namespace emotrain::config
