#include "emotrain/kernels/conv.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "emotrain/core/threads.hpp"
#include "emotrain/kernels/pool.hpp"
#include "products.hpp"

namespace emotrain::test {
namespace {

using kernels::ConvShape;
using Values = std::vector<Real>;

ConvShape conv(Index batch, Index channels, Index height, Index width, Index filters, Index kernel_height, Index kernel_width, Index stride,
               Index padding) {
  return {batch,
          channels,
          height,
          width,
          filters,
          (height + 2 * padding - kernel_height) / stride + 1,
          (width + 2 * padding - kernel_width) / stride + 1,
          kernel_height,
          kernel_width,
          stride,
          padding};
}

/// Calls f(grid index, image index, weight index) for every product that a convolution sums.
template <class F>
void for_each_product(const ConvShape& s, F&& f) {
  for (Index n = 0; n < s.batch * s.filters * s.grid_height * s.grid_width; ++n) {
    const Index gx = n % s.grid_width;
    const Index gy = n / s.grid_width % s.grid_height;
    const Index filter = n / (s.grid_width * s.grid_height) % s.filters;
    const Index sample = n / s.grid_size();
    for (Index w = 0; w < s.channels * s.kernel_height * s.kernel_width; ++w) {
      const Index x = gx * s.stride + w % s.kernel_width - s.padding;
      const Index y = gy * s.stride + w / s.kernel_width % s.kernel_height - s.padding;
      const Index channel = w / (s.kernel_width * s.kernel_height);
      if (x < 0 || y < 0 || x >= s.width || y >= s.height) continue;
      f(static_cast<std::size_t>(n), static_cast<std::size_t>(((sample * s.channels + channel) * s.height + y) * s.width + x),
        static_cast<std::size_t>(filter * s.channels * s.kernel_height * s.kernel_width + w));
    }
  }
}

struct Sides {
  Values image, grid, weight, filter_bias, channel_bias;
  explicit Sides(const ConvShape& s)
      : image(random_values(s.batch * s.image_size(), 1)),
        grid(random_values(s.batch * s.grid_size(), 2)),
        weight(random_values(s.weight_size(), 3)),
        filter_bias(random_values(s.filters, 4)),
        channel_bias(random_values(s.channels, 5)) {}
};

std::vector<double> repeat(const Values& bias, std::size_t size, Index plane) {
  std::vector<double> out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = double{bias[i / static_cast<std::size_t>(plane) % bias.size()]};
  return out;
}

void add_plane_sums(const Values& values, const Values& mask, Index plane, std::vector<double>& sums) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (mask[i] > 0) sums[i / static_cast<std::size_t>(plane) % sums.size()] += double{values[i]};
  }
}

void check_forward(const ConvShape& s, const Sides& x, double allowed) {
  Values grid(x.grid.size());
  kernels::conv2d(s, x.image.data(), x.weight.data(), x.filter_bias.data(), true, grid.data());
  auto expected = repeat(x.filter_bias, grid.size(), s.grid_height * s.grid_width);
  for_each_product(s, [&](auto g, auto i, auto w) { expected[g] += double{x.image[i]} * double{x.weight[w]}; });
  for (double& value : expected) value = std::max(value, 0.0);
  CHECK(largest_difference(grid, expected) <= allowed);

  Values image(x.image.size());
  kernels::conv_transpose2d(s, x.grid.data(), x.weight.data(), x.channel_bias.data(), false, image.data());
  expected = repeat(x.channel_bias, image.size(), s.height * s.width);
  for_each_product(s, [&](auto g, auto i, auto w) { expected[i] += double{x.grid[g]} * double{x.weight[w]}; });
  CHECK(largest_difference(image, expected) <= allowed);
}

