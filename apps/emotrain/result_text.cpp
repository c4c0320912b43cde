#include "result_text.hpp"

#include <fmt/format.h>

#include "emotrain/report/progress.hpp"
#include "json_line.hpp"

std::string result_text(const emotrain::train::RunResult& result, bool stop_on_quiet) {
  const std::string epochs = result.epochs < 1000 ? fmt::format("{:.3g}", result.epochs) : fmt::format("{:.0f}", result.epochs);
  std::string text = fmt::format("{} steps, {} epochs, {}\n", result.steps, epochs, emotrain::report::duration(result.seconds));
  if (result.should_stop_at) {
    text += fmt::format("the optimizer raised should_stop at step {}{}\n", *result.should_stop_at,
                        stop_on_quiet ? " and ended the run" : "; trainer.stop_on_quiet=true would have ended the run there");
  }
  if (!result.metrics.empty()) text += emotrain::report::metrics_text(result.metrics) + "\n";
  text += result.directory.string() + ":";
  for (const std::string& file : result.files) text += " " + file;
  return text + "\n";
}

namespace {

std::string best_json(const emotrain::train::TrainerState::Best& best) {
  return JsonObject().add("metric", json(best.metric)).add("value", json(best.value)).add("step", json_number(best.step)).str();
}

}  // namespace

std::string result_json(const emotrain::train::RunResult& result) {
  const bool is_complete = result.status == emotrain::train::RunResult::Status::completed;
  JsonObject metrics;
  for (const emotrain::report::Metric& metric : result.metrics) metrics.add(metric.name, json(metric.value));
  return JsonObject()
             .add("directory", json(result.directory.string()))
             .add("status", json(is_complete ? "completed" : "interrupted"))
             .add("steps", json_number(result.steps))
             .add("epochs", json(result.epochs))
             .add("seconds", json(result.seconds))
             .add("loss", json(result.loss))
             .add("should_stop_at", result.should_stop_at ? json_number(*result.should_stop_at) : "null")
             .add("best", result.best ? best_json(*result.best) : "null")
             .add("metrics", metrics.str())
             .add("files", json_list(result.files, [](const std::string& file) { return json(file); }))
             .str() +
         "\n";
}
