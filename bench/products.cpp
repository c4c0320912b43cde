#include "products.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "emotrain/core/buffer.hpp"
#include "emotrain/core/random.hpp"
#include "rows.hpp"

namespace emotrain::bench {
namespace {

/// Linear layers of the problems: forward (x · weightᵀ), gradient of the weight (dyᵀ · x), gradient of the input (dy · weight); and the
/// second convolution of the cnn as one product over all patches.
constexpr Product products[] = {
    {32, 32, 64, false, true},       // mlp_tiny
    {64, 128, 784, false, true},     // mlp_small
    {128, 784, 64, true, false},     //
    {128, 256, 784, false, true},    // mlp_medium
    {256, 784, 128, true, false},    //
    {128, 256, 128, false, false},   //
    {256, 1024, 784, false, true},   // mlp_large
    {256, 1024, 1024, false, true},  //
    {1024, 1024, 256, true, false},  //
    {128, 1568, 32, false, true},    // conv_ae, from the latents
    {25088, 32, 144, false, true},   // cnn
};

void multiply_ours(const Product& p, const float* a, const float* b, float* c) {
  const kernels::Matrix left = p.a_transposed ? kernels::Matrix{a, 1, p.m} : kernels::Matrix{a, p.k, 1};
  const kernels::Matrix right = p.b_transposed ? kernels::Matrix{b, 1, p.k} : kernels::Matrix{b, p.n, 1};
  kernels::gemm(p.m, p.n, p.k, left, right, c, p.n);
}

using Multiply = void (*)(const Product&, const float*, const float*, float*);

void time_product(benchmark::State& state, const Product& p, Multiply multiply) {
  const Scratch<float> a(static_cast<std::size_t>(p.m * p.k));
  const Scratch<float> b(static_cast<std::size_t>(p.k * p.n));
  const Scratch<float> c(static_cast<std::size_t>(p.m * p.n));
  fill_normal({.seed = 1}, 0, a.data(), p.m * p.k, 0, 1);
  fill_normal({.seed = 1}, 1, b.data(), p.k * p.n, 0, 1);
  for (auto _ : state) {
    multiply(p, a.data(), b.data(), c.data());
    benchmark::ClobberMemory();
  }
  const double operations = 2.0 * static_cast<double>(p.m * p.n * p.k);
  state.counters["GF"] = benchmark::Counter(operations / 1e9, benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace

void register_products(int threads) {
  const auto add = [](const Product& p, const char* whose, Multiply multiply) {
    const std::string name = fmt::format("gemm/{}x{}x{}/{}", p.m, p.n, p.k, whose);
    benchmark::RegisterBenchmark(name.c_str(), [&p, multiply](benchmark::State& state) {
      time_product(state, p, multiply);
    })->Unit(benchmark::kMicrosecond);
  };
#ifdef EMOTRAIN_BENCH_OPENBLAS
  set_openblas_threads(threads);
#endif
  set_eigen_threads(threads);
  for (const Product& p : products) {
    add(p, "ours", multiply_ours);
    add(p, "eigen", multiply_eigen);
#ifdef EMOTRAIN_BENCH_OPENBLAS
    add(p, "openblas", multiply_openblas);
#endif
  }
}

}  // namespace emotrain::bench