void check_backward(const ConvShape& s, const Sides& x, bool accumulate, double allowed) {
  const Real start = Real(0.5);
  const auto filled = [&](const Values& like) { return Values(like.size(), start); };
  const auto expected = [&](const Values& like) { return std::vector<double>(like.size(), accumulate ? double{start} : 0.0); };
  {
    const Values mask = random_values(static_cast<Index>(x.grid.size()), 6);
    Values d_image = filled(x.image), d_weight = filled(x.weight), d_bias = filled(x.filter_bias);
    auto e_image = expected(x.image), e_weight = expected(x.weight), e_bias = expected(x.filter_bias);
    kernels::conv2d_backward(s, x.image.data(), x.weight.data(), mask.data(), x.grid.data(), {d_image.data(), accumulate},
                             {d_weight.data(), accumulate}, {d_bias.data(), accumulate});
    for_each_product(s, [&](auto g, auto i, auto w) {
      if (mask[g] <= 0) return;
      e_image[i] += double{x.grid[g]} * double{x.weight[w]};
      e_weight[w] += double{x.grid[g]} * double{x.image[i]};
    });
    add_plane_sums(x.grid, mask, s.grid_height * s.grid_width, e_bias);
    CHECK(std::max({largest_difference(d_image, e_image), largest_difference(d_weight, e_weight), largest_difference(d_bias, e_bias)}) <=
          allowed);
  }
  const Values mask = random_values(static_cast<Index>(x.image.size()), 7);
  Values d_grid = filled(x.grid), d_weight = filled(x.weight), d_bias = filled(x.channel_bias);
  auto e_grid = expected(x.grid), e_weight = expected(x.weight), e_bias = expected(x.channel_bias);
  kernels::conv_transpose2d_backward(s, x.grid.data(), x.weight.data(), mask.data(), x.image.data(), {d_grid.data(), accumulate},
                                     {d_weight.data(), accumulate}, {d_bias.data(), accumulate});
  for_each_product(s, [&](auto g, auto i, auto w) {
    if (mask[i] <= 0) return;
    e_grid[g] += double{x.image[i]} * double{x.weight[w]};
    e_weight[w] += double{x.image[i]} * double{x.grid[g]};
  });
  add_plane_sums(x.image, mask, s.height * s.width, e_bias);
  CHECK(std::max({largest_difference(d_grid, e_grid), largest_difference(d_weight, e_weight), largest_difference(d_bias, e_bias)}) <=
        allowed);
}

TEST_CASE("convolution, its transpose and their gradients equal plain loops") {
  for (const Index kernel : {1, 2, 3, 4, 5}) {
    for (const Index stride : {1, 2, 3}) {
      for (const Index padding : {0, 1, 2, 3}) {
        for (const Index size : {1, 2, 3, 5, 8, 17}) {
          const Index channels = 1 + (kernel + stride) % 3;
          const Index filters = 1 + (kernel * 3 + size) % 10 + (size == 8 ? 4 * kernel : 0);
          const Index kernel_width = kernel + stride % 2;
          const Index width = size + padding % 2;
          if (size + 2 * padding < kernel || width + 2 * padding < kernel_width) continue;
          const ConvShape s = conv(size == 5 ? 11 : 2, channels, size, width, filters, kernel, kernel_width, stride, padding);
          CAPTURE(kernel);
          CAPTURE(stride);
          CAPTURE(padding);
          CAPTURE(size);
          const Sides x(s);
          const double allowed =
              tolerance(std::max(s.batch * s.grid_height * s.grid_width, std::max(s.channels, s.filters) * kernel * kernel_width));
          check_forward(s, x, allowed);
          check_backward(s, x, false, allowed);
          check_backward(s, x, true, allowed);
        }
      }
    }
  }
}

