#include "train/measures/extra_metrics.hpp"

#include <algorithm>

#include "emotrain/core/error.hpp"
#include "emotrain/data/dataset.hpp"
#include "emotrain/kernels/gemm.hpp"
#include "emotrain/train/extra_metrics.hpp"
#include "train/batch_loader.hpp"
#include "train/evaluation.hpp"

namespace emotrain::train {
namespace {

constexpr Index most_components = 8;
constexpr Index most_component_samples = 2000;
/// Of the samples that components are found of: 256 MiB.
constexpr Index most_component_values = Index{1} << 26;

bool is_listed(const TrainerOptions& options, std::string_view name) {
  return std::ranges::find(options.extra_metrics, name) != options.extra_metrics.end();
}

[[noreturn]] void refuse(std::string_view name, const std::string& why) {
  fail(ErrorKind::usage, "/trainer/extra_metrics: {} {}; remove it", name, why);
}

void check_bands(const Shape& sample) {
  if (sample.rank() != 3) refuse("bands", fmt::format("is for images, and the samples have the shape {}", sample));
  if (const auto band = RadialBands(sample[1], sample[2]).empty_band()) {
    refuse("bands", fmt::format("finds no frequency of band {} in images of {} x {} pixels", *band + 1, sample[1], sample[2]));
  }
}

void check_fit(const TrainerOptions& options, const nn::Model& model, const data::Splits& splits) {
  const data::Dataset& set = *splits.training_set;
  for (const char* name : {"bands", "components", "delta_e"}) {
    if (is_listed(options, name) && model.task() != nn::Task::reconstruction)
      refuse(name, "is for models that reconstruct their samples, not for classifiers");
  }
  if (is_listed(options, "bands")) check_bands(set.sample_shape);
  if (is_listed(options, "delta_e") && (set.sample_shape.rank() != 3 || set.sample_shape[0] != 3 || set.bytes.empty()))
    refuse("delta_e", fmt::format("is for images of three colours, and the samples have the shape {}", set.sample_shape));
  if (is_listed(options, "gap") && splits.validation.empty()) {
    fail(ErrorKind::usage,
         "/trainer/extra_metrics: there are no validation samples to get eval_gap from: raise data.validation_fraction, or remove gap");
  }
}

/// At most `count` of them, in their order: every second, third, ... for files may have one class after the other.
std::vector<std::int32_t> evenly_spread(const std::vector<std::int32_t>& indices, std::size_t count) {
  count = std::min(count, indices.size());
  std::vector<std::int32_t> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) out.push_back(indices[i * indices.size() / count]);
  return out;
}

Tensor mean_of(const Part& part) {
  constexpr std::size_t batch_size = 256;
  BatchLoader loader(part.set, batch_size);
  std::vector<double> sums(static_cast<std::size_t>(part.set.sample_shape.size()));
  for (std::size_t first = 0; first < part.indices.size(); first += batch_size) {
    const Tensor x = loader.load(part.indices.subspan(first, std::min(batch_size, part.indices.size() - first))).x;
    const Real* value = x.data();
    for (Index sample = 0; sample < x.shape()[0]; ++sample) {
      for (double& sum : sums) sum += double{*value++};
    }
  }
  Tensor mean = Tensor::empty(part.set.sample_shape);
  for (std::size_t i = 0; i < sums.size(); ++i) mean.data()[i] = static_cast<Real>(sums[i] / static_cast<double>(part.indices.size()));
  return mean;
}

/// From each sample of `a`: those of `b`, or the one that `b` is.
Tensor difference(const Tensor& a, const Tensor& b) {
  Tensor out = Tensor::empty(a.shape());
  const Index extent = b.size();
  for (Index first = 0; first < a.size(); first += extent) {
    for (Index i = 0; i < extent; ++i) out.data()[first + i] = a.data()[first + i] - b.data()[i];
  }
  return out;
}

void add(const BandPower& power, BandPower& sum) {
  for (std::size_t band = 0; band < band_count; ++band) sum[band] += power[band];
}

}  // namespace

std::string_view extra_metric_of(std::string_view metric) {
  const bool is_eval = metric.starts_with("eval_");
  if (!is_eval && !metric.starts_with("test_")) return {};
  const std::string_view name = metric.substr(5);
  if (name.starts_with("band_")) return "bands";
  if (name.starts_with("component_")) return "components";
  if (name == "delta_e" || name == "delta_ab") return "delta_e";
  return name == "gap" && is_eval ? "gap" : std::string_view();
}

