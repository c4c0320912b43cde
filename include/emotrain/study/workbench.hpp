#pragma once
#include <map>
#include <string>
#include <vector>

#include "emotrain/study/records.hpp"

namespace emotrain::study {

/// The problems of a study with their data, loaded once for all jobs.
class Workbench {
 public:
  /// Loads the data, tries each problem with the first steps of a run, and builds every optimizer for it: what is wrong with one of them is
  /// found before the first job. Throws Error{usage} with the problem's name if model, loss, data, optimizer and metric do not fit each
  /// other, or if there is nothing to tune or to reach a target on; Error{data, missing, io} as loading does.
  explicit Workbench(const Study& study);

  /// Of a job in the tracks fixed and tuned; in untuned there are half as many more.
  Index steps(std::size_t problem, Track track) const;
  /// What a job of the problem takes, about, for ordering jobs.
  double seconds(std::size_t problem) const { return problems_[problem].seconds; }
  /// Runs a job with this optimizer, on the calling thread; may be called from several at once. What goes wrong apart from a loss that is
  /// not finite is recorded in the same way.
  JobRecord run(const JobKey& key, const config::Value& optimizer, const JobSettings& settings) const;

 private:
  struct Loaded {
    data::Splits splits;
    Index steps = 0;
    double seconds = 0;
  };
  void load(std::size_t problem, std::map<std::string, data::Splits>& known);
  template <class Action>
  auto with_function(const JobKey& key, const config::Value& optimizer, Action&& action) const;
  void check(std::size_t problem) const;
  void check_optimizer(const JobKey& key, const config::Value& optimizer) const;
  train::RunConfig configure(std::size_t problem, Track track, Index seed, const config::Value& optimizer) const;

  const Study& study_;
  std::vector<Loaded> problems_;
};

}  // namespace emotrain::study
