#include "emotrain/train/build_info.hpp"

#include "emotrain_commit.h"

namespace emotrain::train::build_info {

const char* const version = EMOTRAIN_VERSION;
#ifdef EMOTRAIN_COMMIT
const char* const commit = EMOTRAIN_COMMIT;
#else
const char* const commit = nullptr;
#endif
const char* const compiler = EMOTRAIN_COMPILER;
const char* const build_type = EMOTRAIN_BUILD_TYPE;
const char* const flags = EMOTRAIN_FLAGS;
const bool native = EMOTRAIN_IS_NATIVE;
const char* const libraries = EMOTRAIN_LIBRARIES;

}  // namespace emotrain::train::build_info
