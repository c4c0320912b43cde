#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "emotrain/study/study.hpp"

namespace emotrain::study {

/// What an element of a study's list of problems stands for: a name of the zoo, or a file.
class ProblemFinder {
 public:
  /// What is wrong is added to `problems`.
  ProblemFinder(const std::string& study_file, std::vector<config::Problem>& problems);

  /// The problem as an object; `named` itself if it is one, or nothing that is known.
  config::Value find(const config::Value& named, const std::string& pointer);

 private:
  config::Value from_file(const std::string& name, const config::Value& named, const std::string& pointer);

  std::filesystem::path folder_;
  std::vector<config::Problem>& problems_;
};

config::Value text_value(const config::Place& place, std::string text);
/// Sets a member of an object, as its first.
void set_front(config::Value& object, const std::string& key, config::Value value);

}  // namespace emotrain::study
