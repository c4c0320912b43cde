#pragma once
#include <string>

/// Version and commit, then a line each for the build, the libraries and the machine.
std::string version_text();
