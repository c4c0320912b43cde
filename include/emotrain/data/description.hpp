#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace emotrain::data {

struct Fact {
  std::string name;
  std::string text;
  /// Whether the text is a number.
  bool is_number = false;
  /// All digits of a number that is shown rounded.
  std::string exact = {};
};

/// What a data file is and holds: IDX files of bytes (plain or gzip), PNG and JPEG images, told apart by their content, and tables in
/// files named *.csv. Throws Error{missing}, and Error{data} for a file that is none of them, or malformed.
std::vector<Fact> describe_file(const std::filesystem::path& path);

}  // namespace emotrain::data
