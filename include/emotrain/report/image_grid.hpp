#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "emotrain/core/file_system.hpp"
#include "emotrain/core/real.hpp"
#include "emotrain/report/records.hpp"

namespace emotrain::report {

/// Pictures of one size in rows and columns on a light ground, for a PNG file. Small pictures are enlarged by a whole factor (each pixel
/// becomes a square) to about 84 pixels, so that a person can see them.
class ImageGrid {
 public:
  struct Layout {
    Index channels = 1;  ///< 1 (grey) or 3 (red, green, blue)
    Index height = 0;    ///< of one picture, before enlarging
    Index width = 0;
    Index rows = 1;
    Index columns = 1;
    Index rows_together = 1;  ///< rows that stand close: 2 for originals over reconstructions
    bool plain = false;       ///< as they are, side by side: no ground, nothing enlarged
  };

  explicit ImageGrid(const Layout& layout);

  /// Values (channels, height, width), 0 black to 1 full; others are clamped, and NaN is 0.
  void place(Index row, Index column, std::span<const Real> values);

  /// The bytes of a PNG file. Throws Error{io} if encoding fails.
  std::string png() const;
  /// Throws Error{cannot_create, io}; the file appears whole or not at all.
  void write_png(const std::filesystem::path& path, FileSystem& files = disk()) const;

  Index channels() const { return layout_.channels; }
  Index scale() const { return scale_; }
  Index pixel_width() const { return pixel_width_; }
  Index pixel_height() const { return pixel_height_; }
  /// Top and left of a picture, in pixels of the file.
  Index top(Index row) const;
  Index left(Index column) const;

 private:
  Layout layout_;
  Index scale_;
  Index pixel_width_;
  Index pixel_height_;
  /// (pixel_height, pixel_width, channels)
  std::vector<std::uint8_t> pixels_;
};

/// Hands a grid to a sink, as a picture of what the model made after some step.
void show(const ImageGrid& grid, std::string_view name, Index step, Sink& sink);

}  // namespace emotrain::report
