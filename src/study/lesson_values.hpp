#pragma once
#include <optional>
#include <string>
#include <vector>

#include "emotrain/config/document.hpp"

namespace emotrain::study {

inline config::Value empty_object(const config::Place& place) { return {place, config::Value::Object{}}; }
/// Takes a member out of an object; none if there is none.
std::optional<config::Value> taken(config::Value& holder, const std::string& key);
/// Sets what a dotted path names: a member, objects on the way being created, or an element that is there.
void set_at(config::Value& document, const config::Member& assignment, std::vector<config::Problem>& problems);

}  // namespace emotrain::study
