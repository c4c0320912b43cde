#include "study/lesson_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "emotrain/config/load.hpp"
#include "emotrain/config/options_reader.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/nn/losses.hpp"
#include "emotrain/study/job.hpp"
#include "emotrain/study/lesson.hpp"

namespace emotrain::study {
namespace {

using config::Member;
using config::Problem;
using config::Value;

void set_all(Value& document, const Value& set, std::vector<Problem>& problems) {
  for (const Member& member : std::get<Value::Object>(set.data)) set_at(document, member, problems);
}

/// The values of a cell and of those that it goes on from, these first.
void set_cell(Value& document, const Lesson& lesson, std::size_t cell, std::vector<Problem>& problems) {
  if (lesson.cells[cell].from) set_cell(document, lesson, *lesson.cells[cell].from, problems);
  set_all(document, lesson.cells[cell].set, problems);
}

}  // namespace

std::optional<Value> taken(Value& holder, const std::string& key) {
  auto* object = std::get_if<Value::Object>(&holder.data);
  if (object == nullptr) return {};
  const auto found = std::ranges::find(*object, key, &Member::key);
  if (found == object->end()) return {};
  Value value = std::move(found->value);
  object->erase(found);
  return value;
}

void set_at(Value& document, const Member& assignment, std::vector<Problem>& problems) {
  Value* target = &document;
  std::string pointer;
  std::istringstream steps(assignment.key);
  for (std::string step; std::getline(steps, step, '.');) {
    pointer = config::member_pointer(pointer, step);
    if (const Value* there = target->step(step)) {
      target = const_cast<Value*>(there);
    } else if (auto* object = std::get_if<Value::Object>(&target->data)) {
      target = &object->emplace_back(Member{step, assignment.place, empty_object(assignment.place)}).value;
    } else {
      problems.push_back({assignment.place, pointer, "what holds it has no such member; replace the whole section"});
      return;
    }
  }
  *target = assignment.value;
}

Value cell_document(const Lesson& lesson, LessonSize size, std::size_t cell) {
  Value document = lesson.run;
  std::vector<Problem> problems;
  set_all(document, lesson.size(size).set, problems);
  set_cell(document, lesson, cell, problems);
  if (lesson.cells[cell].scalars_of) {
    const config::Place& place = lesson.cells[cell].set.place;
    set_at(document, {"optimizer.emotion.record", place, {place, std::string(own_record)}}, problems);
  }
  for (const char* key : config::required_sections) {
    if (document.find(key) == nullptr)
      problems.push_back({document.place, config::member_pointer({}, key), fmt::format("is missing; add \"{}\": {{\"name\": ...}}", key)});
  }
  config::require_none(std::move(problems));
  return document;
}

train::RunConfig cell_config(const Lesson& lesson, LessonSize size, std::size_t cell, Index seed) {
  const Value document = cell_document(lesson, size, cell);
  train::RunConfig config;
  config::require_none(config::read_options(document, config));
  if (document.find("loss") == nullptr) config.loss = nn::losses().choose(config::usual_loss(*config.model.options));
  config.seed = seed;
  return config;
}

bool Claim::holds(double value) const {
  return side == Side::below ? value < bound : side == Side::above ? value > bound : value >= -bound && value <= bound;
}

std::string Lesson::subject() const { return claim ? fmt::format("claim {}", *claim) : fact; }

}  // namespace emotrain::study
