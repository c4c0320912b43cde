#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "emotrain/core/real.hpp"

namespace emotrain::train {

constexpr std::size_t band_count = 4;
using BandPower = std::array<double, band_count>;

/// How the power of images is spread over spatial frequencies.
///
/// A plane, one channel of an image, p (H, W), has the discrete Fourier transform
///     F(u, v) = sum_{y,x} p(y, x) exp(-2 pi i (u y / H + v x / W)),   -H/2 < u <= H/2, -W/2 < v <= W/2,
/// the power |F(u, v)|^2 / (H W) at the radial frequency r = sqrt((u/H)^2 + (v/W)^2), in cycles per pixel, and sum p^2 in all (Parseval).
/// Band b = 1..4 takes (b - 1)/8 <= r < b/8, a quarter of the way to Nyquist's 1/2 each. The plane's mean, r = 0, belongs to band 1; the
/// corners r >= 1/2, which only diagonals reach, to band 4: so the bands divide the whole power.
///
/// There is no window (Hann's, say): it would hide errors near the edges, smear each frequency over its neighbours, and the bands would no
/// longer add up to the squared error. What the step from one edge to the opposite one leaks into high frequencies is in errors and in
/// images alike.
class RadialBands {
 public:
  RadialBands(Index height, Index width);

  /// The first band, from 0, that no frequency of planes of this size falls into; none from 6 pixels on.
  std::optional<std::size_t> empty_band() const;
  /// Summed over the planes, which follow one another (any number * H * W values). Independent of the number of threads.
  BandPower power(std::span<const Real> planes) const;

 private:
  Index height_;
  Index width_;
  /// (H, H) and (W, W): orthonormal cosines and sines in rows.
  std::vector<Real> rows_;
  std::vector<Real> columns_;
  /// Of each coefficient.
  std::vector<std::uint8_t> band_;
};

}  // namespace emotrain::train
