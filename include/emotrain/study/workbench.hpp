#pragma once
#include <map>
#include <string>
#include <vector>

#include "emotrain/study/records.hpp"

namespace emotrain::study {

/// The problems of a study with their data, loaded once for all jobs.
class Workbench {
 public:
  /// Loads the data, and tries each problem with the first steps of a run. Throws Error{usage} with the problem's name if model, loss and
  /// data do not fit each other, or if there is nothing to tune on; Error{data, missing, io} as loading does.
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
  train::RunConfig configure(std::size_t problem, Track track, Index seed, const config::Value& optimizer) const;

  const Study& study_;
  std::vector<Loaded> problems_;
};

}  // namespace emotrain::study
