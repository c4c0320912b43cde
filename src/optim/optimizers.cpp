#include "emotrain/optim/emo.hpp"
#include "emotrain/optim/rules/adadelta.hpp"
#include "emotrain/optim/rules/adafactor.hpp"
#include "emotrain/optim/rules/adagrad.hpp"
#include "emotrain/optim/rules/adam.hpp"
#include "emotrain/optim/rules/fact.hpp"
#include "emotrain/optim/rules/lion.hpp"
#include "emotrain/optim/rules/lynx.hpp"
#include "emotrain/optim/rules/muon.hpp"
#include "emotrain/optim/rules/nadam.hpp"
#include "emotrain/optim/rules/navi.hpp"
#include "emotrain/optim/rules/prodigy.hpp"
#include "emotrain/optim/rules/radam.hpp"
#include "emotrain/optim/rules/rmsprop.hpp"
#include "emotrain/optim/rules/schedulefree.hpp"
#include "emotrain/optim/rules/sgd.hpp"
#include "emotrain/optim/rules/tiger.hpp"

namespace emotrain::optim {
namespace {

constexpr const char* emo_source = "https://github.com/muooon/EmoNavi, v1 (July 2025) to v3.6 (2025-12-20)";
constexpr const char* torch_source = "torch.optim, PyTorch 1.13";
constexpr const char* kozistr_source = "https://github.com/kozistr/pytorch_optimizer, 7a076d2f";

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
    {"adam", "moving averages of the gradient and of its square", torch_source, make_options<AdamOptions<false>>},
    {"adamw", "Adam with decoupled weight decay", torch_source, make_options<AdamOptions<true>>},
    {"nadam", "Adam with Nesterov's momentum", torch_source, make_options<Elementwise<NAdam>>},
    {"radam", "Adam that starts as momentum until its second moment can be trusted", torch_source, make_options<Elementwise<RAdam>>},
    {"rmsprop", "the gradient over the root of its mean square, with momentum", torch_source, make_options<RmsPropOptions>},
    {"adagrad", "the gradient over the root of the sum of its squares", torch_source, make_options<Elementwise<Adagrad>>},
    {"adadelta", "steps as long as the last ones, without a learning rate to choose", torch_source, make_options<Elementwise<Adadelta>>},
    {"lion", "the sign of an interpolated momentum", kozistr_source, make_options<Elementwise<Lion>>},
    {"tiger", "the sign of the momentum", kozistr_source, make_options<Elementwise<Tiger>>},
    {"adafactor", "second moments by row and column, steps relative to the weights", "torch.optim, PyTorch 2.11",
     make_options<AdafactorOptions>},
    {"schedulefree_adamw", "AdamW with averaging in place of a schedule", kozistr_source, make_options<Elementwise<ScheduleFreeAdamW>>},
    {"prodigy", "Adam that estimates its learning rate", kozistr_source, make_options<ProdigyOptions>},
    {"muon", "orthogonalized momentum for matrices, AdamW for the rest", "https://github.com/KellerJordan/Muon, 00ba60d3",
     make_options<MuonOptions>},
};

constexpr OptionsTable table{.kind = "optimizer", .tag = "name", .entries = entries};

}  // namespace

const OptionsTable& optimizers() { return table; }

}  // namespace emotrain::optim
