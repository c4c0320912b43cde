#pragma once
#include <string>

namespace emotrain {

/// The processor's name, as the operating system knows it; empty if it does not say.
std::string cpu_model();

}  // namespace emotrain
