#include "emotrain/core/shape.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <vector>

#include "emotrain/core/error.hpp"

namespace emotrain::test {
namespace {

std::string message(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::shape);
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a shape knows its axes from both ends, its size and its text") {
  const Shape shape{2, 3, 4};
  CHECK(shape.rank() == 3);
  CHECK(shape[0] == 2);
  CHECK(shape[-1] == 4);
  CHECK(shape.resolve(-3) == 0);
  CHECK(shape.size() == 24);
  CHECK(shape.size(1, 3) == 12);
  CHECK(shape.size(1, 1) == 1);
  CHECK(shape.str() == "(2,3,4)");
  CHECK(Shape{}.size() == 1);
  CHECK(Shape{}.str() == "()");
  CHECK(Shape{0, 3}.size() == 0);
  CHECK(Shape{2, 3} != Shape{2, 3, 1});
  CHECK(Shape(std::vector<Index>{2, 3, 4}) == shape);
}

TEST_CASE("impossible shapes and axes are errors") {
  const Shape shape{2, 3};
  CHECK(message([&] { static_cast<void>(shape[2]); }) == "[shape] axis 2 of a tensor of shape (2,3)");
  CHECK(message([&] { static_cast<void>(shape[-3]); }) == "[shape] axis -3 of a tensor of shape (2,3)");
  CHECK(message([] { static_cast<void>(Shape{4, -1}); }).find("negative extent -1") != std::string::npos);
  CHECK(message([] { static_cast<void>(Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}); }).find("more than 8 axes") != std::string::npos);
}

TEST_CASE("broadcasting aligns at the end, and 1 fits everything") {
  struct Row {
    Shape a, b, result;
  };
  const Row rows[] = {
      {{}, {}, {}},
      {{3}, {}, {3}},
      {{2, 3}, {3}, {2, 3}},
      {{2, 1}, {1, 3}, {2, 3}},
      {{4, 1, 3}, {5, 1}, {4, 5, 3}},
      {{1}, {2, 2}, {2, 2}},
      {{0, 3}, {1}, {0, 3}},
      {{0, 3}, {1, 3}, {0, 3}},
      {{1, 1, 1, 1}, {7}, {1, 1, 1, 7}},
  };
  for (const Row& row : rows) {
    INFO(row.a.str() << " " << row.b.str());
    CHECK(broadcast("test", row.a, row.b) == row.result);
    CHECK(broadcast("test", row.b, row.a) == row.result);
  }
  CHECK(message([] { broadcast("mul", {2, 3}, {2}); }) == "[mul] shapes (2,3) and (2) cannot be broadcast together");
}

}  // namespace emotrain::test
