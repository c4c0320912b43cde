#pragma once
#include <fmt/core.h>

#include <stdexcept>
#include <string>
#include <utility>

/// Errors carry one line of text that names the place, the values and the remedy, and a kind. Only `main` turns a kind into an exit code.
namespace emotrain {

enum class ErrorKind {
  usage,          ///< wrong command line or configuration (exit code 2)
  data,           ///< malformed data file (65)
  missing,        ///< an input that is not there (66)
  cannot_create,  ///< an output that cannot be created (73)
  io,             ///< reading or writing failed (74)
  numeric,        ///< a loss or gradient is not finite (3)
  shape,          ///< tensors that do not fit each other (1)
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& text) : std::runtime_error(text), kind_(kind) {}
  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

/// Throws Error{kind} with the formatted text: `fail(ErrorKind::shape, "[matmul] inner dimensions differ: {} x {}", a, b)`.
template <class... Args>
[[noreturn]] void fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(kind, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace emotrain
