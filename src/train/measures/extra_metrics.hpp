#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "emotrain/nn/model.hpp"
#include "emotrain/report/records.hpp"
#include "emotrain/train/run_config.hpp"
#include "train/measures/colour.hpp"
#include "train/measures/principal_components.hpp"
#include "train/measures/spectrum.hpp"

namespace emotrain::data {
struct Splits;
}

namespace emotrain::train {

struct Part;

/// What trainer.extra_metrics asks for, of one model and its data.
class ExtraMetrics {
 public:
  /// Throws Error{usage}, beginning with /trainer/extra_metrics, for what does not fit model or data. `splits` must outlive it.
  ExtraMetrics(const TrainerOptions& options, const nn::Model& model, const data::Splits& splits);

  /// Sums up one evaluation.
  class Measurement {
   public:
    /// Both (n, sample...).
    void add(const Tensor& reconstruction, const Tensor& samples);
    /// Without eval_ or test_ before their names.
    std::vector<report::Metric> metrics() const;

   private:
    friend class ExtraMetrics;
    Measurement(const ExtraMetrics& owner, const Part& part);
    void add_projections(const Tensor& centred, std::vector<double>& sums) const;

    const ExtraMetrics& owner_;
    /// One sample; undefined if nothing asks for it.
    Tensor mean_;
    double pixels_ = 0;
    BandPower error_power_{};
    BandPower sample_power_{};
    std::vector<double> error_projections_;
    std::vector<double> sample_projections_;
    ColourDistance colours_;
  };
  /// Of an evaluation of these samples; none if nothing is asked for that takes reconstructions. The first one finds the principal
  /// components.
  std::optional<Measurement> measure(const Part& part);

  /// The training samples that eval_gap compares with; empty if it is not asked for.
  const std::vector<std::int32_t>& gap_samples() const { return gap_samples_; }

 private:
  void find_components();

  const data::Splits& splits_;
  std::optional<RadialBands> bands_;
  std::optional<PrincipalComponents> components_;
  bool wants_components_ = false;
  bool wants_colours_ = false;
  std::vector<std::int32_t> gap_samples_;
};

}  // namespace emotrain::train
