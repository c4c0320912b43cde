#include <algorithm>
#include <vector>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/core/random.hpp"
#include "emotrain/nn/function.hpp"
#include "emotrain/nn/models.hpp"
#include "emotrain/nn/structure.hpp"

namespace emotrain::nn {
namespace {

/// Beyond it a point is a slip.
constexpr Range coordinate{.min = -1e6, .max = 1e6};

class FunctionModel final : public Model {
 public:
  FunctionModel(const Function& function, double noise, Tensor start)
      : function_(function),
        noise_(noise),
        x_(std::move(start)),
        point_(static_cast<std::size_t>(function.dimensions)),
        gradient_(point_.size()),
        disturbance_(point_.size() + 1) {
    x_.set_requires_grad(true);
  }

  Task task() const override { return Task::minimization; }

  ModelOutput run(const Tensor& /*x*/, const Context& context) override {
    std::ranges::copy(x_.values(), point_.begin());
    std::ranges::fill(disturbance_, Real(0));
    if (context.training) {
      // Whatever the optimizer: the same noise in the same step.
      fill_normal({.seed = context.seed, .stream = Stream::sample}, context.step, disturbance_.data(),
                  static_cast<Index>(disturbance_.size()), 0, noise_);
    }
    const double value = function_.value(point_) + double{disturbance_.back()};
    const Tensor y = Tensor::full({}, static_cast<Real>(value));
    if (autograd::tracks(x_)) record_gradient(y);
    return {.output = y, .mean = {}, .log_variance = {}, .value = value};
  }

  void parameters(const std::string& prefix, std::vector<NamedTensor>& out) const override { out.push_back({prefix + "x", x_}); }

  Value describe(const std::string& /*name*/, const Value& /*x*/, Structure& out) const override {
    Layer& layer = out.add("x", function_.name, {"x", {}}, {}, 0);
    layer.parameters = x_.size();
    return {"value", {}};
  }

 private:
  void record_gradient(const Tensor& y) {
    function_.gradient(point_, gradient_);
    const Tensor slope = Tensor::empty(x_.shape());
    for (std::size_t i = 0; i < gradient_.size(); ++i) slope.data()[i] = static_cast<Real>(gradient_[i] + double{disturbance_[i]});
    autograd::record(y, [x = x_, y, slope] {
      const Tensor::GradSink out = x.grad_sink();
      const Real scale = y.grad()[0];
      for (Index i = 0; i < x.size(); ++i) {
        const Real part = scale * slope.data()[i];
        out.data[i] = out.accumulate ? out.data[i] + part : part;
      }
    });
  }

  const Function& function_;
  double noise_;
  Tensor x_;
  std::vector<double> point_;
  std::vector<double> gradient_;
  std::vector<Real> disturbance_;
};

}  // namespace

void FunctionOptions::fields(FieldVisitor& visitor) {
  visitor.field({"function", "what to minimize", {}, function_names()}, function);
  visitor.field({"start", "coordinates of the first point; empty: drawn by the seed", coordinate}, start);
  visitor.field({"noise", "deviation of the normal noise on loss and gradient; null: the function's own", {.min = 0, .max = 1e6}}, noise);
}

void FunctionOptions::check() const {
  const Function* known = find_function(function);
  if (known == nullptr) fail(ErrorKind::usage, "function: there is no function {}; emotrain list models function names them", function);
  const Index dimensions = known->dimensions;
  if (start.empty() || static_cast<Index>(start.size()) == dimensions) return;
  fail(ErrorKind::usage, "start: has {} coordinates, and {} is a function of {}: give as many, or none", start.size(), function,
       dimensions);
}

std::unique_ptr<Model> FunctionOptions::build(const Shape& sample_shape, Index /*classes*/, std::uint64_t seed) const {
  check();
  if (sample_shape.rank() != 0) {
    fail(ErrorKind::usage, "name: function takes no data, and the data has samples of shape {}: give data {{\"name\": \"none\"}}",
         sample_shape);
  }
  const Function& minimized = *find_function(function);
  return std::make_unique<FunctionModel>(minimized, noise.value_or(minimized.noise),
                                         Tensor::from({minimized.dimensions}, first_point(seed)));
}

std::vector<Real> FunctionOptions::first_point(std::uint64_t seed) const {
  const Function& minimized = *find_function(function);
  std::vector<Real> x(static_cast<std::size_t>(minimized.dimensions));
  minimized.start(seed, x);
  std::ranges::transform(start, x.begin(), [](double coordinate) { return static_cast<Real>(coordinate); });
  return x;
}

}  // namespace emotrain::nn
