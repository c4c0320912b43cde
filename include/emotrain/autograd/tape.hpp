#pragma once
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "emotrain/core/tensor.hpp"

/// Reverse-mode differentiation. Ops append a node for each result to the tape of the thread, in the order of execution; `backward` walks
/// the tape from the end. No recursion, no sorting. Nodes and closures live in memory that is used again by the next step.
///
/// An op is one function body:
///
///     Tensor exp(const Tensor& x) {
///       Tensor y = Tensor::empty(x.shape());
///       ... compute y from x ...
///       if (autograd::tracks(x)) {
///         autograd::record(y, [x, y] {                     // captures the minimum that the backward formula needs
///           const auto dx = x.grad_sink();                 // where to write, and whether to add
///           ... dx (+)= y.grad() * y ...
///         });
///       }
///       return y;
///     }
///
/// With several inputs the closure asks each one `requires_grad()` before it computes that gradient.
namespace emotrain::autograd {

/// Whether ops on these inputs are to be recorded: gradients are enabled and some input requires one.
bool enabled() noexcept;
template <class... Inputs>
bool tracks(const Inputs&... inputs) {
  return enabled() && (... || (inputs.defined() && inputs.requires_grad()));
}

/// While one lives, nothing is recorded on this thread.
class NoGrad {
 public:
  NoGrad() noexcept;
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  bool before_;
};

namespace detail {

struct Node {
  Tensor output;
  void* closure;
  void (*run)(void*);
  void (*destroy)(void*);
  /// The function that recorded it: the op's.
  const char* op;
};

/// Memory for closures of any size; addresses stay valid until `clear`.
void* allocate_closure(std::size_t bytes);
void push(Node&& node);

}  // namespace detail

/// Marks `output` as requiring a gradient and appends the closure that, once output.grad() is known, adds to the inputs' gradients.
template <class Backward>
void record(const Tensor& output, Backward&& backward, const std::source_location& op = std::source_location::current()) {
  using Closure = std::remove_cvref_t<Backward>;
  static_assert(alignof(Closure) <= alignof(std::max_align_t));
  output.set_requires_grad(true);
  void* memory = detail::allocate_closure(sizeof(Closure));
  auto* closure = new (memory) Closure(std::forward<Backward>(backward));
  detail::push({output, closure, [](void* c) { (*static_cast<Closure*>(c))(); }, [](void* c) { std::destroy_at(static_cast<Closure*>(c)); },
                op.function_name()});
}

/// Computes seed d loss / d t for every tensor t that requires a gradient and that `loss` (one element) was computed from, then clears the
/// tape. Gradients of leaves add to what they hold (see Tensor::clear_grad). Throws Error{shape} if loss has several elements, and
/// Error{usage} if nothing was recorded for it.
void backward(const Tensor& loss, Real seed = 1);

/// The name of the first op on the tape whose result holds a value that is not finite; null if there is none.
std::optional<std::string> first_not_finite();

/// Forgets what was recorded, e.g. after a forward pass that needs no backward.
void clear() noexcept;

}  // namespace emotrain::autograd
