#pragma once
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <iterator>
#include <string_view>

#include "emotrain/core/error.hpp"
#include "emotrain/optim/emotion.hpp"
#include "optim/shadow.hpp"

namespace emotrain::optim {

/// The rules of EmoClan, in the order in which it holds them.
enum ClanRule : std::size_t { clan_navi, clan_fact, clan_lynx };

inline std::size_t clan_rule_v1(double scalar) {
  if (scalar > 0.3) return clan_lynx;
  if (scalar < -0.3) return clan_fact;
  return clan_navi;
}

/// What the editions of the Emo family differ in.
struct Edition {
  const char* name;
  ScalarFormula scalar;
  RatioFormula shadow_ratio;
  std::size_t (*clan_rule)(double scalar);
};

inline constexpr Edition editions[] = {
    {"v1", scalar_v1, shadow_ratio_v1, clan_rule_v1},
};

inline constexpr auto edition_names = [] {
  std::array<const char*, std::size(editions)> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = editions[i].name;
  return names;
}();

/// Throws Error{usage} if there is none of that name.
inline const Edition& find_edition(std::string_view name) {
  for (const Edition& edition : editions) {
    if (name == edition.name) return edition;
  }
  fail(ErrorKind::usage, "edition: there is no \"{}\"; use one of: {}", name, fmt::join(edition_names, ", "));
}

}  // namespace emotrain::optim
