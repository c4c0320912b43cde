#pragma once
#include <optional>
#include <string>

#include "emotrain/study/job.hpp"

namespace emotrain::study {

/// A metric of a job, with the errors that follow from accuracies: test_error is 1 - test_accuracy. None if it has not got it.
std::optional<double> metric_of(const JobRecord& record, const std::string& name);

}  // namespace emotrain::study
