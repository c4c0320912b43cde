#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace emotrain::data {

/// What a data file is and holds, as key and text: IDX files of bytes (plain or gzip), PNG and JPEG images, CSV tables; told apart by
/// their content. Throws Error{missing}, and Error{data} for a file that is none of them, or malformed.
std::vector<std::pair<std::string, std::string>> describe_file(const std::filesystem::path& path);

}  // namespace emotrain::data
