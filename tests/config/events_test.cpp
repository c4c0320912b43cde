#include <doctest/doctest.h>

#include "config/config_file.hpp"
#include "emotrain/config/explain.hpp"
#include "emotrain/config/options_writer.hpp"
#include "emotrain/train/events.hpp"

/// The list `events` of a configuration.
using namespace emotrain;
using namespace emotrain::config;

namespace {

constexpr const char* with_events = R"({
  "data": {"name": "digits8x8"}, "model": {"name": "mlp"}, "optimizer": {"name": "emonavi"},
  "events": [
    {"kind": "label_noise", "at": 300, "steps": 5, "fraction": 0.5},
    {"kind": "switch_data", "at": 400, "data": {"name": "digits8x8", "offset": 100}}
  ]
})";

}  // namespace

TEST_CASE("events are read, written with every default, and read again") {
  const ConfigFile file(with_events);
  const LoadedConfig loaded = file.load({"events.0.at=200"}, {"EMOTRAIN_EVENTS__1__DATA__BATCH_SIZE=8"});
  REQUIRE(loaded.config.events.size() == 2);
  CHECK(train::event_text(loaded.config.events[0]) == "label_noise at steps 200 to 204 (fraction 0.5)");
  CHECK(train::event_text(loaded.config.events[1]) == "switch_data from step 400 on (data digits8x8, batches of 8)");
  const std::string resolved = write_options(loaded.config);
  CHECK(write_options(ConfigFile(resolved).load().config) == resolved);
  CHECK(file.load({"events=[]"}).config.events.empty());
  for (const ExplainedValue& value : explain(loaded)) {
    if (value.path == "events.0.at") CHECK(value.origin == "argument 1");
    if (value.path == "events.1.steps") CHECK(value.origin == "default");
  }
}

TEST_CASE("what is wrong with an event is told with its place") {
  const ConfigFile file(with_events);
  struct Row {
    const char* argument;
    const char* error;
  };
  const Row rows[] = {
      {"events.0.at=0", "argument 1: /events/0/at: must be at least 1 and at most 1000000000, got 0"},
      {"events.0.at=null", "argument 1: /events/0/at: expected a whole number of at most 64 bits, got null"},
      {"events.0.steps=0", "argument 1: /events/0/steps: must be at least 1 and at most 1000000000, got 0"},
      {"events.0.fraction=1.5", "argument 1: /events/0/fraction: must be at least 0 and at most 1, got 1.5"},
      {"events.0.fractoin=0.5", "argument 1: /events/0/fractoin: unknown key; did you mean \"fraction\"?"},
      {"events.0.std=0.5",
       "argument 1: /events/0/std: a key of the event \"pixel_noise\", \"gradient_noise\", \"weight_noise\", not of \"label_noise\"; "
       "remove it"},
      {"events.0.kind=lable_noise",
       "argument 1: /events/0/kind: there is no event \"lable_noise\"; did you mean \"label_noise\"?; there are "},
      {R"(events=[{"at": 3}])", "argument 1: /events/0: the key \"kind\" is missing; give one of \"label_noise\", "},
      {R"(events=[{"kind": "lr_factor"}])", "argument 1: /events/0/at: is missing; give the number of a step, counted from 1"},
      {R"(events=[{"kind": "lr_factor", "at": 1, "factor": -1}])", "argument 1: /events/0/factor: must be at least 0, got -1"},
      {R"(events=[{"kind": "switch_data", "at": 3}])", "argument 1: /events/0/data: is missing; give an object: "},
      {R"(events=[{"kind": "switch_data", "at": 3, "data": {"name": "mnits"}}])",
       "argument 1: /events/0/data/name: there is no data set \"mnits\"; did you mean \"mnist\"?"},
      {R"(events=[{"kind": "weight_noise", "at": 3, "steps": 2}])", "argument 1: /events/0/steps: "},
      {"events={}", "argument 1: /events: expected an array of objects, got "},
  };
  for (const auto& [argument, expected] : rows) {
    CAPTURE(argument);
    const std::string error = file.error({argument});
    CHECK_MESSAGE(error.starts_with(expected), error);
  }
}

TEST_CASE("what a run says of an event gets the event's place") {
  const ConfigFile file(with_events);
  LoadedConfig loaded = file.load();
  CHECK(with_place(loaded, "/events/1/data: wrong").ends_with(":5:48: /events/1/data: wrong"));
  CHECK(with_place(loaded, "/events/0/class: wrong").ends_with(":4:5: /events/0/class: wrong"));
}
