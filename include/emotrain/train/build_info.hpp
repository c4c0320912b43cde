#pragma once

/// What this library was built from and with.
namespace emotrain::train::build_info {

extern const char* const version;
/// `git describe --always --dirty`; null outside a git checkout.
extern const char* const commit;
extern const char* const compiler;
extern const char* const build_type;
extern const char* const flags;
/// Whether it was tuned for the machine that built it (EMOTRAIN_NATIVE), and may not run on others.
extern const bool native;
/// The libraries that it was built with: "fmt 9.1.0, Eigen 3.4.0, ...".
extern const char* const libraries;

}  // namespace emotrain::train::build_info
