#pragma once
#include <optional>
#include <string>
#include <vector>

#include "emotrain/core/options.hpp"

/// What lesson.json holds apart from `set`, `run` and the options of the prediction, whose values may be of several types.
namespace emotrain::study {

struct PredictionOptions final : Options {
  std::string ask;

  void fields(FieldVisitor& visitor) override;
};

struct CellOptions final : Options {
  std::string name;
  std::string label;
  std::optional<std::string> from;
  std::optional<std::string> carry;
  std::optional<std::string> scalars_of;

  void fields(FieldVisitor& visitor) override;
  void check() const override;
};

struct SizeOptions final : Options {
  Index seeds = 0;

  void fields(FieldVisitor& visitor) override;
};

struct SizesOptions final : Options {
  Maybe<SizeOptions> smoke;
  SizeOptions usual;
  Maybe<SizeOptions> full;

  void fields(FieldVisitor& visitor) override;
};

struct FindingOptions final : Options {
  std::string text;
  std::string value;
  std::string claim;
  std::optional<std::string> unit;

  void fields(FieldVisitor& visitor) override;
};

struct ChartOptions final : Options {
  std::string title;
  std::string series;
  std::vector<std::string> cells;
  bool log = false;

  void fields(FieldVisitor& visitor) override;
};

struct LessonOptions final : Options {
  std::string title;
  std::optional<Index> claim;
  std::optional<std::string> fact;
  std::string question;
  Maybe<PredictionOptions> prediction;
  ListOf<CellOptions> cells;
  SizesOptions sizes;
  ListOf<FindingOptions> findings;
  ListOf<ChartOptions> charts;

  void fields(FieldVisitor& visitor) override;
  void check() const override;
};

}  // namespace emotrain::study
