#include "emotrain/autograd/tape.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "emotrain/core/buffer.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::test {
namespace {

Tensor scalar(Real value) { return Tensor::full({}, value).set_requires_grad(true); }

void add_to(const Tensor& x, Real gradient) {
  if (!x.requires_grad()) return;
  const auto sink = x.grad_sink();
  sink.data[0] = gradient + (sink.accumulate ? sink.data[0] : 0);
}

Tensor product(const Tensor& a, const Tensor& b) {
  Tensor y = Tensor::full({}, a.item() * b.item());
  if (autograd::tracks(a, b)) {
    autograd::record(y, [a, b, y] {
      add_to(a, y.grad()[0] * b.item());
      add_to(b, y.grad()[0] * a.item());
    });
  }
  return y;
}

ErrorKind kind_of_failure(const Tensor& loss) {
  try {
    autograd::backward(loss);
  } catch (const Error& error) {
    return error.kind();
  }
  FAIL_CHECK("no error");
  return ErrorKind::io;
}

}  // namespace

TEST_CASE("gradients flow through every use of a value") {
  const Tensor x = scalar(3);
  const Tensor square = product(x, x);
  autograd::backward(product(square, product(square, x)));  // x^5
  CHECK(x.grad()[0] == 5 * 81);
}

TEST_CASE("gradients of leaves add up until they are cleared") {
  const Tensor x = scalar(3);
  autograd::backward(product(x, x));
  autograd::backward(product(x, x));
  CHECK(x.grad()[0] == 12);
  x.clear_grad();
  autograd::backward(product(x, x));
  CHECK(x.grad()[0] == 6);
}

TEST_CASE("what the loss does not depend on gets no gradient") {
  const Tensor x = scalar(3);
  const Tensor other = scalar(4);
  const Tensor unused = product(other, other);
  autograd::backward(product(x, x));
  CHECK(!other.has_grad());
  CHECK(!unused.has_grad());
}

TEST_CASE("nothing is recorded without need: no input wants a gradient, or NoGrad is in force") {
  const Tensor x = scalar(3);
  const Tensor constant = Tensor::full({}, 2);
  CHECK(!autograd::tracks(constant));
  CHECK(!autograd::tracks(Tensor()));
  CHECK(autograd::tracks(constant, Tensor(), x));
  CHECK(!product(constant, constant).requires_grad());
  {
    const autograd::NoGrad outer;
    { const autograd::NoGrad inner; }
    CHECK(!autograd::enabled());
    CHECK(!product(x, x).requires_grad());
  }
  CHECK(autograd::enabled());
}

TEST_CASE("a loss without a tape, or of several elements, is an error") {
  CHECK(kind_of_failure(Tensor::full({}, 1)) == ErrorKind::usage);
  CHECK(kind_of_failure(Tensor::full({2}, 1)) == ErrorKind::shape);
  const Tensor x = scalar(3);
  const Tensor y = product(x, x);
  autograd::clear();
  CHECK(kind_of_failure(y) == ErrorKind::usage);
}

TEST_CASE("clear and backward let go of what was captured") {
  for (const bool by_backward : {true, false}) {
    const Tensor x = scalar(2);
    Tensor y = product(x, x);
    const Real* data = nullptr;
    {
      const Tensor inner = Tensor::full({1000}, 1);
      data = inner.data();
      autograd::record(y, [inner] {});
    }
    if (by_backward) {
      autograd::backward(y);
    } else {
      autograd::clear();
    }
    CHECK(Tensor::empty({1000}).data() == data);
  }
}

TEST_CASE("closures of any number and size up to the limit are kept apart") {
  const Tensor x = scalar(1);
  std::vector<int> order;
  Tensor y = product(x, x);
  for (int i = 0; i < 300; ++i) {
    std::array<int, 200> content{};  // 800 bytes each: several chunks of memory
    content.fill(i);
    autograd::record(y, [content, &order] {
      for (int value : content) {
        if (value != content[0]) return;
      }
      order.push_back(content[0]);
    });
  }
  autograd::backward(y);
  REQUIRE(order.size() == 300);
  for (int i = 0; i < 300; ++i) CHECK(order[static_cast<std::size_t>(i)] == 299 - i);
  struct Large {
    std::byte bytes[100000];
  };
  CHECK_THROWS_AS(autograd::record(y, [large = Large{}] { static_cast<void>(large); }), Error);
  autograd::clear();
}

TEST_CASE("steps after the first take no memory") {
  const Tensor x = scalar(2);
  const auto step = [&] {
    x.clear_grad();
    Tensor y = x;
    for (int i = 0; i < 50; ++i) y = product(y, x);
    autograd::backward(y);
    return x.grad()[0];
  };
  const Real first = step();
  const std::size_t bytes = pool_bytes();
  for (int i = 0; i < 10; ++i) CHECK(step() == first);
  CHECK(pool_bytes() == bytes);
}

}  // namespace emotrain::test
