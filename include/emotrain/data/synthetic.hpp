#pragma once
#include <cstdint>

#include "emotrain/data/options.hpp"

/// Points in the plane, shape (2), for classifiers. Sample i belongs to class k = i mod classes; t_i is uniform in [0, 1) and
/// e_i normal with deviation `noise` in each coordinate, both pure functions of (seed, Stream::synthetic, number of the set, i).
namespace emotrain::data {

struct SyntheticOptions : UnsplitDataOptions {
  /// In all parts together.
  Index samples = 1000;
  /// Standard deviation of the noise added to each coordinate.
  double noise = 0.1;
  /// Draws the points; not the run's seed, so that all runs see the same ones.
  Index seed = 0;

  void fields(FieldVisitor& visitor) override;

 protected:
  bool reads_files() const override { return false; }
  struct Point {
    double x;
    double y;
  };
  Loaded generate(const char* name, std::uint32_t substream, Index classes, Point (*curve)(double t, Index k, Index classes)) const;
};

/// Two half circles that interlock: (cos pi t, sin pi t) and (1 - cos pi t, 1/2 - sin pi t); sklearn.datasets.make_moons' shape.
struct TwoMoonsOptions : SyntheticOptions {
  Loaded load() const override;
};

/// Arms of an Archimedean spiral with one turn: radius t at the angle 2 pi (t + k / classes).
struct SpiralsOptions : SyntheticOptions {
  Index classes = 2;

  SpiralsOptions() { noise = 0.02; }
  void fields(FieldVisitor& visitor) override;
  Loaded load() const override;
};

/// Circles about the origin: radius (k + 1) / classes at the angle 2 pi t.
struct RingsOptions : SyntheticOptions {
  Index classes = 2;

  RingsOptions() { noise = 0.05; }
  void fields(FieldVisitor& visitor) override;
  Loaded load() const override;
};

/// Normal clouds about centres on the unit circle, at the angle 2 pi k / classes.
struct BlobsOptions : SyntheticOptions {
  Index classes = 3;

  BlobsOptions() { noise = 0.2; }
  void fields(FieldVisitor& visitor) override;
  Loaded load() const override;
};

/// For functions, which need no data: one sample of the shape (), without labels, to train on and to validate on. An epoch is a step.
struct NoDataOptions final : DataOptions {
  NoDataOptions();
  void fields(FieldVisitor& /*visitor*/) override {}
  Loaded load() const override;

 protected:
  bool reads_files() const override { return false; }
};

}  // namespace emotrain::data
