#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/denormals.hpp"
#include "emotrain/core/random.hpp"
#include "emotrain/nn/losses.hpp"
#include "emotrain/nn/models.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "rows.hpp"

namespace emotrain::bench {
namespace {

constexpr Index classes = 10;
constexpr std::uint64_t seed = 1;

struct Problem {
  const char* name;
  Index batch;
  Shape sample;
  std::unique_ptr<nn::ModelOptions> (*model)();
  std::unique_ptr<nn::LossOptions> (*loss)();
};

template <class Options, class Base>
std::unique_ptr<Base> plain() {
  return std::make_unique<Options>();
}

template <Index... hidden>
std::unique_ptr<nn::ModelOptions> mlp() {
  auto options = std::make_unique<nn::MlpOptions>();
  options->hidden = {hidden...};
  return options;
}

constexpr auto cross_entropy = plain<nn::CrossEntropyOptions, nn::LossOptions>;

const Problem problems[] = {
    {"mlp_tiny", 32, {64}, mlp<32>, cross_entropy},
    {"mlp_small", 64, {784}, mlp<128>, cross_entropy},
    {"mlp_medium", 128, {784}, mlp<256, 128>, cross_entropy},
    {"mlp_large", 256, {784}, mlp<1024, 1024>, cross_entropy},
    {"cnn", 128, {1, 28, 28}, plain<nn::CnnOptions, nn::ModelOptions>, cross_entropy},
    {"conv_ae", 128, {1, 28, 28}, plain<nn::ConvAutoencoderOptions, nn::ModelOptions>, plain<nn::MseOptions, nn::LossOptions>},
    {"conv_vae", 128, {1, 28, 28}, plain<nn::ConvVaeOptions, nn::ModelOptions>, plain<nn::ElboOptions, nn::LossOptions>},
};

class Step {
 public:
  Step(const Problem& problem, const optim::OptimizerOptions& options) : lr_(options.lr), loss_(problem.loss()) {
    Shape shape = {problem.batch};
    for (const Index extent : problem.sample) shape.push_back(extent);
    x_ = Tensor::empty(shape);
    fill_uniform({.seed = seed, .stream = Stream::test}, 0, x_.data(), x_.size(), 0, 1);
    for (Index i = 0; i < problem.batch; ++i) {
      const std::uint32_t bits = random_bits({.seed = seed, .stream = Stream::test}, 1, static_cast<std::uint64_t>(i));
      labels_.push_back(static_cast<std::int32_t>(bits % classes));
    }
    model_ = problem.model()->build(problem.sample, classes, seed);
    std::vector<nn::NamedTensor> named;
    model_->parameters("", named);
    for (const nn::NamedTensor& parameter : named) parameters_.push_back(parameter.value);
    optimizer_ = options.build(parameters_);
  }

  void run() {
    // As in every step of the trainer: the moving averages of a batch that is seen again and again run down to such numbers.
    const FlushDenormals guard;
    ++step_;
    for (const Tensor& parameter : parameters_) parameter.clear_grad();
    const nn::Batch batch{x_, labels_};
    const Tensor loss = loss_->compute(model_->run(x_, {.seed = seed, .step = static_cast<std::uint64_t>(step_)}), batch);
    autograd::backward(loss);
    optimizer_->step({.step = step_, .loss = static_cast<double>(loss.item()), .lr = lr_});
  }

 private:
  double lr_;
  Tensor x_;
  std::vector<std::int32_t> labels_;
  std::unique_ptr<nn::LossOptions> loss_;
  std::unique_ptr<nn::Model> model_;
  std::vector<Tensor> parameters_;
  std::unique_ptr<optim::Optimizer> optimizer_;
  Index step_ = 0;
};

void time_steps(benchmark::State& state, const Problem& problem, const OptionsEntry& optimizer) {
  const std::unique_ptr<Options> options = optimizer.make();
  Step step(problem, dynamic_cast<const optim::OptimizerOptions&>(*options));
  for (int warm_up = 0; warm_up < 3; ++warm_up) step.run();
  for (auto _ : state) step.run();
}

}  // namespace

void register_steps() {
  for (const Problem& problem : problems) {
    for (const OptionsEntry& optimizer : optim::optimizers().entries) {
      const std::string name = std::string("step/") + problem.name + "/" + optimizer.name;
      benchmark::RegisterBenchmark(name.c_str(), [&](benchmark::State& state) {
        time_steps(state, problem, optimizer);
      })->Unit(benchmark::kMicrosecond);
    }
  }
}

}  // namespace emotrain::bench
