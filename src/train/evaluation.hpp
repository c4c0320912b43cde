#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "emotrain/data/dataset.hpp"
#include "emotrain/nn/model.hpp"
#include "emotrain/report/records.hpp"

namespace emotrain::train {

class ExtraMetrics;

/// Samples of a data set.
struct Part {
  const data::Dataset& set;
  std::span<const std::int32_t> indices;
};

struct Scores {
  /// Mean over the samples: of a loss that sums over its batch, the sum over all samples divided by their number. For a VAE the negative
  /// ELBO of one latent sample per image.
  double loss = 0;
  /// Classification: part of the samples whose greatest logit is the label's.
  std::optional<double> accuracy = std::nullopt;
  /// Reconstruction: mean of (reconstruction - sample)^2 over all values; comparable whatever the loss.
  std::optional<double> mse = std::nullopt;
  /// Those of trainer.extra_metrics that reconstructions tell, without a prefix.
  std::vector<report::Metric> extra = {};
};

/// Runs the model in evaluation mode. Latent noise is a function of the seed, the number of the batch and the place in it, so
/// evaluations with the same batch size compare. `extra` null: nothing more than the scores that each evaluation has.
Scores evaluate(nn::Model& model, const nn::LossOptions& loss, const Part& part, Index batch_size, std::uint64_t seed,
                ExtraMetrics* extra = nullptr);

/// `<prefix>_loss`, `<prefix>_accuracy`, `<prefix>_mse`, `<prefix>_band_1`, ..., those that there are.
void append_metrics(const char* prefix, const Scores& scores, std::vector<report::Metric>& out);

/// Context::step of the evaluation's batch `number`: far from those of training, whose noise would repeat.
inline std::uint64_t evaluation_step(Index number) { return (std::uint64_t{1} << 48U) + static_cast<std::uint64_t>(number); }

/// The output as values of pixels or features: sigmoid of logits, else as it is.
Tensor reconstruction(const Tensor& output, const nn::LossOptions& loss);

}  // namespace emotrain::train
