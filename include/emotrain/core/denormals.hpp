#pragma once

/// Numbers below the smallest normal one (1.2e-38 for float) are slow to compute with on many processors, and an optimizer's moving
/// averages of a gradient that stays zero for long - a pixel that is always black - go through them on their way to zero.
namespace emotrain {

/// While one lives, this thread, and the threads that work on its parallel_for, read and write such numbers as zero. Does nothing on
/// processors other than x86.
class FlushDenormals {
 public:
  FlushDenormals() noexcept;
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  unsigned before_;
};

namespace detail {
/// How this thread's processor rounds and flushes.
unsigned float_control() noexcept;
void set_float_control(unsigned control) noexcept;
}  // namespace detail

}  // namespace emotrain
