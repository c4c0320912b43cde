#pragma once
#include <string_view>

namespace emotrain::train {

/// What trainer.extra_metrics may name, and the metrics of evaluations that each adds (behind eval_ or test_):
///
/// bands       band_1 .. band_4: autoencoders of images. By spatial frequency from low to high (train/measures/spectrum.hpp): power of
///             reconstruction - image in the band / power of the images, centred by the mean image of those evaluated, in it. So what makes
///             the mean image of everything has 1 in each band, and a perfect reconstruction 0.
/// components  component_1 .. component_8: autoencoders. For each of the first 8 principal components v of the training samples (at most
///             2,000 of them, fewer of more than 33,554 values, evenly spread over the training part): sum (v . (reconstruction -
///             sample))^2 / sum (v . (sample - mean))^2, over the samples evaluated, the mean being theirs. As many as a sample has values,
///             if these are fewer than 8.
/// delta_e     delta_e, delta_ab: autoencoders of colour images. Mean distance in CIELAB of a reconstruction's pixels from the image's, and
///             that of their colour alone (train/measures/colour.hpp).
/// gap         gap, behind eval_ alone: loss on the validation samples - loss on as many training samples, evenly spread over the training
///             part and evaluated the same way (no dropout, the same batch size, latent noise by batch). With fewer training samples: all.
///
/// A ratio whose denominator is 0 (samples that are all the same, a component beyond those that training samples have) is not finite.
inline constexpr const char* extra_metric_names[] = {"bands", "components", "delta_e", "gap"};

/// The one that brings the metric with this name, as records have it: "eval_band_2" -> "bands". Empty: none does.
std::string_view extra_metric_of(std::string_view metric);

}  // namespace emotrain::train
