#pragma once
#include <stdexcept>
#include <string>

#include "emotrain/study/lesson.hpp"

namespace emotrain::test {

/// A lesson whose runs take milliseconds: a chain of sessions, a divergence, and a comparison of two runs step by step.
inline const std::string tiny_lesson = R"lesson({
  "title": "Tiny", "fact": "a test", "question": "Does it run?",
  "prediction": {"ask": "Does it?", "options": [{"text": "yes", "verdict": "holds"}, {"text": "no", "verdict": "fails"}, "perhaps"]},
  "run": {
    "data": {"name": "blobs", "samples": 120, "classes": 3, "batch_size": 16, "validation_fraction": 0.25},
    "model": {"name": "mlp", "hidden": [8]},
    "optimizer": {"name": "emonavi", "lr": 1e-2},
    "trainer": {"max_steps": 24, "eval_steps": 4, "detail_steps": 4}
  },
  "cells": [
    {"name": "navi", "label": "EmoNavi"},
    {"name": "sgd", "label": "SGD", "set": {"optimizer": {"name": "sgd", "lr": 0.1}}},
    {"name": "wild", "label": "SGD, wild", "set": {"optimizer": {"name": "sgd", "lr": 1e30}}},
    {"name": "wilder", "label": "on from there", "from": "wild", "carry": "weights"},
    {"name": "on", "label": "with its state", "from": "navi", "carry": "all", "set": {"trainer.max_steps": 12}},
    {"name": "anew", "label": "its weights alone", "from": "navi", "carry": "weights", "set": {"trainer.max_steps": 12}},
    {"name": "shuffled", "label": "scalars in another order", "scalars_of": "navi", "set": {"optimizer.emotion.source": "shuffled"}}
  ],
  "sizes": {"smoke": {"seeds": 3, "set": {"trainer.max_steps": 12}}, "default": {"seeds": 8}},
  "findings": [
    {"text": "learns", "value": "last(navi.eval_loss) - first(navi.eval_loss)", "claim": "< 0", "unit": "nats"},
    {"text": "diverges", "value": "diverged(wild) + diverged(wilder) + diverged(navi)", "claim": "> 1.5"},
    {"text": "is gone", "value": "last(wild.eval_loss) - last(navi.eval_loss)", "claim": "> 0"},
    {"text": "parts", "value": "parted(navi.loss, sgd.loss, 0) + 0 * last(shuffled.moved)", "claim": "within 2"}
  ],
  "charts": [{"title": "Loss", "series": "eval_loss", "cells": ["navi", "wild", "on"], "log": true}]
})lesson";

inline study::Lesson tiny() { return study::parse_lesson(tiny_lesson, "tiny.json", "tiny"); }

inline std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  return at == std::string::npos ? throw std::logic_error(what) : text.replace(at, what.size(), by);
}

}  // namespace emotrain::test
