#pragma once
#include <string_view>
#include <utility>

#include "emotrain/core/error.hpp"
#include "emotrain/core/options.hpp"

namespace emotrain::train {

template <class T>
const T& options_of(const Choice& choice) {
  return dynamic_cast<const T&>(*choice.options);
}

/// Options report what does not fit with a key of their own in front: completes it to a pointer into the whole configuration.
template <class Action>
auto in_section(std::string_view section, Action&& action) {
  try {
    return action();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    fail(ErrorKind::usage, "/{}/{}", section, error.what());
  }
}

}  // namespace emotrain::train
