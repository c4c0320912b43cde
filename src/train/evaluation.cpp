#include "train/evaluation.hpp"

#include <algorithm>
#include <vector>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/nn/losses.hpp"
#include "emotrain/ops/elementwise.hpp"
#include "train/batch_loader.hpp"
#include "train/measures/extra_metrics.hpp"

namespace emotrain::train {
namespace {

bool sums_over_samples(const nn::LossOptions& loss) {
  const auto* reduced = dynamic_cast<const nn::ReducedLossOptions*>(&loss);
  return reduced != nullptr && reduced->reduction == "sum";
}

Index count_correct(const Tensor& logits, std::span<const std::int32_t> labels) {
  const Index classes = logits.shape()[-1];
  const Real* row = logits.data();
  Index correct = 0;
  for (const std::int32_t label : labels) {
    correct += std::max_element(row, row + classes) - row == label ? 1 : 0;
    row += classes;
  }
  return correct;
}

double squared_error(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (Index i = 0; i < a.size(); ++i) {
    const double difference = double{a.data()[i]} - double{b.data()[i]};
    sum += difference * difference;
  }
  return sum;
}

}  // namespace

Tensor reconstruction(const Tensor& output, const nn::LossOptions& loss) { return loss.output_is_logits() ? ops::sigmoid(output) : output; }

Scores evaluate(nn::Model& model, const nn::LossOptions& loss, const Part& part, Index batch_size, std::uint64_t seed,
                ExtraMetrics* extra) {
  const autograd::NoGrad guard;
  const bool classifies = model.task() == nn::Task::classification;
  const bool reconstructs = model.task() == nn::Task::reconstruction;
  const bool sums = sums_over_samples(loss);
  const auto samples = static_cast<double>(part.indices.size());
  BatchLoader loader(part.set, batch_size);
  auto measurement = extra != nullptr ? extra->measure(part) : std::nullopt;
  double loss_sum = 0;
  double error_sum = 0;
  Index correct = 0;
  for (std::size_t first = 0, number = 0; first < part.indices.size(); first += static_cast<std::size_t>(batch_size), ++number) {
    const auto count = std::min(static_cast<std::size_t>(batch_size), part.indices.size() - first);
    const nn::Batch batch = loader.load(part.indices.subspan(first, count));
    const nn::ModelOutput output =
        model.run(batch.x, {.training = false, .seed = seed, .step = evaluation_step(static_cast<Index>(number))});
    loss_sum += output.value.value_or(double{loss.compute(output, batch).item()}) * (sums ? 1 : static_cast<double>(count));
    if (classifies) {
      correct += count_correct(output.output, batch.labels);
    } else if (reconstructs) {
      const Tensor reconstructed = reconstruction(output.output, loss);
      error_sum += squared_error(reconstructed, batch.x);
      if (measurement) measurement->add(reconstructed, batch.x);
    }
  }
  Scores scores{.loss = report::loss_of_record(loss_sum / samples)};
  if (classifies) {
    scores.accuracy = static_cast<double>(correct) / samples;
  } else if (reconstructs) {
    scores.mse = error_sum / (samples * static_cast<double>(part.set.sample_shape.size()));
  }
  if (measurement) scores.extra = measurement->metrics();
  return scores;
}

void append_metrics(const char* prefix, const Scores& scores, std::vector<report::Metric>& out) {
  out.push_back({fmt::format("{}_loss", prefix), scores.loss});
  if (scores.accuracy) out.push_back({fmt::format("{}_accuracy", prefix), *scores.accuracy});
  if (scores.mse) out.push_back({fmt::format("{}_mse", prefix), *scores.mse});
  for (const report::Metric& metric : scores.extra) out.push_back({fmt::format("{}_{}", prefix, metric.name), metric.value});
}

}  // namespace emotrain::train
