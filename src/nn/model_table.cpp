#include <array>

#include "emotrain/core/error.hpp"
#include "emotrain/nn/models.hpp"

namespace emotrain::nn {

void NetworkOptions::fields(FieldVisitor& visitor) { visitor.field({"init", "initial values of the weights", {}, init_names}, init); }

std::unique_ptr<Model> NetworkOptions::build(const Shape& sample_shape, Index classes, std::uint64_t seed) const {
  check();
  if (sample_shape.rank() == 0) {
    fail(ErrorKind::usage, "name: the data is none, and only the model function can do without: choose other data");
  }
  if (sample_shape.rank() == Shape::max_rank) {
    fail(ErrorKind::usage, "name: samples of shape {} cannot be trained on: they need at most {} axes", sample_shape, Shape::max_rank - 1);
  }
  Initializer rehearsal = Initializer::counting();
  construct(sample_shape, classes, rehearsal);
  Initializer initializer(init_scheme(init), seed);
  return construct(sample_shape, classes, initializer);
}

const OptionsTable& models() {
  static constexpr const char* vae = "Kingma and Welling, \"Auto-encoding variational Bayes\", 2013";
  static constexpr std::array entries{
      OptionsEntry{"mlp", "classifier: linear layers", "torch.nn.Sequential", make_options<MlpOptions>},
      OptionsEntry{"cnn", "classifier of images: convolutions and pooling", "torch.nn.Sequential", make_options<CnnOptions>},
      OptionsEntry{"mlp_autoencoder", "autoencoder: linear layers", "torch.nn.Sequential", make_options<MlpAutoencoderOptions>},
      OptionsEntry{"conv_autoencoder", "autoencoder of images: convolutions", "torch.nn.Sequential", make_options<ConvAutoencoderOptions>},
      OptionsEntry{"conv_vae", "variational autoencoder of images: convolutions", vae, make_options<ConvVaeOptions>},
      OptionsEntry{"sequential", "the layers of a list", "torch.nn.Sequential", make_options<SequentialOptions>},
      OptionsEntry{"function", "a point that minimizes a function, without data", "nn/function.hpp", make_options<FunctionOptions>},
  };
  static constexpr OptionsTable table{.kind = "model", .tag = "name", .entries = entries};
  return table;
}

}  // namespace emotrain::nn
