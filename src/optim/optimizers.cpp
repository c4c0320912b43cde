#include "emotrain/optim/baselines.hpp"
#include "emotrain/optim/emo.hpp"

namespace emotrain::optim {
namespace {

constexpr const char* emo_source = "https://github.com/muooon/EmoNavi, v1 of July 2025";
constexpr const char* torch_source = "torch.optim, PyTorch 1.13";

constexpr OptionsEntry entries[] = {
    {"emonavi", "Adam-like, with emotion and shadow", emo_source, make_options<EmoNaviOptions>},
    {"emofact", "Adafactor-like, with emotion and shadow", emo_source, make_options<EmoFactOptions>},
    {"emolynx", "Lion-like, with emotion and shadow", emo_source, make_options<EmoLynxOptions>},
    {"emoclan", "Navi, Fact or Lynx in each step, as the emotion chooses", emo_source, make_options<EmoClanOptions>},
    {"sgd", "gradient descent, with momentum", torch_source, make_options<SgdOptions>},
    {"adamw", "Adam with decoupled weight decay", torch_source, make_options<AdamWOptions>},
};

constexpr OptionsTable table{.kind = "optimizer", .tag = "name", .entries = entries};

}  // namespace

const OptionsTable& optimizers() { return table; }

}  // namespace emotrain::optim
