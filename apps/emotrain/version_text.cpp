#include "version_text.hpp"

#include <fmt/format.h>

#include <thread>

#include "emotrain/train/build_info.hpp"

namespace {

namespace build_info = emotrain::train::build_info;

/// Of those that the kernels are compiled for where they are there.
std::string cpu_features() {
#if defined(__x86_64__)
  std::string text;
  const auto add = [&](bool has, const char* name) { text += has ? (text.empty() ? "" : " ") + std::string(name) : ""; };
  add(__builtin_cpu_supports("sse4.2") != 0, "SSE4.2");
  add(__builtin_cpu_supports("avx") != 0, "AVX");
  add(__builtin_cpu_supports("avx2") != 0, "AVX2");
  add(__builtin_cpu_supports("fma") != 0, "FMA");
  add(__builtin_cpu_supports("avx512f") != 0, "AVX-512F");
  return "x86-64 " + text;
#elif defined(__aarch64__)
  return "aarch64 NEON";
#else
  return "unknown";
#endif
}

}  // namespace

std::string version_text() {
  const std::string commit = build_info::commit != nullptr ? fmt::format(" ({})", build_info::commit) : "";
  const char* const tuned = build_info::native ? "native: for the CPU that built it" : "portable: for any CPU of its architecture";
  return fmt::format(
      "emotrain {}{}\n"
      "build      {}, {}\n"
      "compiler   {}\n"
      "flags      {}\n"
      "libraries  {}\n"
      "machine    {}, {} threads\n",
      build_info::version, commit, build_info::build_type, tuned, build_info::compiler, build_info::flags, build_info::libraries,
      cpu_features(), std::thread::hardware_concurrency());
}
