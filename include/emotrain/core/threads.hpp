#pragma once
#include "emotrain/core/function_ref.hpp"
#include "emotrain/core/real.hpp"

/// One pool of threads for the process. Callers cut work into tasks whose number and extent depend on the problem alone, never on the
/// number of threads, and combine partial results in the order of the tasks: that makes every result independent of the number of threads.
namespace emotrain {

/// Number of threads that take part in `parallel_for`, the caller included (at least 1; 0 means one per core). Not to be called inside it.
void set_threads(int count);
int threads() noexcept;

/// Calls `task(i)` once for each i in [0, tasks), in any order, on any thread; returns when all have ended. Nested calls run in the
/// caller. The first exception is rethrown. Allocates nothing.
void parallel_for(Index tasks, FunctionRef<void(Index)> task);

}  // namespace emotrain
