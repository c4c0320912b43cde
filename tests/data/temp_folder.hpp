#pragma once
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "emotrain/core/error.hpp"
#include "emotrain/data/dataset.hpp"

namespace emotrain::data {

/// An empty folder that is removed with all that is in it.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "emotrain-data-XXXXXX").native();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }
  std::string str() const { return path_.native(); }
  /// Makes the folders that are needed, too.
  std::string write(const std::filesystem::path& name, const std::string& content) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << content;
    return (path_ / name).native();
  }

 private:
  std::filesystem::path path_;
};

/// The text of the Error of this kind that `call` throws. Fails if it throws none, another kind, or a text of several lines.
template <class Call>
std::string error_of(ErrorKind kind, Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    const std::string text = error.what();
    CHECK_MESSAGE(error.kind() == kind, text);
    CHECK_MESSAGE(text.find('\n') == std::string::npos, text);
    return text;
  }
  FAIL_CHECK("no error");
  return "";
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace emotrain::data
