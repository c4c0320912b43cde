#pragma once
#include <string>
#include <utility>

#include "emotrain/study/records.hpp"

namespace emotrain::study {

/// A record on one line, without its end:
///     {"track": "fixed", "problem": "digits_mlp", "arm": "adamw", "trial": null, "seed": 3, "divergence": "", "steps": 400,
///      "metrics": {"eval_loss": 0.2, ...}, "state_bytes": 8, "step_seconds": 0.61, "seconds": 0.7,
///      "stretches": {"step": [20, ...], "loss": [...], "validation": [...], "scalar": [...], ...}}
/// and, of a function of two coordinates with the first seed, "path": [[x, y], ...] and "shadow_path".
/// Numbers that are not finite are the strings "inf", "-inf" and "nan"; what no stretch has is left out.
std::string record_line(const Study& study, const JobKey& key, const JobRecord& record);
/// Throws Error{data} with what is wrong.
std::pair<JobKey, JobRecord> parse_record(const Study& study, const std::string& line);

}  // namespace emotrain::study
