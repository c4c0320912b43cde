#include "train/measures/spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "emotrain/core/buffer.hpp"
#include "emotrain/core/threads.hpp"
#include "emotrain/kernels/gemm.hpp"

namespace emotrain::train {
namespace {

constexpr Index planes_of_a_tile = 32;

/// Of row j of the basis: 0; 1 (cosine), 1 (sine); 2, 2; ...
Index frequency(Index j) { return (j + 1) / 2; }

/// The real form of the transform along an axis of n: cosines and sines span the same plane as exp(+-i), so the power of +-frequency
/// together is the same.
std::vector<Real> fourier_basis(Index n) {
  std::vector<Real> basis;
  basis.reserve(static_cast<std::size_t>(n * n));
  const auto extent = static_cast<double>(n);
  for (Index j = 0; j < n; ++j) {
    const Index k = frequency(j);
    const bool is_alone = k == 0 || 2 * k == n;
    const double scale = std::sqrt((is_alone ? 1 : 2) / extent);
    for (Index x = 0; x < n; ++x) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(k * x % n) / extent;
      basis.push_back(static_cast<Real>(scale * (j % 2 == 0 && j > 0 ? std::sin(angle) : std::cos(angle))));
    }
  }
  return basis;
}

/// In whole numbers, for bands end at frequencies that images of 8, 16, ... pixels have.
std::uint8_t band_of(Index u, Index height, Index v, Index width) {
  const Index squared = 64 * (u * u * width * width + v * v * height * height);
  std::uint8_t band = 0;
  for (Index edge = 1; edge < static_cast<Index>(band_count); ++edge) {
    if (squared >= edge * edge * height * height * width * width) ++band;
  }
  return band;
}

}  // namespace

RadialBands::RadialBands(Index height, Index width)
    : height_(height), width_(width), rows_(fourier_basis(height)), columns_(fourier_basis(width)) {
  band_.reserve(static_cast<std::size_t>(height * width));
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) band_.push_back(band_of(frequency(y), height, frequency(x), width));
  }
}

std::optional<std::size_t> RadialBands::empty_band() const {
  for (std::size_t band = 0; band < band_count; ++band) {
    if (std::ranges::find(band_, band) == band_.end()) return band;
  }
  return std::nullopt;
}

BandPower RadialBands::power(std::span<const Real> planes) const {
  const Index size = height_ * width_;
  const Index count = static_cast<Index>(planes.size()) / size;
  std::vector<BandPower> of_tile(static_cast<std::size_t>((count + planes_of_a_tile - 1) / planes_of_a_tile));
  parallel_for(static_cast<Index>(of_tile.size()), [&](Index tile) {
    const Index first = tile * planes_of_a_tile;
    const Index here = std::min(planes_of_a_tile, count - first);
    const Scratch<Real> along_rows(static_cast<std::size_t>(here * size));
    const Scratch<Real> coefficients(static_cast<std::size_t>(size));
    std::vector<double> sums(static_cast<std::size_t>(size));
    const kernels::Matrix basis{columns_.data(), width_, 1};
    kernels::gemm(here * height_, width_, width_, {planes.data() + first * size, width_, 1}, basis.transposed(), along_rows.data(), width_);
    for (Index plane = 0; plane < here; ++plane) {
      kernels::gemm(height_, width_, height_, {rows_.data(), height_, 1}, {along_rows.data() + plane * size, width_, 1},
                    coefficients.data(), width_);
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += double{coefficients[i]} * double{coefficients[i]};
    }
    BandPower& power = of_tile[static_cast<std::size_t>(tile)];
    for (std::size_t i = 0; i < sums.size(); ++i) power[band_[i]] += sums[i];
  });
  BandPower power{};
  for (const BandPower& part : of_tile) {
    for (std::size_t band = 0; band < band_count; ++band) power[band] += part[band];
  }
  return power;
}

}  // namespace emotrain::train
