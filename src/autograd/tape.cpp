#include "emotrain/autograd/tape.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "emotrain/core/error.hpp"

namespace emotrain::autograd {
namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;

struct Tape {
  std::vector<detail::Node> nodes;
  std::vector<std::unique_ptr<std::byte[]>> chunks;
  std::size_t chunk = 0;
  std::size_t used = 0;
  bool enabled = true;

  Tape() = default;
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;
  ~Tape() { clear(); }

  void clear() noexcept {
    while (!nodes.empty()) pop();
    chunk = 0;
    used = 0;
  }

  void pop() noexcept {
    nodes.back().destroy(nodes.back().closure);
    nodes.pop_back();
  }
};

Tape& tape() {
  // Touching the pool first makes it outlive the tape, whose tensors go back to it.
  static thread_local const Buffer keeps_pool_alive(1);
  static thread_local Tape instance;
  return instance;
}

}  // namespace

bool enabled() noexcept { return tape().enabled; }

NoGrad::NoGrad() noexcept : before_(std::exchange(tape().enabled, false)) {}
NoGrad::~NoGrad() { tape().enabled = before_; }

namespace detail {

void* allocate_closure(std::size_t bytes) {
  Tape& t = tape();
  constexpr std::size_t align = alignof(std::max_align_t);
  bytes = (bytes + align - 1) / align * align;
  if (bytes > chunk_bytes) fail(ErrorKind::usage, "[autograd] a closure of {} bytes: capture less", bytes);
  if (t.used + bytes > chunk_bytes) {
    ++t.chunk;
    t.used = 0;
  }
  if (t.chunk == t.chunks.size()) t.chunks.push_back(std::make_unique<std::byte[]>(chunk_bytes));
  return t.chunks[t.chunk].get() + std::exchange(t.used, t.used + bytes);
}

void push(Node&& node) { tape().nodes.push_back(std::move(node)); }

}  // namespace detail

void backward(const Tensor& loss, Real seed) {
  Tape& t = tape();
  if (loss.size() != 1) fail(ErrorKind::shape, "[backward] the loss has shape {}: reduce it to one value", loss.shape());
  if (!loss.requires_grad() || t.nodes.empty()) {
    fail(ErrorKind::usage, "[backward] nothing was recorded for this loss: no input requires a gradient, or NoGrad is in force");
  }
  const NoGrad guard;
  loss.grad_sink().data[0] = seed;
  while (!t.nodes.empty()) {
    const detail::Node& node = t.nodes.back();
    if (node.output.has_grad()) node.run(node.closure);
    t.pop();  // frees activations and their gradients as early as possible: the next ones find them in cache
  }
  t.clear();
}

std::optional<std::string> first_not_finite() {
  const auto& nodes = tape().nodes;
  const auto bad = std::ranges::find_if(nodes, [](const detail::Node& node) {
    return !std::ranges::all_of(node.output.values(), [](Real value) { return std::isfinite(value); });
  });
  if (bad == nodes.end()) return std::nullopt;
  // "emotrain::Tensor emotrain::ops::matmul(const ...)" -> "matmul"
  const std::string_view signature(bad->op);
  const std::string_view name = signature.substr(0, signature.find('('));
  return std::string(name.substr(name.find_last_of(": ") + 1));
}

void clear() noexcept { tape().clear(); }

}  // namespace emotrain::autograd