/// Against the two kernels one after the other: the values that are summed up are the same ones.
void check_pooled(const ConvShape& s, const Sides& x, bool relu) {
  const kernels::Pooling p{.planes = s.batch * s.filters,
                           .height = s.grid_height,
                           .width = s.grid_width,
                           .kernel = 2,
                           .stride = 2,
                           .padding = 0,
                           .out_height = s.grid_height / 2,
                           .out_width = s.grid_width / 2};
  const auto count = static_cast<std::size_t>(s.batch * s.filters * s.maxima());
  const Values d_maxima = random_values(static_cast<Index>(count), 8);
  Values grid(x.grid.size()), d_grid(x.grid.size()), d_image(x.image.size()), d_weight(x.weight.size()), d_bias(x.filter_bias.size());
  Values maxima(count);
  std::vector<std::uint8_t> place(count);
  kernels::conv2d(s, x.image.data(), x.weight.data(), x.filter_bias.data(), relu, grid.data());
  kernels::max_pool_2x2(grid.data(), maxima.data(), place.data(), p);
  kernels::max_pool_2x2_backward(d_maxima.data(), place.data(), d_grid.data(), p);
  kernels::conv2d_backward(s, x.image.data(), x.weight.data(), relu ? grid.data() : nullptr, d_grid.data(), {d_image.data()},
                           {d_weight.data()}, {d_bias.data()});

  Values fused_image(x.image.size()), fused_weight(x.weight.size()), fused_bias(x.filter_bias.size()), fused(count);
  kernels::conv2d(s, x.image.data(), x.weight.data(), x.filter_bias.data(), relu, fused.data(), place.data());
  kernels::conv2d_backward(s, x.image.data(), x.weight.data(), relu ? fused.data() : nullptr, d_maxima.data(), {fused_image.data()},
                           {fused_weight.data()}, {fused_bias.data()}, place.data());
  CHECK(fused == maxima);
  CHECK(fused_image == d_image);
  CHECK(fused_weight == d_weight);
  const std::vector<double> expected(d_bias.begin(), d_bias.end());
  CHECK(largest_difference(fused_bias, expected) <= tolerance(s.batch * s.grid_height * s.grid_width));
}

TEST_CASE("a convolution with max pooling equals a convolution and a max pooling") {
  for (const Index stride : {1, 2, 3}) {
    for (const Index padding : {0, 1, 2}) {
      for (const Index size : {4, 5, 8, 17, 28, 35}) {
        const ConvShape s = conv(size == 5 ? 11 : 2, 1 + size % 3, size, size + padding, 1 + size % 10, 3, 3, stride, padding);
        if (s.maxima() == 0) continue;
        CAPTURE(stride);
        CAPTURE(padding);
        CAPTURE(size);
        const Sides x(s);
        check_pooled(s, x, false);
        check_pooled(s, x, true);
      }
    }
  }
}

TEST_CASE("a transposed convolution with output padding covers the whole image") {
  ConvShape s = conv(3, 2, 9, 9, 3, 3, 3, 2, 1);
  s.height = s.width = 10;
  const Sides x(s);
  check_forward(s, x, tolerance(s.grid_size()));
  check_backward(s, x, false, tolerance(s.batch * s.grid_size()));
}

TEST_CASE("convolutions give the same bits with any number of threads") {
  const ConvShape s = conv(19, 3, 12, 12, 10, 3, 3, 2, 1);
  const Sides x(s);
  std::vector<Values> results;
  for (const int count : {1, 2, 4, 8}) {
    set_threads(count);
    Values grid(x.grid.size()), d_image(x.image.size()), d_weight(x.weight.size());
    kernels::conv2d(s, x.image.data(), x.weight.data(), x.filter_bias.data(), true, grid.data());
    kernels::conv2d_backward(s, x.image.data(), x.weight.data(), grid.data(), x.grid.data(), {d_image.data(), false},
                             {d_weight.data(), false}, {});
    grid.insert(grid.end(), d_image.begin(), d_image.end());
    grid.insert(grid.end(), d_weight.begin(), d_weight.end());
    results.push_back(std::move(grid));
  }
  set_threads(1);
  for (const Values& result : results) CHECK(result == results.front());
}

}  // namespace
}  // namespace emotrain::test
