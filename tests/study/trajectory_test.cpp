#include "emotrain/study/trajectory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "emotrain/nn/model.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/optim/schedule.hpp"
#include "study/contours.hpp"
#include "study/record_json.hpp"
#include "study/study_files.hpp"
#include "support/memory_files.hpp"
#include "train/configs.hpp"

using namespace emotrain;
using study::Point;

namespace {

/// Whether each tag that is opened is closed in its turn, and attributes have both quotes.
bool is_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t at = xml.find('<'); at != std::string::npos; at = xml.find('<', at + 1)) {
    const std::size_t end = xml.find('>', at);
    if (end == std::string::npos) return false;
    const std::string tag = xml.substr(at + 1, end - at - 1);
    if (std::ranges::count(tag, '"') % 2 != 0 || tag.find('<') != std::string::npos) return false;
    const std::string name = tag.substr(tag.starts_with('/') ? 1 : 0, tag.find_first_of(" /", 1) - (tag.starts_with('/') ? 1 : 0));
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) return false;
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(name);
    }
  }
  return open.empty();
}

double area(const std::vector<std::vector<Point>>& loops) {
  double sum = 0;
  for (const std::vector<Point>& loop : loops) {
    for (std::size_t k = 0; k < loop.size(); ++k) {
      const Point& a = loop[k];
      const Point& b = loop[(k + 1) % loop.size()];
      sum += (a[0] * b[1] - a[1] * b[0]) / 2;
    }
  }
  return sum;
}

study::Grid grid_of(std::size_t side, double (*value)(double x, double y)) {
  study::Grid grid{.columns = side, .rows = side, .values = {}};
  const double middle = static_cast<double>(side - 1) / 2;
  for (std::size_t j = 0; j < side; ++j) {
    for (std::size_t i = 0; i < side; ++i) grid.values.push_back(value(static_cast<double>(i) - middle, static_cast<double>(j) - middle));
  }
  return grid;
}

}  // namespace

TEST_CASE("regions below a level have the right area, with holes and at the border") {
  constexpr double pi = 3.14159265358979;
  const study::Grid bowl = grid_of(101, [](double x, double y) { return std::hypot(x, y); });
  CHECK(area(study::region_below(bowl, 30)) == doctest::Approx(pi * 900).epsilon(2e-3));
  CHECK(study::region_below(bowl, 30).size() == 1);
  CHECK(area(study::region_below(bowl, 1000)) == doctest::Approx(100 * 100));
  CHECK(study::region_below(bowl, -1).empty());
  const study::Grid ring = grid_of(101, [](double x, double y) { return std::abs(std::hypot(x, y) - 30); });
  CHECK(study::region_below(ring, 10).size() == 2);
  CHECK(area(study::region_below(ring, 10)) == doctest::Approx(pi * (1600 - 400)).epsilon(2e-3));
  // Cells whose opposite corners are below: both regions or one, but always closed.
  const study::Grid board = grid_of(11, [](double x, double y) { return std::fmod(std::abs(x + y), 2) < 0.5 ? 0.0 : 1.0; });
  for (const double level : {0.3, 0.7}) CHECK(area(study::region_below(board, level)) > 0);
}

TEST_CASE("every function of two coordinates has a well-formed picture, whatever the points are") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<study::Trajectory> trajectories{
      {.label = "a & <b>", .points = {{0, 0}, {1, 1}, {1.5, 0.5}}, .shadow = {{0.5, 0.5}, {1, 0.8}}},
      {.label = "runs away", .points = {{0, 0}, {1e30, -1e30}, {nan, 0}}, .shadow = {}},
      {.label = "none", .points = {}, .shadow = {}}};
  for (const nn::Function& function : nn::functions()) {
    if (function.dimensions != 2) continue;
    CAPTURE(function.name);
    for (std::size_t count = 0; count <= trajectories.size(); ++count) {
      const std::string svg = study::trajectory_svg(function, std::span(trajectories).first(count));
      CHECK(is_well_formed(svg));
      CHECK(svg.find("nan") == std::string::npos);
      CHECK(svg.find("inf") == std::string::npos);
      CHECK(svg.size() < 100'000);
      if (count > 0) CHECK(svg.find("a &amp; &lt;b&gt;") != std::string::npos);
    }
  }
}

TEST_CASE("a run's trajectory is read from its records") {
  train::RunConfig config;
  config.model = test::choose(nn::models(), "function", {{"function", std::string("beale")}, {"start", std::vector<double>{0.5, -1}}});
  test::MemoryFiles files;
  const auto write = [&](const char* name, const std::string& text) {
    files.create_directories("run");
    files.create(std::filesystem::path("run") / name)->write(text.data(), text.size());
  };
  write("metrics.jsonl", "{\"step\":1,\"loss\":2}\n");
  CHECK_FALSE(study::write_trajectory(config, "run", files));
  write("metrics.jsonl", R"({"step":1,"point":[0.6,-0.9]}
{"step":1,"eval_loss":3}
{"step":2,"point":[0.7,-0.8],"shadow_point":[0.65,-0.85]}
{"step":3,"poi)");
  const auto trajectory = study::read_trajectory(config, "run", files);
  REQUIRE(trajectory.has_value());
  CHECK(trajectory->points == std::vector<Point>{{0.5, -1}, {0.6, -0.9}, {0.7, -0.8}});
  CHECK(trajectory->shadow == std::vector<Point>{{0.65, -0.85}});
  CHECK(study::write_trajectory(config, "run", files));
  CHECK(is_well_formed(files.read("run/trajectory.svg")));
  write("manifest.json", R"({"init_from": {"path": "a"}})");
  CHECK(study::read_trajectory(config, "run", files)->points.size() == 2);
  config.model = test::choose(nn::models(), "function", {{"function", std::string("rosenbrock")}});
  CHECK_FALSE(study::read_trajectory(config, "run", files).has_value());
}

TEST_CASE("records keep a path where it is asked for, and are read without") {
  const study::Study of = test::study_of(
      R"({"seeds": 1, "optimizers": [{"name": "emonavi"}], "problems": [{"name": "p", "function": "himmelblau", "steps": 1000}]})");
  const Choice optimizer = test::choose(optim::optimizers(), "emonavi", {});
  const Choice schedule = test::choose(optim::schedulers(), "constant", {});
  const study::FunctionJob job{*nn::find_function("himmelblau"), optimizer, schedule, 1000, 1};
  const study::JobRecord plain = study::run_job(job, {});
  CHECK(plain.path.empty());
  const study::JobRecord kept = study::run_job(job, {.path_points = 40});
  CHECK(kept.metric("value") == plain.metric("value"));
  CHECK(kept.path.size() <= 40);
  CHECK(kept.path.size() > 30);
  CHECK_FALSE(kept.shadow_path.empty());
  std::vector<Real> start(2);
  job.function.start(1, start);
  CHECK(std::abs(kept.path.front()[0] - double{start[0]}) < 1e-4);
  const std::string line = study::record_line(of, {}, kept);
  CHECK(study::parse_record(of, line).second.path == kept.path);
  CHECK(study::parse_record(of, line).second.shadow_path == kept.shadow_path);
  CHECK(study::parse_record(of, study::record_line(of, {}, plain)).second.path.empty());
}
