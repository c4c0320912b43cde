#include "emotrain/core/threads.hpp"

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "emotrain/core/denormals.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain {
namespace {

thread_local bool inside_task = false;

/// A job is published by raising `generation_`; workers take task numbers from one counter and report by lowering `running_`.
class Pool {
 public:
  explicit Pool(int workers) {
    for (int i = 0; i < workers; ++i) workers_.emplace_back([this] { work(); });
  }

  ~Pool() {
    stop_ = true;
    generation_.fetch_add(1);
    generation_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  int size() const { return static_cast<int>(workers_.size()); }

  void run(Index tasks, const FunctionRef<void(Index)>& task) {
    tasks_ = tasks;
    task_ = &task;
    next_ = 0;
    failure_ = nullptr;
    float_control_ = detail::float_control();
    running_ = size();
    generation_.fetch_add(1);
    generation_.notify_all();
    take_tasks();
    for (int spins = 0; running_.load() > 0; ++spins) {
      if (spins < spin_limit) continue;
      const int left = running_.load();
      if (left > 0) running_.wait(left);
    }
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  /// Steps follow each other within microseconds: spinning that long saves the wake-up, sleeping after it saves the core.
  static constexpr int spin_limit = 4000;

  void work() {
    unsigned seen = 0;
    while (true) {
      for (int spins = 0; generation_.load() == seen; ++spins) {
        if (spins >= spin_limit) generation_.wait(seen);
      }
      ++seen;
      if (stop_) return;
      detail::set_float_control(float_control_);  // a task gives the same bits on any thread
      take_tasks();
      if (running_.fetch_sub(1) == 1) running_.notify_one();
    }
  }

  void take_tasks() {
    inside_task = true;
    for (Index i = next_.fetch_add(1); i < tasks_; i = next_.fetch_add(1)) {
      try {
        (*task_)(i);
      } catch (...) {
        const std::lock_guard lock(failure_mutex_);
        if (!failure_) failure_ = std::current_exception();
      }
    }
    inside_task = false;
  }

  std::vector<std::thread> workers_;
  std::atomic<unsigned> generation_{0};
  std::atomic<int> running_{0};
  std::atomic<Index> next_{0};
  std::atomic<bool> stop_{false};
  Index tasks_ = 0;
  const FunctionRef<void(Index)>* task_ = nullptr;
  unsigned float_control_ = 0;
  std::mutex failure_mutex_;
  std::exception_ptr failure_;
};

std::unique_ptr<Pool>& pool() {
  static std::unique_ptr<Pool> instance;
  return instance;
}

/// Held while a job runs: a second thread that calls parallel_for meanwhile does its work alone.
std::mutex pool_in_use;

}  // namespace

void set_threads(int count) {
  if (count < 0) fail(ErrorKind::usage, "[threads] {} threads: give a positive number, or 0 for one per core", count);
  if (count == 0) count = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const std::lock_guard lock(pool_in_use);
  if (count == threads()) return;
  pool().reset();
  if (count > 1) pool() = std::make_unique<Pool>(count - 1);
}

int threads() noexcept { return pool() ? pool()->size() + 1 : 1; }

void parallel_for(Index tasks, FunctionRef<void(Index)> task) {
  if (tasks > 1 && !inside_task && pool()) {
    const std::unique_lock lock(pool_in_use, std::try_to_lock);
    if (lock.owns_lock() && pool()) return pool()->run(tasks, task);
  }
  for (Index i = 0; i < tasks; ++i) task(i);
}

}  // namespace emotrain
