#pragma once

/// What this library was built from and with: for the manifest.
namespace emotrain::train::build_info {

extern const char* const version;
/// `git describe --always --dirty`; null outside a git checkout.
extern const char* const commit;
extern const char* const compiler;
extern const char* const build_type;
extern const char* const flags;

}  // namespace emotrain::train::build_info
