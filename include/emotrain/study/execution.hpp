#pragma once
#include <functional>
#include <vector>

#include "emotrain/study/workbench.hpp"

namespace emotrain::study {

/// Part `index` (from 1) of `count`: whole arms of a problem, so that each part can tune alone.
struct Shard {
  Index index = 1;
  Index count = 1;
};
/// The jobs of a study that a shard does.
std::vector<JobKey> jobs_of(const Study& study, const Shard& shard);

/// Sees jobs begin and end; called by one thread at a time.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void begin(const JobKey& key) = 0;
  virtual void end(const JobKey& key, const JobRecord& record) = 0;
  /// About ten times a second.
  virtual void tick() = 0;
};

struct ExecutionOptions {
  Shard shard = {};
  /// Jobs at a time, each on one thread.
  int workers = 1;
  Watcher* watcher = nullptr;
  /// Asked before each job, and about ten times a second.
  std::function<bool()> interrupted = {};
};

/// Does the jobs that `file` has no record of, those that take longest first. An optimizer's tuned jobs follow its last trial. Returns
/// false if it was interrupted: the jobs that were under way are lost. Sets the number of threads to 1. Throws Error{io} if a record cannot
/// be written.
bool execute(const Study& study, const Workbench& workbench, RecordFile& file, const ExecutionOptions& options);

}  // namespace emotrain::study
