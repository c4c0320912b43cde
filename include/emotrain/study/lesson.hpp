#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emotrain/config/document.hpp"
#include "emotrain/study/lesson_expression.hpp"
#include "emotrain/train/run_config.hpp"

/// A lesson is an experiment about a claim, or a fact, that computes its verdict: what `emotrain lesson NAME` does.
///
///     {"title": "...", "claim": 4, "question": "...",
///      "prediction": {"ask": "...", "options": ["...", {"text": "...", "verdict": "holds"}]},
///      "run": { a run's configuration },
///      "cells": [{"name": "high", "label": "EmoNavi, lr 1e-2", "set": {"optimizer.lr": 1e-2}},
///                {"name": "again", "label": "...", "from": "high", "carry": "weights", "set": {"optimizer.lr": 1e-3}}],
///      "sizes": {"smoke": {"seeds": 8, "set": {"trainer.max_steps": 60}}, "default": {"seeds": 12}, "full": {"seeds": 20}},
///      "findings": [{"text": "...", "value": "last(high.eval_loss) - last(again.eval_loss)", "claim": "> 0", "unit": "nats"}],
///      "charts": [{"title": "...", "series": "eval_loss", "cells": ["high", "again"], "log": true}]}
///
/// `claim` is a number of the guide's claims; a lesson without one names a `fact`. A cell is a run: `run`, with the values of the size, and
/// then its own in place of what is there. A cell with `from` goes on from the end of another one of the same seed, with that one's values
/// below its own, as a new session: steps, batches and schedule begin anew. It carries the `weights` alone (those of evaluations, as
/// --init-from does) or `all`: weights as training has them, the optimizer's state and its count of updates. A cell with
/// `scalars_of` uses the scalars of another one of the same seed, for the sources random and shuffled of its emotion. Sizes that are not
/// given are as `default`. Of a finding and a seed there is one number; all cells of a seed share weights and batches.
///
/// Series (lesson_expression.hpp) are a step's loss, epoch, learning_rate, grad_norm, ema_short, ema_medium, ema_long, scalar, ratio,
/// drive, should_stop, shadow_distance; at detail steps moved, layers.fc1.norm, layers.fc1.moved, layers.fc1.shadow_distance; of a point as
/// the model point_0, point_1, shadow_point_0, shadow_point_1; and an evaluation's eval_loss, test_accuracy, ..., with eval_error and
/// test_error for 1 - accuracy.
namespace emotrain::study {

enum class LessonSize { smoke, usual, full };
inline constexpr const char* lesson_size_names[] = {"smoke", "default", "full"};

enum class Carry { nothing, weights, all };

struct LessonCell {
  std::string name;
  /// What charts and tables call it.
  std::string label;
  /// The number of the cell that it goes on from.
  std::optional<std::size_t> from;
  Carry carry = Carry::nothing;
  /// The number of the cell whose scalars its emotion uses, as of a recorded run.
  std::optional<std::size_t> scalars_of;
  /// An object: dotted keys with their values.
  config::Value set;
};

/// What the guide, or the fact, says of a finding's value.
struct Claim {
  enum class Side { below, above, within } side = Side::below;
  double bound = 0;
  /// As written: "< 0".
  std::string text;

  bool holds(double value) const;
};

struct LessonFinding {
  std::string text;
  Expression value;
  /// As written.
  std::string value_text;
  Claim claim;
  std::string unit;
};

struct LessonChart {
  std::string title;
  std::string series;
  std::vector<std::size_t> cells;
  bool log = false;
};

struct LessonPrediction {
  struct Option {
    std::string text;
    /// Which verdict it foretells; empty: it does not say.
    std::string verdict;
  };
  std::string ask;
  std::vector<Option> options;
};

struct Lesson {
  /// Of its folder or file.
  std::string name;
  std::string title;
  std::optional<Index> claim;
  std::string fact;
  std::string question;
  std::optional<LessonPrediction> prediction;
  config::Value run;
  std::vector<LessonCell> cells;
  struct Size {
    Index seeds = 0;
    config::Value set;
  };
  /// By LessonSize.
  std::vector<Size> sizes;
  std::vector<LessonFinding> findings;
  std::vector<LessonChart> charts;
  /// lesson.json as it was read.
  std::string text;
  /// lesson.md: what it is about, in Markdown. May be empty.
  std::string notes;

  const Size& size(LessonSize which) const { return sizes[static_cast<std::size_t>(which)]; }
  /// "claim 4" or the fact.
  std::string subject() const;
};

/// A lesson's text; `source` is what messages call it. Throws ConfigError{usage} with all that is wrong, also with the runs of each size.
Lesson parse_lesson(const std::string& text, const std::string& source, const std::string& name);
/// A file, with lesson.md beside it. Throws as parse_lesson does; Error{missing, io}.
Lesson load_lesson(const std::string& file);

/// Those that come with the program, by name.
std::span<const std::string_view> lesson_names();
/// One of them. Throws Error{usage}, with the names that there are.
Lesson find_lesson(const std::string& name);
/// What lists say of one: subject and question, without a look at the rest.
struct LessonOutline {
  std::string name;
  std::optional<Index> claim;
  std::string subject;
  std::string question;
};
/// By the numbers of the claims, then by the facts.
std::vector<LessonOutline> lesson_outlines();

/// The configuration of a cell's run as a document, and read. Throws ConfigError{usage}.
config::Value cell_document(const Lesson& lesson, LessonSize size, std::size_t cell);
train::RunConfig cell_config(const Lesson& lesson, LessonSize size, std::size_t cell, Index seed);

}  // namespace emotrain::study
