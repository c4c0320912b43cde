#include "emotrain/optim/optimizer.hpp"

#include <fmt/format.h>

#include <fnmatch.h>

#include <algorithm>
#include <utility>

#include "emotrain/core/error.hpp"
#include "optim/three_phase.hpp"

namespace emotrain::optim {
namespace {

/// The numbers of each parameter's group, once each.
struct Groups {
  std::vector<RuleGroup> groups;
  std::vector<std::size_t> of;
};

bool fits(const ParameterGroupOptions& group, const std::string& name) {
  return std::ranges::any_of(group.match, [&](const std::string& pattern) { return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0; });
}

/// The place of the first group whose patterns fit; none: the number of groups.
std::size_t find_group(const std::vector<ParameterGroupOptions>& groups, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find_if(groups, [&](const auto& group) { return fits(group, name); }) - groups.begin());
}

RuleGroup rule_group(const OptimizerOptions& options, const ParameterGroupOptions* group, const Tensor& parameter) {
  RuleGroup out;
  if (!options.decay_biases_and_norms && parameter.rank() < 2) out.weight_decay = 0;
  if (group == nullptr) return out;
  if (group->lr) out.lr_scale = *group->lr / options.lr;
  if (group->weight_decay) out.weight_decay = group->weight_decay;
  out.use_muon = group->use_muon;
  return out;
}

Groups make_groups(const OptimizerOptions& options, const std::vector<Tensor>& parameters, const std::vector<std::string>& names) {
  const std::vector<ParameterGroupOptions>& given = options.parameter_groups.values;
  std::vector<bool> used(given.size(), false);
  Groups out{{{}}, {}};
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::size_t place = find_group(given, i < names.size() ? names[i] : std::string());
    if (place < given.size()) used[place] = true;
    const RuleGroup numbers = rule_group(options, place < given.size() ? &given[place] : nullptr, parameters[i]);
    const auto same = [&](const RuleGroup& other) {
      return other.lr_scale == numbers.lr_scale && other.weight_decay == numbers.weight_decay && other.use_muon == numbers.use_muon;
    };
    const auto found = std::ranges::find_if(out.groups, same);
    out.of.push_back(static_cast<std::size_t>(found - out.groups.begin()));
    if (found == out.groups.end()) out.groups.push_back(numbers);
  }
  const auto unused = static_cast<std::size_t>(std::ranges::find(used, false) - used.begin());
  if (unused < used.size()) {
    fail(ErrorKind::usage, "parameter_groups/{}/match: {} fits no parameter that no group before it has; there are {}", unused,
         fmt::join(given[unused].match, ", "), fmt::join(names, ", "));
  }
  return out;
}

void require_fit(const Groups& groups, const std::vector<std::unique_ptr<Rule>>& rules) {
  const bool is_muon = rules.front()->name() == "muon";
  if (!is_muon && std::ranges::any_of(groups.groups, [](const RuleGroup& group) { return !group.use_muon; })) {
    fail(ErrorKind::usage, "parameter_groups: use_muon is for the optimizer muon, not for {}; remove it", rules.front()->name());
  }
  const bool decays = std::ranges::any_of(rules, [](const auto& rule) { return rule->has_weight_decay(); });
  const bool wanted = std::ranges::any_of(groups.groups, [](const RuleGroup& group) { return group.weight_decay.has_value(); });
  if (wanted && !decays) {
    fail(ErrorKind::usage, "parameter_groups: the rule {} has no weight decay to change; remove weight_decay and decay_biases_and_norms",
         rules.front()->name());
  }
}

/// What moves the parameters, or averages them, behind the back of a rule that averages by itself would spoil its average.
void require_plain_weights(const OptimizerOptions& options, const std::vector<std::unique_ptr<Rule>>& rules) {
  const bool averages = std::ranges::any_of(rules, [](const auto& rule) { return rule->has_evaluation_weights(); });
  if (!averages || (!options.lookahead && !options.parameter_ema)) return;
  fail(ErrorKind::usage, "{}: the rule {} keeps an average of the weights by itself; remove it",
       options.lookahead ? "lookahead" : "parameter_ema", rules.front()->name());
}

}  // namespace

