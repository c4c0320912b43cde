#include "list_kinds.hpp"

#include <algorithm>
#include <array>

#include "emotrain/data/options.hpp"
#include "emotrain/nn/layer_options.hpp"
#include "emotrain/nn/model.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/optim/schedule.hpp"
#include "emotrain/train/events.hpp"

namespace {

constexpr std::array kinds{
    ListedKind{"optimizers", emotrain::optim::optimizers, "how weights are updated: the section optimizer", false},
    ListedKind{"schedulers", emotrain::optim::schedulers, "how the learning rate changes with the step: the section scheduler", false},
    ListedKind{"models", emotrain::nn::models, "what is trained: the section model", false},
    ListedKind{"layers", emotrain::nn::layers, "what the model sequential is made of: model.layers", false},
    ListedKind{"losses", emotrain::nn::losses, "what is minimised: the section loss", false},
    ListedKind{"datasets", emotrain::data::datasets, "what it is trained on: the section data", true},
    ListedKind{"events", emotrain::train::event_kinds, "what disturbs steps of a run: the list events", false},
};

}  // namespace

std::span<const ListedKind> listed_kinds() { return kinds; }

const ListedKind* find_listed_kind(std::string_view name) {
  const auto found = std::ranges::find_if(kinds, [&](const ListedKind& kind) { return name == kind.name || name == kind.table().kind; });
  return found != kinds.end() ? &*found : nullptr;
}
