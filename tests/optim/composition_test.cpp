#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "cases.hpp"
#include "twin.hpp"

using namespace emotrain;

/// An optimizer is a rule, an emotion and a shadow: what the names of the family stand for, written out, is the same to the bit.
namespace {

const std::vector<Shape> shapes = {Shape{}, {7}, {130}, {5, 3}, {3, 5, 2, 2}, {0, 3}};

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::equal(a.values().begin(), a.values().end(), b.values().begin(),
                                              [](Real x, Real y) { return std::memcmp(&x, &y, sizeof x) == 0; });
}

bool same_parameters(const Training& a, const Training& b) { return std::ranges::equal(a.parameters, b.parameters, same_bits); }

bool same_state(const Training& a, const Training& b) {
  const auto same_slot = [](const optim::StateSlot& x, const optim::StateSlot& y) {
    return x.name == y.name && x.parameter == y.parameter && same_bits(x.value, y.value);
  };
  const auto same_numbers = [](const optim::StateNumbers& x, const optim::StateNumbers& y) {
    return x.name == y.name && x.values == y.values;
  };
  return std::ranges::equal(a.optimizer->state(), b.optimizer->state(), same_slot) &&
         std::ranges::equal(a.optimizer->numbers(), b.optimizer->numbers(), same_numbers);
}

bool same_feeling(const optim::Feeling& a, const optim::Feeling& b) {
  return a.ema_short == b.ema_short && a.ema_medium == b.ema_medium && a.ema_long == b.ema_long && a.scalar == b.scalar &&
         a.ratio == b.ratio && a.drive == b.drive && a.should_stop == b.should_stop;
}

bool same_report(const optim::StepReport& a, const optim::StepReport& b) {
  if (a.emotion.has_value() != b.emotion.has_value() || a.rule != b.rule || a.shadow_distance != b.shadow_distance) return false;
  return !a.emotion || same_feeling(*a.emotion, *b.emotion);
}

/// Every fifth loss of the long script, so that 200 steps see all of it.
double scripted(Index step) {
  static const std::vector<double> losses = long_script();
  return losses[static_cast<std::size_t>(5 * (step - 1))];
}

/// Checks that two configurations train alike for 200 steps, on losses that `other` may see in its own way.
void check_same(
    const std::string& one, const std::string& two, const std::function<double(double)>& other = [](double x) { return x; }) {
  CAPTURE(one);
  CAPTURE(two);
  Training a(one, shapes);
  Training b(two, shapes);
  Index different = 0;
  for (Index step = 1; step <= 200; ++step) {
    for (Training* training : {&a, &b}) training->draw_gradients(step % 5 == 1 ? 3 : -1);
    different += !same_report(a.step(scripted(step)), b.step(other(scripted(step))));
  }
  CHECK(different == 0);
  CHECK(same_parameters(a, b));
  CHECK(same_state(a, b));
}

/// What 50 steps make of the parameters and tell.
Training train(const std::string& config) {
  Training training(config, shapes);
  for (Index step = 1; step <= 50; ++step) {
    training.draw_gradients();
    training.step(scripted(step));
  }
  return training;
}

}  // namespace

