#pragma once
#include <string_view>

namespace emotrain::config {

/// The path of the key for what other trainers (Hugging Face's, Lightning's, Keras) call by this name; empty: there is none.
std::string_view known_elsewhere_as(std::string_view key);

}  // namespace emotrain::config
