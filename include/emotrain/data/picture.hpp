#pragma once
#include <filesystem>

#include "emotrain/core/shape.hpp"

namespace emotrain::data {

/// A PNG or JPEG file as one sample of the shape (c, h, w), c 1 or 3: decoded, resized and scaled to 0..1 as data sets of images are, into
/// `values`. Throws Error{missing, data}.
void read_picture(const std::filesystem::path& path, const Shape& sample_shape, Real* values);

}  // namespace emotrain::data
