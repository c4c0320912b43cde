#include "emotrain/config/change.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "emotrain/config/differences.hpp"
#include "emotrain/config/options_writer.hpp"
#include "support/temporary_directory.hpp"

using namespace emotrain;
using namespace emotrain::config;

namespace {

/// A run's config.json: `text` with every default.
class Run {
 public:
  explicit Run(const std::string& text) : file_((directory_ / "config.json").string()) {
    std::ofstream(file_) << text;
    resolved_ = write_options(load_run_config(file_).config);
    std::ofstream(file_) << resolved_;
  }
  std::string changed(const std::vector<std::string>& changes) const { return write_options(change_config(file_, changes).config); }
  /// Where the changed configuration is another one.
  std::vector<std::string> differences(const std::vector<std::string>& changes) const {
    return config::differences(resolved_, changed(changes));
  }
  /// What is wrong with the changes, without the file's place.
  std::string problem(const std::vector<std::string>& changes) const {
    try {
      changed(changes);
    } catch (const Error& error) {
      const std::string text = error.what();
      return text.substr(text.find(": ") + 2);
    }
    return "";
  }
  const std::string& resolved() const { return resolved_; }

 private:
  TemporaryDirectory directory_;
  std::string file_;
  std::string resolved_;
};

std::string with_optimizer(const std::string& optimizer) {
  return R"({"data": {"name": "iris"}, "model": {"name": "mlp"}, "optimizer": )" + optimizer + "}";
}

/// As if the run had begun with these options.
std::string resolved(const std::string& optimizer) { return Run(with_optimizer(optimizer)).resolved(); }

}  // namespace

TEST_CASE("without changes a configuration is itself") {
  const Run run(with_optimizer(R"({"name": "emonavi", "edition": "v2", "lr": 3e-4, "emotion": {"gain": 3}})"));
  CHECK(run.changed({}) == run.resolved());
  CHECK(run.changed({"optimizer.lr=3e-4"}) == run.resolved());
  CHECK(run.changed({"optimizer.edition=v2"}) == run.resolved());
}

TEST_CASE("what stands at its default follows a change, what was set stays") {
  struct Row {
    const char* before;
    std::vector<std::string> changes;
    const char* after;
  };
  const Row rows[] = {
      {R"({"name": "emonavi"})", {"optimizer.edition=v3.6"}, R"({"name": "emonavi", "edition": "v3.6"})"},
      {R"({"name": "emonavi", "edition": "v3.6", "use_shadow": true})", {"optimizer.edition=v1"}, R"({"name": "emonavi"})"},
      {R"({"name": "emonavi", "edition": "v1"})",
       {"optimizer.edition=v3.0", "optimizer.use_shadow=true"},
       R"({"name": "emonavi", "edition": "v3.0", "use_shadow": true})"},
      {R"({"name": "emonavi", "emotion": {"gain": 3}})",
       {"optimizer.edition=v2"},
       R"({"name": "emonavi", "edition": "v2", "emotion": {"gain": 3}})"},
      {R"({"name": "emonavi", "lr": 3e-4})", {"optimizer.name=lion"}, R"({"name": "lion", "lr": 3e-4})"},
      {R"({"name": "emonavi"})", {"optimizer.name=lion"}, R"({"name": "lion"})"},
      {R"({"name": "emonavi"})", {"optimizer.use_shadow=false"}, R"({"name": "emonavi", "use_shadow": false})"},
      {R"({"name": "adamw"})",
       {R"(optimizer.emotion={"edition": "v2"})", "optimizer.shadow={}"},
       R"({"name": "adamw", "emotion": {"edition": "v2"}, "shadow": {}})"},
      {R"({"name": "emonavi"})",
       {R"(optimizer={"name": "sgd", "lr": 0.5})", "optimizer.momentum=0.9"},
       R"({"name": "sgd", "lr": 0.5, "momentum": 0.9})"},
      {R"({"name": "adamw", "lr": 0.5})", {"optimizer.lr*=0.25"}, R"({"name": "adamw", "lr": 0.125})"},
      {R"({"name": "adamw"})", {"optimizer.lr=2", "optimizer.lr*=0.25", "optimizer.lr*=4"}, R"({"name": "adamw", "lr": 2})"},
      {R"({"name": "emonavi"})", {"optimizer.emotion.gain*=2"}, R"({"name": "emonavi", "emotion": {"gain": 10}})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.before);
    CAPTURE(row.changes.front());
    CHECK(Run(with_optimizer(row.before)).changed(row.changes) == resolved(row.after));
  }
}

TEST_CASE("other sections change like the optimizer's") {
  const Run run(with_optimizer(R"({"name": "emonavi"})"));
  CHECK(run.differences({"trainer.max_grad_norm=1"}) == std::vector<std::string>{"/trainer/max_grad_norm: null, now 1"});
  CHECK(run.differences({"trainer.logging_steps*=2"}) == std::vector<std::string>{"/trainer/logging_steps: 100, now 200"});
  CHECK_FALSE(run.differences({"scheduler.name=cosine"}).empty());
}

TEST_CASE("faults in changes") {
  const Run run(with_optimizer(R"({"name": "emonavi", "betas": [0.8, 0.9]})"));
  CHECK(run.problem({"optimizer.lrr=1"}).find("/optimizer/lrr: unknown key; did you mean \"lr\"?") == 0);
  CHECK(run.problem({"optimizer.name*=2"}) == "/optimizer/name: has no number to multiply; give optimizer.name=VALUE");
  CHECK(run.problem({"optimizer.nothing*=2"}) == "/optimizer/nothing: has no number to multiply; give optimizer.nothing=VALUE");
  CHECK(run.problem({"optimizer.lr*=true"}) == "/optimizer/lr: \"true\" is no factor; give a number");
  CHECK(run.problem({"optimizer"}) == "\"optimizer\" is not of the form section.key=value");
  // What the run had set, and the other optimizer has not.
  CHECK(run.problem({"optimizer.name=sgd"}).find("/optimizer/betas: ") != std::string::npos);
}
