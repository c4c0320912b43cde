#include <benchmark/benchmark.h>

#include <charconv>
#include <cstdio>
#include <string_view>
#include <vector>

#include "emotrain/core/threads.hpp"
#include "rows.hpp"

namespace {

/// Takes `--threads N` (default 1) out of the arguments. 0: not a number of threads.
int take_threads(std::vector<char*>& arguments) {
  int threads = 1;
  for (std::size_t i = 1; i + 1 < arguments.size(); ++i) {
    if (std::string_view(arguments[i]) != "--threads") continue;
    const std::string_view text = arguments[i + 1];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), threads);
    if (error != std::errc() || end != text.data() + text.size() || threads < 1) return 0;
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 2);
    break;
  }
  return threads;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc);
  const int threads = take_threads(arguments);
  if (threads == 0) {
    std::fputs("emotrain_bench: --threads needs a whole number from 1 on\n", stderr);
    return 2;
  }
  int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;
  emotrain::set_threads(threads);
  emotrain::bench::register_steps();
  emotrain::bench::register_updates();
  emotrain::bench::register_products(threads);
  emotrain::bench::register_jobs();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
