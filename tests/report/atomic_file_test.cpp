#include "emotrain/report/atomic_file.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "support/temporary_directory.hpp"

using namespace emotrain;

namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("a file is there after commit, whole, and replaces an older one") {
  const TemporaryDirectory directory;
  const auto path = directory / "a.json";
  report::write_file(path, "old");
  {
    report::AtomicFile file(path);
    file.write("new ", 4);
    file.write("text", 4);
    CHECK(content_of(path) == "old");
    file.commit();
  }
  CHECK(content_of(path) == "new text");
  CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
}

TEST_CASE("nothing is left without commit, and after a failed write") {
  const TemporaryDirectory directory;
  { report::AtomicFile(directory / "a").write("text", 4); }
  CHECK(std::filesystem::is_empty(directory.path()));

  const FileSizeLimit limit(4096);
  CHECK(kind_of([&] { report::write_file(directory / "b", std::string(10'000, 'x')); }) == ErrorKind::io);
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("files that cannot be created or renamed are errors") {
  const TemporaryDirectory directory;
  CHECK(kind_of([&] { report::write_file(directory / "missing" / "a", "text"); }) == ErrorKind::cannot_create);
  std::filesystem::create_directories(directory / "taken" / "by");
  CHECK(kind_of([&] { report::write_file(directory / "taken", "text"); }) == ErrorKind::io);
  CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
}
