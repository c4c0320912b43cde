#include "emotrain/core/denormals.hpp"

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace emotrain {
namespace {

/// MXCSR: flush-to-zero (results) and denormals-are-zero (operands).
constexpr unsigned flush = 0x8000U | 0x0040U;

}  // namespace

namespace detail {

#if defined(__SSE__)
unsigned float_control() noexcept { return _mm_getcsr(); }
void set_float_control(unsigned control) noexcept { _mm_setcsr(control); }
#else
unsigned float_control() noexcept { return 0; }
void set_float_control(unsigned /*control*/) noexcept {}
#endif

}  // namespace detail

FlushDenormals::FlushDenormals() noexcept : before_(detail::float_control()) { detail::set_float_control(before_ | flush); }
FlushDenormals::~FlushDenormals() { detail::set_float_control(before_); }

}  // namespace emotrain