ExtraMetrics::ExtraMetrics(const TrainerOptions& options, const nn::Model& model, const data::Splits& splits)
    : splits_(splits), wants_components_(is_listed(options, "components")), wants_colours_(is_listed(options, "delta_e")) {
  check_fit(options, model, splits);
  const Shape& sample = splits.training_set->sample_shape;
  if (is_listed(options, "bands")) bands_.emplace(sample[1], sample[2]);
  if (is_listed(options, "gap")) gap_samples_ = evenly_spread(splits.train, splits.validation.size());
}

void ExtraMetrics::find_components() {
  const Index extent = splits_.training_set->sample_shape.size();
  const Index most = std::clamp(most_component_values / extent, 2 * most_components, most_component_samples);
  const std::vector<std::int32_t> indices = evenly_spread(splits_.train, static_cast<std::size_t>(most));
  const Tensor samples = BatchLoader(*splits_.training_set, static_cast<Index>(indices.size())).load(indices).x;
  const auto count = static_cast<Index>(indices.size());
  components_ = principal_components(samples.view({count, extent}), most_components);
}

std::optional<ExtraMetrics::Measurement> ExtraMetrics::measure(const Part& part) {
  if (!bands_ && !wants_components_ && !wants_colours_) return std::nullopt;
  if (wants_components_ && !components_) find_components();
  return Measurement(*this, part);
}

ExtraMetrics::Measurement::Measurement(const ExtraMetrics& owner, const Part& part) : owner_(owner) {
  if (owner_.bands_ || owner_.components_) mean_ = mean_of(part);
  if (!owner_.components_) return;
  error_projections_.resize(static_cast<std::size_t>(std::min(most_components, part.set.sample_shape.size())));
  sample_projections_.resize(error_projections_.size());
}

void ExtraMetrics::Measurement::add_projections(const Tensor& centred, std::vector<double>& sums) const {
  if (!owner_.components_ || !owner_.components_->directions.defined()) return;
  const Index count = owner_.components_->directions.shape()[0];
  const Index n = centred.shape()[0];
  const Index dimension = centred.size() / n;
  const Tensor projections = Tensor::empty({n, count});
  const kernels::Matrix directions{owner_.components_->directions.data(), dimension, 1};
  kernels::gemm(n, count, dimension, {centred.data(), dimension, 1}, directions.transposed(), projections.data(), count);
  const Real* value = projections.data();
  for (Index sample = 0; sample < n; ++sample) {
    for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k) {
      const double projection{*value++};
      sums[k] += projection * projection;
    }
  }
}

void ExtraMetrics::Measurement::add(const Tensor& reconstruction, const Tensor& samples) {
  if (mean_.defined()) {
    const Tensor error = difference(samples, reconstruction);
    const Tensor centred = difference(samples, mean_);
    if (owner_.bands_) {
      train::add(owner_.bands_->power(error.values()), error_power_);
      train::add(owner_.bands_->power(centred.values()), sample_power_);
    }
    add_projections(error, error_projections_);
    add_projections(centred, sample_projections_);
  }
  if (!owner_.wants_colours_) return;
  const Index pixels = samples.size() / (3 * samples.shape()[0]);
  const ColourDistance distance = colour_distance(reconstruction.values(), samples.values(), pixels);
  colours_.all += distance.all;
  colours_.chromatic += distance.chromatic;
  pixels_ += static_cast<double>(samples.shape()[0] * pixels);
}

std::vector<report::Metric> ExtraMetrics::Measurement::metrics() const {
  std::vector<report::Metric> out;
  for (std::size_t band = 0; owner_.bands_ && band < band_count; ++band)
    out.push_back({fmt::format("band_{}", band + 1), error_power_[band] / sample_power_[band]});
  for (std::size_t k = 0; k < error_projections_.size(); ++k)
    out.push_back({fmt::format("component_{}", k + 1), error_projections_[k] / sample_projections_[k]});
  if (owner_.wants_colours_) {
    out.push_back({"delta_e", colours_.all / pixels_});
    out.push_back({"delta_ab", colours_.chromatic / pixels_});
  }
  return out;
}

}  // namespace emotrain::train
