#pragma once
#include <string>
#include <vector>

#include "emotrain/core/error.hpp"
#include "emotrain/core/options.hpp"
#include "emotrain/nn/layer_options.hpp"
#include "emotrain/nn/layers.hpp"

/// Fields and conditions that several models share.
namespace emotrain::nn {

inline constexpr std::size_t max_layers = 1024;
inline constexpr Range unit_range{.min = 1, .max = static_cast<double>(max_units)};

inline void visit_activation(FieldVisitor& visitor, std::string& activation) {
  visitor.field({"activation", "function behind each hidden layer", {}, Nonlinearity::names}, activation);
}

inline void check_count(const char* key, std::size_t count, std::size_t fewest) {
  if (count < fewest || count > max_layers)
    fail(ErrorKind::usage, "{}: a list of {}: give {} to {} layers", key, count, fewest, max_layers);
}

/// Runs `action` and puts `place` in front of the text of an error that it ends with.
template <class Action>
auto at(const std::string& place, Action&& action) {
  try {
    return action();
  } catch (const Error& error) {
    throw Error(ErrorKind::usage, place + ": " + error.what());
  }
}

}  // namespace emotrain::nn
