#include "emotrain/config/options_writer.hpp"

#include <fmt/format.h>

#include "emotrain/config/document.hpp"

namespace emotrain::config {
namespace {

class Writer final : public FieldVisitor {
 public:
  void field(const Field& field, bool& value) override { member(field.key, value ? "true" : "false"); }
  void field(const Field& field, Index& value) override { member(field.key, fmt::to_string(value)); }
  void field(const Field& field, double& value) override { member(field.key, fmt::to_string(value)); }
  void field(const Field& field, std::string& value) override { member(field.key, string_literal(value)); }
  void field(const Field& field, std::array<double, 2>& value) override { member(field.key, fmt::format("[{}, {}]", value[0], value[1])); }
  void field(const Field& field, std::vector<Index>& value) override { member(field.key, fmt::format("[{}]", fmt::join(value, ", "))); }
  void field(const Field& field, std::vector<double>& value) override { member(field.key, fmt::format("[{}]", fmt::join(value, ", "))); }
  void field(const Field& field, std::vector<std::string>& value) override {
    std::string list;
    for (const std::string& element : value) list += (list.empty() ? "" : ", ") + string_literal(element);
    member(field.key, "[" + list + "]");
  }
  void field(const Field& field, std::optional<Index>& value) override { optional(field, value); }
  void field(const Field& field, std::optional<double>& value) override { optional(field, value); }
  void field(const Field& field, std::optional<std::string>& value) override { optional(field, value); }
  void field(const Field& field, Options& value) override {
    start(field.key);
    group(value, nullptr, {});
  }
  void field(const Field& field, OptionalOptions& value) override {
    if (Options* options = value.get()) return this->field(field, *options);
    member(field.key, "null");
  }
  void field(const Field& field, OptionsList& value) override {
    start(field.key);
    open('[');
    for (std::size_t i = 0; i < value.size(); ++i) {
      start(nullptr);
      group(value.at(i), nullptr, {});
    }
    close(']');
  }
  void field(const Field& field, Choice& value, const OptionsTable& table) override {
    start(field.key);
    group(*value.options, table.tag, value.name);
  }
  void field(const Field& field, std::vector<Choice>& value, const OptionsTable& table) override {
    start(field.key);
    open('[');
    for (Choice& choice : value) {
      start(nullptr);
      group(*choice.options, table.tag, choice.name);
    }
    close(']');
  }

  /// An object of the options' fields, after the tag that names their row of a table.
  void group(Options& options, const char* tag, const std::string& name) {
    open('{');
    if (tag != nullptr) member(tag, string_literal(name));
    options.fields(*this);
    close('}');
  }

  std::string text() && { return std::move(text_); }

 private:
  template <class T>
  void optional(const Field& key, std::optional<T>& value) {
    if (value) return field(key, *value);
    if (!key.written_if_given) member(key.key, "null");
  }

  void member(const char* key, const std::string& json) {
    start(key);
    text_ += json;
  }
  void start(const char* key) {
    text_ += first_ ? "\n" : ",\n";
    text_.append(2 * depth_, ' ');
    if (key != nullptr) text_ += string_literal(key) + ": ";
    first_ = false;
  }
  void open(char bracket) {
    text_ += bracket;
    ++depth_;
    first_ = true;
  }
  void close(char bracket) {
    --depth_;
    if (!first_) {
      text_ += '\n';
      text_.append(2 * depth_, ' ');
    }
    text_ += bracket;
    first_ = false;
  }

  std::string text_;
  std::size_t depth_ = 0;
  bool first_ = true;
};

}  // namespace

std::string write_options(const Options& options) {
  Writer writer;
  // A field list serves readers and writers alike, so it is not const; this visitor changes nothing.
  writer.group(const_cast<Options&>(options), nullptr, {});
  return std::move(writer).text() + "\n";
}

}  // namespace emotrain::config
