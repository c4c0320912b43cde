#include "emotrain/core/error.hpp"
#include "emotrain/nn/layers.hpp"
#include "emotrain/nn/models.hpp"
#include "nn/networks.hpp"
#include "nn/options_checks.hpp"

namespace emotrain::nn {
namespace {

/// Halves and doubles the sides of an image.
constexpr Index down_kernel = 3;
constexpr Index up_kernel = 4;
constexpr ops::ConvOptions resample{.stride = 2, .padding = 1};

/// The shape behind the last convolution.
Shape bottom(const std::vector<Index>& channels, const Shape& sample) {
  if (sample.rank() != 3) {
    fail(ErrorKind::usage,
         "name: convolution needs images (channels,height,width), but the data has samples of shape {}: choose mlp_autoencoder, or image "
         "data",
         sample);
  }
  Shape shape = sample;
  for (const Index next : channels) {
    if (shape[1] % 2 != 0 || shape[2] % 2 != 0) {
      fail(ErrorKind::usage,
           "channels: {} layers halve the image {} times, but {} x {} cannot be divided by {} evenly: give fewer channels, or resize the "
           "images",
           channels.size(), channels.size(), sample[1], sample[2], std::uint64_t{1} << std::min<std::size_t>(channels.size(), 63));
    }
    shape = {next, shape[1] / 2, shape[2] / 2};
    at("channels", [&] { check_sample_size(shape); });
  }
  return shape;
}

}  // namespace

void MlpAutoencoderOptions::fields(FieldVisitor& visitor) {
  visitor.field({"hidden", "sizes of the encoder's hidden layers, first to last; the decoder has them backwards", unit_range}, hidden);
  visitor.field({"latent", "number of latents", unit_range}, latent);
  visit_activation(visitor, activation);
  NetworkOptions::fields(visitor);
}

void MlpAutoencoderOptions::check() const { check_count("hidden", hidden.size(), 0); }

std::unique_ptr<Model> MlpAutoencoderOptions::construct(const Shape& sample, Index /*classes*/, Initializer& init) const {
  const auto kind = Nonlinearity::named(activation);
  auto enc = std::make_unique<Sequential>();
  auto dec = std::make_unique<Sequential>();
  Index width = sample.size();
  at("hidden", [&] {
    enc->append<Flatten>();
    for (const Index units : hidden) {
      enc->append<Linear>(width, units, true, init);
      enc->append<Nonlinearity>(kind);
      width = units;
    }
  });
  at("latent", [&] { enc->append<Linear>(width, latent, true, init); });
  width = latent;
  at("hidden", [&] {
    for (auto units = hidden.rbegin(); units != hidden.rend(); ++units) {
      dec->append<Linear>(width, *units, true, init);
      dec->append<Nonlinearity>(kind);
      width = *units;
    }
    dec->append<Linear>(width, sample.size(), true, init);
    dec->append<Unflatten>(sample);
  });
  return std::make_unique<Autoencoder>(std::move(enc), std::move(dec), 0);
}

void ConvAutoencoderOptions::fields(FieldVisitor& visitor) {
  visitor.field({"channels", "channels of the encoder's layers, first to last; each halves height and width", unit_range}, channels);
  visitor.field({"latent", "number of latents", unit_range}, latent);
  visit_activation(visitor, activation);
  NetworkOptions::fields(visitor);
}

void ConvAutoencoderOptions::check() const { check_count("channels", channels.size(), 1); }

std::unique_ptr<Model> ConvAutoencoderOptions::construct(const Shape& sample, Index /*classes*/, Initializer& init) const {
  return construct(sample, init, false);
}

std::unique_ptr<Model> ConvAutoencoderOptions::construct(const Shape& sample, Initializer& init, bool variational) const {
  const auto kind = Nonlinearity::named(activation);
  const Shape inner = bottom(channels, sample);
  auto enc = std::make_unique<Sequential>();
  auto dec = std::make_unique<Sequential>();
  at("channels", [&] {
    Index in = sample[0];
    for (const Index out : channels) {
      enc->append<Conv2d>(in, out, down_kernel, resample, true, init);
      enc->append<Nonlinearity>(kind);
      in = out;
    }
  });
  at("latent", [&] {
    enc->append<Flatten>();
    enc->append<Linear>(inner.size(), variational ? 2 * latent : latent, true, init);
    dec->append<Linear>(latent, inner.size(), true, init);
    dec->append<Nonlinearity>(kind);
    dec->append<Unflatten>(inner);
  });
  at("channels", [&] {
    for (std::size_t level = channels.size() - 1; level > 0; --level) {
      dec->append<ConvTranspose2d>(channels[level], channels[level - 1], up_kernel, resample, true, init);
      dec->append<Nonlinearity>(kind);
    }
    dec->append<ConvTranspose2d>(channels[0], sample[0], up_kernel, resample, true, init);
  });
  return std::make_unique<Autoencoder>(std::move(enc), std::move(dec), variational ? latent : 0);
}

std::unique_ptr<Model> ConvVaeOptions::construct(const Shape& sample, Index /*classes*/, Initializer& init) const {
  return ConvAutoencoderOptions::construct(sample, init, true);
}

}  // namespace emotrain::nn
