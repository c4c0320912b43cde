#pragma once
#include <span>
#include <string_view>

#include "emotrain/core/options.hpp"

/// A kind of thing that a configuration can name.
struct ListedKind {
  const char* name;
  const emotrain::OptionsTable& (*table)();
  const char* summary;
  /// Whether a list of all rows says where each comes from.
  bool shows_source;
};

std::span<const ListedKind> listed_kinds();
/// By its name, or its table's: "optimizers", "optimizer". Null if there is none.
const ListedKind* find_listed_kind(std::string_view name);
