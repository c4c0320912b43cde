#include "nn/networks.hpp"

#include "emotrain/nn/structure.hpp"
#include "emotrain/ops/losses.hpp"
#include "emotrain/ops/structure.hpp"

namespace emotrain::nn {

Tensor Model::decode(const Tensor& /*latents*/, const Context& /*context*/) { return {}; }

ModelOutput Chain::run(const Tensor& x, const Context& context) {
  return {.output = body_->forward(x, context), .mean = {}, .log_variance = {}};
}

Value Chain::describe(const std::string& name, const Value& x, Structure& out) const { return body_->describe(name, x, out); }

void Chain::parameters(const std::string& prefix, std::vector<NamedTensor>& out) const { body_->parameters(prefix, out); }

void Chain::buffers(const std::string& prefix, std::vector<NamedTensor>& out) const { body_->buffers(prefix, out); }

ModelOutput Autoencoder::run(const Tensor& x, const Context& context) {
  const Tensor code = enc_->forward(x, context);
  if (latent_ == 0) return {.output = dec_->forward(code, context), .mean = {}, .log_variance = {}};
  const Tensor mean = ops::slice(code, 1, 0, latent_);
  const Tensor log_variance = ops::slice(code, 1, latent_, 2 * latent_);
  const RandomKey key{.seed = context.seed, .stream = Stream::latent};
  const Tensor z = ops::sample_gaussian(mean, log_variance, key, context.step);
  return {.output = dec_->forward(z, context), .mean = mean, .log_variance = log_variance};
}

Value Autoencoder::describe(const std::string& name, const Value& x, Structure& out) const {
  const std::string prefix = name.empty() ? "" : name + ".";
  const Value code = enc_->describe(prefix + "enc", x, out);
  return dec_->describe(prefix + "dec", latent_ == 0 ? code : describe_latents(code, out), out);
}

/// z = mean + exp(log_variance / 2) noise: a halving, an exponential, a product with its addition. Means, log variances and z are kept.
Value Autoencoder::describe_latents(const Value& code, Structure& out) const {
  Layer& layer = out.add("latent", "gaussian", code, {latent_}, 4 * latent_);
  layer.activation_bytes *= 3;
  const std::string sizes = layer.constant("sizes", std::vector<Index>{latent_, latent_});
  layer.operators.push_back({"Split", {code.name, sizes}, {"mean", "log_variance"}, {{"axis", 1}}});
  out.mean = {"mean", {latent_}};
  out.log_variance = {"log_variance", {latent_}};
  return out.mean;
}

Tensor Autoencoder::decode(const Tensor& latents, const Context& context) {
  return latent_ == 0 ? Tensor() : dec_->forward(latents, context);
}

void Autoencoder::parameters(const std::string& prefix, std::vector<NamedTensor>& out) const {
  enc_->parameters(prefix + "enc.", out);
  dec_->parameters(prefix + "dec.", out);
}

void Autoencoder::buffers(const std::string& prefix, std::vector<NamedTensor>& out) const {
  enc_->buffers(prefix + "enc.", out);
  dec_->buffers(prefix + "dec.", out);
}

}  // namespace emotrain::nn
