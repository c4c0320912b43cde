#include "emotrain/study/lesson_run.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "emotrain/core/threads.hpp"
#include "emotrain/study/job.hpp"

namespace emotrain::study {
namespace {

constexpr auto tick_interval = std::chrono::milliseconds(100);
/// Between writes that reach the disk: what a loss of power costs.
constexpr auto sync_interval = std::chrono::seconds(5);

struct Job {
  const std::vector<std::size_t>* group;
  Index seed;
};

class Crew {
 public:
  Crew(const LessonBench& bench, LessonRecordFile& file, const LessonExecution& how) : bench_(bench), file_(file), how_(how) {
    for (Index seed = 1; seed <= bench.seeds(); ++seed) {
      for (const auto& group : bench.groups()) {
        progress_.runs += std::ssize(group);
        progress_.steps += bench.steps(group);
        const auto is_recorded = [&](std::size_t cell) { return file.records().contains({cell, seed}); };
        if (std::ranges::all_of(group, is_recorded)) {
          progress_.runs_done += std::ssize(group);
          progress_.steps_found += bench.steps(group);
        } else {
          jobs_.push_back({&group, seed});
        }
      }
    }
  }

  bool run() {
    std::vector<std::thread> workers;
    try {
      for (int i = 0; i < how_.workers; ++i) workers.emplace_back([this] { work(); });
      watch();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      give_up(std::current_exception());
    }
    for (std::thread& worker : workers) worker.join();
    if (failure_) std::rethrow_exception(failure_);
    file_.sync();
    tick();
    return !stop_;
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (!stop_ && !jobs_.empty()) {
      const Job job = jobs_.front();
      jobs_.pop_front();
      lock.unlock();
      std::vector<std::pair<LessonKey, LessonRecord>> records;
      std::exception_ptr failure;
      Index stepped = 0;
      try {
        records = bench_.run(*job.group, job.seed,
                             {.interrupted = [this] { return stop_.load(std::memory_order_relaxed); },
                              .stepped =
                                  [this, &stepped] {
                                    ++stepped;
                                    steps_.fetch_add(1, std::memory_order_relaxed);
                                  }});
      } catch (const JobInterrupted&) {
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      if (failure) give_up(failure);
      // One that ended early has no steps left either.
      if (!records.empty()) steps_.fetch_add(bench_.steps(*job.group) - stepped, std::memory_order_relaxed);
      finish(std::move(records));
    }
    ++idle_;
    at_home_.notify_all();
  }

  /// With the lock. Behind a line that could not be written there must not be another.
  void finish(std::vector<std::pair<LessonKey, LessonRecord>> records) {
    try {
      for (auto& [key, record] : records) {
        if (failure_) return;
        file_.add(key, std::move(record));
        ++progress_.runs_done;
      }
    } catch (...) {
      give_up(std::current_exception());
    }
  }

  /// Everybody goes home; what went wrong first is told. With the lock.
  void give_up(std::exception_ptr failure) {
    if (!failure_) failure_ = std::move(failure);
    stop_ = true;
  }

  /// With the lock.
  void tick() {
    if (!how_.tick) return;
    progress_.steps_done = progress_.steps_found + steps_.load(std::memory_order_relaxed);
    how_.tick(progress_);
  }

  /// Until all workers have gone home.
  void watch() {
    std::unique_lock lock(mutex_);
    auto synced = std::chrono::steady_clock::now();
    while (idle_ < how_.workers) {
      at_home_.wait_for(lock, tick_interval);
      tick();
      if (how_.interrupted && how_.interrupted()) stop_ = true;
      if (failure_ || std::chrono::steady_clock::now() - synced < sync_interval) continue;
      file_.sync();
      synced = std::chrono::steady_clock::now();
    }
  }

  const LessonBench& bench_;
  LessonRecordFile& file_;
  const LessonExecution& how_;
  std::mutex mutex_;
  std::condition_variable at_home_;
  std::deque<Job> jobs_;
  LessonProgress progress_;
  std::atomic<Index> steps_ = 0;
  std::atomic<bool> stop_ = false;
  int idle_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

bool run_lesson(const LessonBench& bench, LessonRecordFile& file, const LessonExecution& how) {
  set_threads(1);
  if (!Crew(bench, file, how).run()) return false;
  file.sort();
  return true;
}

}  // namespace emotrain::study
