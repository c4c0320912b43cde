#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "emotrain/config/document.hpp"
#include "emotrain/core/options.hpp"

namespace emotrain::config {

/// A value on its way into a field: what is wrong with it is added to `problems`.
struct Spot {
  const Field& field;
  const Value& value;
  std::string pointer;
  std::vector<Problem>& problems;

  void refuse(std::string text) const { problems.push_back({value.place, pointer, std::move(text)}); }
  void expect(const char* type) const;
};

/// What a value is, for messages: `the string "five"`, `2.5`, `an array`.
std::string described(const Value& value);

/// Each converts if type and range are right, else refuses and leaves `out` alone.
void convert(const Spot& spot, bool& out);
void convert(const Spot& spot, Index& out);
void convert(const Spot& spot, double& out);
void convert(const Spot& spot, std::string& out);
void convert(const Spot& spot, std::array<double, 2>& out);
void convert(const Spot& spot, std::vector<Index>& out);
void convert(const Spot& spot, std::vector<double>& out);
void convert(const Spot& spot, std::vector<std::string>& out);

/// Null is no value.
template <class T>
void convert(const Spot& spot, std::optional<T>& out) {
  if (std::holds_alternative<std::nullptr_t>(spot.value.data)) {
    out.reset();
    return;
  }
  const std::size_t before = spot.problems.size();
  T value{};
  convert(spot, value);
  if (spot.problems.size() == before) out = std::move(value);
}

}  // namespace emotrain::config
