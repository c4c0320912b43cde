#include "emotrain/study/execution.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <tuple>

#include "emotrain/core/threads.hpp"

namespace emotrain::study {
namespace {

constexpr auto tick_interval = std::chrono::milliseconds(100);
/// Between writes that reach the disk: what a loss of power costs.
constexpr auto sync_interval = std::chrono::seconds(5);

/// Jobs that can begin, and those that wait for trials.
class Queue {
 public:
  Queue(const Study& study, const Workbench& workbench, const Records& records, const std::vector<JobKey>& jobs)
      : study_(study), workbench_(workbench), records_(records) {
    for (const JobKey& job : jobs) {
      if (records.contains(job)) continue;
      const bool waits = job.track == Track::tuned && !job.trial && !tuning_of(study, records, job.problem, job.arm);
      (waits ? waiting_ : ready_).push_back(job);
    }
    sort();
  }

  bool is_done() const { return ready_.empty() && waiting_.empty(); }
  bool has_ready() const { return !ready_.empty(); }

  JobKey take() {
    const JobKey job = ready_.back();
    ready_.pop_back();
    return job;
  }

  /// What a trial that ended was waited for by.
  void release(const JobKey& ended) {
    if (!ended.trial || !tuning_of(study_, records_, ended.problem, ended.arm)) return;
    const auto follows = [&](const JobKey& job) { return job.problem == ended.problem && job.arm == ended.arm; };
    std::ranges::copy_if(waiting_, std::back_inserter(ready_), follows);
    std::erase_if(waiting_, follows);
    sort();
  }

 private:
  /// The next at the end: trials first, for others wait for them, then what takes longest.
  void sort() {
    std::ranges::sort(ready_, std::greater(),
                      [&](const JobKey& job) { return std::tuple(!job.trial.has_value(), -workbench_.seconds(job.problem), job); });
  }

  const Study& study_;
  const Workbench& workbench_;
  const Records& records_;
  std::vector<JobKey> ready_;
  std::vector<JobKey> waiting_;
};

class Crew {
 public:
  Crew(const Study& study, const Workbench& workbench, RecordFile& file, const ExecutionOptions& options)
      : study_(study),
        workbench_(workbench),
        file_(file),
        options_(options),
        queue_(study, workbench, file.records(), jobs_of(study, options.shard)) {}

  bool run() {
    std::vector<std::thread> workers;
    try {
      for (int i = 0; i < options_.workers; ++i) {
        workers.emplace_back([this] { work(); });
      }
      watch(options_.workers);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      give_up(std::current_exception());
    }
    for (std::thread& worker : workers) worker.join();
    if (!failure_) file_.sync();
    if (failure_) std::rethrow_exception(failure_);
    return queue_.is_done() && !stop_;
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (!should_stop()) {
      if (!queue_.has_ready()) {
        if (queue_.is_done()) break;
        changed_.wait(lock);
        continue;
      }
      const JobKey job = queue_.take();
      try {
        const config::Value optimizer = optimizer_of(study_, file_.records(), job);
        if (options_.watcher != nullptr) options_.watcher->begin(job);
        lock.unlock();
        JobRecord record = workbench_.run(job, optimizer, {.interrupted = [this] { return stop_.load(std::memory_order_relaxed); }});
        lock.lock();
        finish(job, std::move(record));
      } catch (const JobInterrupted&) {
        lock.lock();
      } catch (...) {
        // With the lock, or others would write behind a line that could not be written.
        if (!lock.owns_lock()) lock.lock();
        give_up(std::current_exception());
      }
    }
    ++idle_;
    changed_.notify_all();
    at_home_.notify_all();
  }

  /// Looks whether it was interrupted; then everybody stops. With the lock.
  bool should_stop() {
    if (!stop_ && options_.interrupted && options_.interrupted()) {
      stop_ = true;
      changed_.notify_all();
    }
    return stop_;
  }

  /// Everybody goes home; what went wrong first is told. With the lock.
  void give_up(std::exception_ptr failure) {
    if (!failure_) failure_ = std::move(failure);
    stop_ = true;
    changed_.notify_all();
    at_home_.notify_all();
  }

  void finish(const JobKey& job, JobRecord record) {
    // Behind a line that could not be written there must not be another.
    if (failure_) return;
    if (options_.watcher != nullptr) options_.watcher->end(job, record);
    file_.add(job, std::move(record));
    queue_.release(job);
    changed_.notify_all();
  }

  /// Until all workers have gone home.
  void watch(int workers) {
    std::unique_lock lock(mutex_);
    auto synced = std::chrono::steady_clock::now();
    while (idle_ < workers && !failure_) {
      at_home_.wait_for(lock, tick_interval);
      if (options_.watcher != nullptr) options_.watcher->tick();
      should_stop();
      if (std::chrono::steady_clock::now() - synced < sync_interval) continue;
      // The disk may take its time, others need not wait for it.
      lock.unlock();
      file_.sync();
      lock.lock();
      synced = std::chrono::steady_clock::now();
    }
  }

  const Study& study_;
  const Workbench& workbench_;
  RecordFile& file_;
  const ExecutionOptions& options_;
  std::mutex mutex_;
  /// There are other jobs to take, or none any more.
  std::condition_variable changed_;
  /// A worker has ended.
  std::condition_variable at_home_;
  Queue queue_;
  std::atomic<bool> stop_ = false;
  int idle_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

std::vector<JobKey> jobs_of(const Study& study, const Shard& shard) {
  std::vector<JobKey> jobs;
  Index group = -1;
  const JobKey* previous = nullptr;
  const std::vector<JobKey> all = expand(study);
  for (const JobKey& job : all) {
    const bool same = previous != nullptr && previous->track == job.track && previous->problem == job.problem && previous->arm == job.arm;
    if (!same) ++group;
    if (group % shard.count == shard.index - 1) jobs.push_back(job);
    previous = &job;
  }
  return jobs;
}

bool execute(const Study& study, const Workbench& workbench, RecordFile& file, const ExecutionOptions& options) {
  set_threads(1);
  return Crew(study, workbench, file, options).run();
}

}  // namespace emotrain::study