void ParameterGroupOptions::fields(FieldVisitor& visitor) {
  visitor.field({"match", "names of parameters, as patterns with * and ?"}, match);
  visitor.field({"lr", "their learning rate; a scheduler changes it in proportion", {.min = 0}}, lr);
  visitor.field({"weight_decay", "their weight decay", {.min = 0}}, weight_decay);
  visitor.field({"use_muon", "false: AdamW trains their matrices too, where the optimizer is muon"}, use_muon);
}

void ParameterGroupOptions::check() const {
  if (match.empty()) fail(ErrorKind::usage, "match: is missing; give patterns such as [\"*.bias\"]");
  if (!lr && !weight_decay && use_muon) fail(ErrorKind::usage, "the group changes nothing; give lr or weight_decay");
}

void LookaheadOptions::fields(FieldVisitor& visitor) {
  visitor.field({"k", "steps between synchronizations", {.min = 1, .max = 1e9}}, k);
  visitor.field({"alpha", "how far the slow weights go each time", {.max = 1, .above = 0}}, alpha);
}

void ParameterEmaOptions::fields(FieldVisitor& visitor) {
  visitor.field({"decay", "part of the average that a step keeps", {.min = 0, .below = 1}}, decay);
}

void OptimizerOptions::fields(FieldVisitor& visitor) { visitor.field({"lr", "learning rate", {.min = 0}}, lr); }

void OptimizerOptions::part_fields(FieldVisitor& visitor) {
  visitor.field({"emotion", "how it reads the loss; null: not at all"}, emotion);
  visitor.field({"shadow", "a slow copy, blended in while the emotion is strong; null: none"}, shadow);
  visitor.field({"parameter_groups", "parameters with numbers of their own, by name"}, parameter_groups);
  visitor.field({"decay_biases_and_norms", "whether weight decay also acts on parameters of fewer than two axes"}, decay_biases_and_norms);
  visitor.field({"lookahead", "slow weights that follow every k steps; null: none"}, lookahead);
  visitor.field({"parameter_ema", "a moving average of the weights, used by evaluations; null: none"}, parameter_ema);
}

void OptimizerOptions::check() const {
  if (shadow && !emotion)
    fail(ErrorKind::usage, "shadow: it is the emotion that blends it, and there is none; add \"emotion\": {{}}, or set shadow to null");
  const bool scales = std::ranges::any_of(parameter_groups.values, [](const auto& group) { return group.lr.has_value(); });
  if (scales && lr == 0) fail(ErrorKind::usage, "lr: is 0, and the groups' learning rates are in proportion to it; give lr > 0");
}

std::vector<std::unique_ptr<Rule>> OptimizerOptions::rules() const {
  std::vector<std::unique_ptr<Rule>> one;
  one.push_back(rule());
  return one;
}

std::function<std::size_t(double scalar)> OptimizerOptions::chooser() const {
  return [](double) { return std::size_t{0}; };
}

std::unique_ptr<Optimizer> OptimizerOptions::build(std::vector<Tensor> parameters, const BuildContext& context) const {
  Composition parts{.rules = rules()};
  Groups groups = make_groups(*this, parameters, context.names);
  require_fit(groups, parts.rules);
  require_plain_weights(*this, parts.rules);
  parts.groups = std::move(groups.groups);
  parts.group_of = std::move(groups.of);
  if (emotion) parts.emotion.emplace(*emotion, context.recorded_scalars, context.seed);
  if (shadow) parts.shadow = *shadow;
  parts.lookahead = lookahead.value;
  parts.parameter_ema = parameter_ema.value;
  return std::make_unique<ThreePhase>(std::move(parameters), std::move(parts), chooser());
}

EvaluationWeights::EvaluationWeights(Optimizer& optimizer) {
  if (!optimizer.has_evaluation_weights()) return;
  parameters_ = optimizer.parameters();
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    training_.push_back(Tensor::from(parameters_[i].shape(), parameters_[i].values()));
  }
  for (std::size_t i = 0; i < parameters_.size(); ++i) optimizer.evaluation_weights(i, parameters_[i].data());
}

EvaluationWeights::~EvaluationWeights() {
  for (std::size_t i = 0; i < training_.size(); ++i) std::ranges::copy(training_[i].values(), parameters_[i].data());
}

}  // namespace emotrain::optim
