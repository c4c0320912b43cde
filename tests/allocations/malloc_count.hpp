#pragma once

/// Calls of malloc, calloc, realloc, aligned_alloc, posix_memalign and memalign so far, by any thread of this process.
long malloc_count();