TEST_CASE("a family name is its rule, emotion and shadow written out") {
  const char* const rows[][2] = {
      {R"({"name": "emonavi"})", R"({"name": "navi", "emotion": {"edition": "v1"}, "shadow": {"edition": "v1"}})"},
      {R"({"name": "emonavi"})", R"({"name": "navi", "emotion": {}, "shadow": {}})"},
      {R"({"name": "emonavi", "edition": "v2"})", R"({"name": "navi", "emotion": {"edition": "v2"}, "shadow": {"edition": "v2"}})"},
      {R"({"name": "emonavi", "edition": "v3.0"})", R"({"name": "navi", "emotion": {"edition": "v3.0"}})"},
      {R"({"name": "emonavi", "edition": "v3.0", "use_shadow": true})",
       R"({"name": "navi", "emotion": {"edition": "v3.0"}, "shadow": {"edition": "v3.0"}})"},
      {R"({"name": "emonavi", "edition": "v3.6"})",
       R"({"name": "navi", "betas": [0.9, 0.995], "emotion": {"edition": "v3.6", "stop_value": "long"}})"},
      {R"({"name": "emonavi", "edition": "v3.6", "use_shadow": true})",
       R"({"name": "navi", "betas": [0.9, 0.995], "emotion": {"edition": "v3.6", "stop_value": "long"}, "shadow": {"edition": "v3.6"}})"},
      {R"({"name": "emofact"})", R"({"name": "fact", "emotion": {"edition": "v1"}, "shadow": {"edition": "v1"}})"},
      {R"({"name": "emofact", "edition": "v2"})", R"({"name": "fact", "emotion": {"edition": "v2"}, "shadow": {"edition": "v2"}})"},
      {R"({"name": "emofact", "edition": "v3.0"})", R"({"name": "fact", "emotion": {"edition": "v3.0"}})"},
      {R"({"name": "emofact", "edition": "v3.0", "use_shadow": true})",
       R"({"name": "fact", "emotion": {"edition": "v3.0"}, "shadow": {"edition": "v3.0"}})"},
      {R"({"name": "emolynx"})", R"({"name": "lynx", "emotion": {"edition": "v1"}, "shadow": {"edition": "v1"}})"},
      {R"({"name": "emolynx", "edition": "v2"})", R"({"name": "lynx", "emotion": {"edition": "v2"}, "shadow": {"edition": "v2"}})"},
      {R"({"name": "emolynx", "edition": "v3.0"})", R"({"name": "lynx", "emotion": {"edition": "v3.0"}})"},
      {R"({"name": "emolynx", "edition": "v3.0", "use_shadow": true})",
       R"({"name": "lynx", "emotion": {"edition": "v3.0"}, "shadow": {"edition": "v3.0"}})"},
      {R"({"name": "emolynx", "stop_history": "per_tensor"})",
       R"({"name": "lynx", "emotion": {"edition": "v1", "stop_history": "per_tensor"}, "shadow": {"edition": "v1"}})"},
  };
  for (const auto& [name, written_out] : rows) check_same(name, written_out);
}

TEST_CASE("an emotion whose source is off is one that is handed a loss of 0") {
  const auto zero = [](double /*loss*/) { return 0.0; };
  for (const char* name : {"emonavi", "emofact", "emolynx", "emoclan"}) {
    for (const char* edition : {"v1", "v2", "v3.0", "v3.6"}) {
      if (std::string(name) == "emoclan" && std::string(edition) == "v3.6") continue;
      const nlohmann::json plain = {{"name", name}, {"edition", edition}, {"use_shadow", true}};
      nlohmann::json off = plain;
      off["emotion"]["source"] = "off";
      check_same(off.dump(), plain.dump(), zero);
    }
  }
  check_same(R"({"name": "adamw", "emotion": {"source": "off"}, "shadow": {}})", R"({"name": "adamw", "emotion": {}, "shadow": {}})", zero);
}

TEST_CASE("an emotion reads loss_scale loss + loss_offset") {
  for (const char* edition : {"v1", "v3.6"}) {
    const nlohmann::json plain = {{"name", "emonavi"}, {"edition", edition}, {"use_shadow", true}};
    nlohmann::json scaled = plain;
    scaled["emotion"] = {{"loss_scale", 3}, {"loss_offset", -0.5}};
    check_same(scaled.dump(), plain.dump(), [](double loss) { return 3 * loss - 0.5; });
  }
}

TEST_CASE("without its parts an optimizer is the plain rule") {
  check_same(R"({"name": "adamw"})", R"({"name": "adamw", "emotion": null, "shadow": null})");
}

TEST_CASE("a rule of another family can have the shadow and the drive") {
  const Training adamw = train(R"({"name": "adamw"})");
  const Training shadowed = train(R"({"name": "adamw", "emotion": {"edition": "v1"}, "shadow": {"edition": "v1"}})");
  CHECK_FALSE(same_parameters(adamw, shadowed));
  CHECK(shadowed.optimizer->state().size() > adamw.optimizer->state().size());
  // v1 has no drive: its emotion alone changes nothing.
  CHECK(same_parameters(adamw, train(R"({"name": "adamw", "emotion": {"edition": "v1"}})")));

  const Training sgd = train(R"({"name": "sgd"})");
  CHECK_FALSE(same_parameters(sgd, train(R"({"name": "sgd", "emotion": {"edition": "v3.6"}})")));
  CHECK(same_parameters(sgd, train(R"({"name": "sgd", "emotion": {"edition": "v3.6", "drive": "none"}})")));
}
