#include "emotrain/optim/emo.hpp"
#include "emotrain/optim/rules/adamw.hpp"
#include "emotrain/optim/rules/fact.hpp"
#include "emotrain/optim/rules/lynx.hpp"
#include "emotrain/optim/rules/navi.hpp"
#include "emotrain/optim/rules/sgd.hpp"

namespace emotrain::optim {
namespace {

constexpr const char* emo_source = "https://github.com/muooon/EmoNavi, v1 (July 2025) to v3.6 (2025-12-20)";
constexpr const char* torch_source = "torch.optim, PyTorch 1.13";

constexpr OptionsEntry entries[] = {
    {"emonavi", "Adam-like, with emotion and shadow", emo_source, make_options<EmoNaviOptions>},
    {"emofact", "Adafactor-like, with emotion and shadow", emo_source, make_options<EmoFactOptions>},
    {"emolynx", "Lion-like, with emotion and shadow", emo_source, make_options<EmoLynxOptions>},
    {"emoclan", "Navi, Fact or Lynx in each step, as the emotion chooses", emo_source, make_options<EmoClanOptions>},
    {"emozeal", "Adafactor-like with a softened momentum step, with emotion and shadow", emo_source, make_options<EmoZealOptions>},
    {"emoneco", "Lion-like with softened or filtered signs, with emotion and shadow", emo_source, make_options<EmoNecoOptions>},
    {"navi", "EmoNavi's rule alone: Adam without bias correction", emo_source, make_options<Elementwise<Navi>>},
    {"fact", "EmoFact's rule alone", emo_source, make_options<FactOptions>},
    {"lynx", "EmoLynx's rule alone", emo_source, make_options<Elementwise<Lynx>>},
    {"sgd", "gradient descent, with momentum", torch_source, make_options<SgdOptions>},
    {"adamw", "Adam with decoupled weight decay", torch_source, make_options<AdamWOptions>},
};

constexpr OptionsTable table{.kind = "optimizer", .tag = "name", .entries = entries};

}  // namespace

const OptionsTable& optimizers() { return table; }

}  // namespace emotrain::optim
