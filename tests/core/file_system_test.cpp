#include "emotrain/core/file_system.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/memory_files.hpp"
#include "support/temporary_directory.hpp"

using namespace emotrain;

namespace {

void write(FileSystem& files, const std::filesystem::path& path, const std::string& text) {
  files.create(path)->write(text.data(), text.size());
}

/// What both file systems have in common, in an empty directory `root`.
void check_file_system(FileSystem& files, const std::filesystem::path& root) {
  using Kind = FileSystem::Kind;
  const auto path = root / "a" / "b" / "file";
  CHECK(files.kind(path) == Kind::none);
  CHECK(kind_of([&] { files.open(path); }) == ErrorKind::missing);
  CHECK(kind_of([&] { files.create(path); }) == ErrorKind::cannot_create);
  CHECK(kind_of([&] { files.create_directory(root / "a" / "b"); }) == ErrorKind::cannot_create);
  files.create_directories(root / "a" / "b");
  CHECK_FALSE(files.create_directory(root / "a" / "b"));
  write(files, path, "0123456789");
  CHECK(files.read(path) == "0123456789");
  CHECK(kind_of([&] { files.create(path, true); }) == ErrorKind::cannot_create);
  {
    const auto file = files.reopen(path, 4);
    CHECK(file->size() == 4);
    file->write("xy", 2);
    file->sync();
    CHECK(file->size() == 6);
  }
  CHECK(files.read(path) == "0123xy");
  CHECK(kind_of([&] { files.reopen(path, 7); }) == ErrorKind::data);
  char two[2];
  files.open(path)->read(3, two, 2);
  CHECK(std::string(two, 2) == "3x");

  files.create_symlink("b", root / "a" / "link");
  CHECK(files.kind(root / "a" / "link") == Kind::symlink);
  CHECK(files.read_link(root / "a" / "link") == "b");
  CHECK(files.read(root / "a" / "link" / "file") == "0123xy");
  CHECK(kind_of([&] { files.create_symlink("c", root / "a" / "link"); }) == ErrorKind::cannot_create);
  files.create_symlink("c", root / "a" / "new");
  files.rename(root / "a" / "new", root / "a" / "link");
  CHECK(files.read_link(root / "a" / "link") == "c");

  write(files, root / "a" / "other", "new");
  files.rename(root / "a" / "other", path);
  CHECK(files.read(path) == "new");
  files.rename(root / "a" / "b", root / "a" / "d");
  CHECK(files.read(root / "a" / "d" / "file") == "new");
  CHECK(files.list(root / "a") == std::vector<std::string>{"d", "link"});
  CHECK(kind_of([&] { files.rename(root / "a" / "nothing", path); }) == ErrorKind::io);
  files.sync_directory(root / "a");

  files.remove(root / "a" / "nothing");
  files.remove(root / "a");
  CHECK(files.kind(root / "a") == Kind::none);
  CHECK(files.list(root).empty());
}

}  // namespace

TEST_CASE("the disk and the files in memory behave alike") {
  const TemporaryDirectory directory;
  check_file_system(disk(), directory.path());
  test::MemoryFiles memory;
  memory.create_directory("root");
  check_file_system(memory, "root");
}

TEST_CASE("a loss of power leaves what was synced") {
  test::MemoryFiles files;
  files.create_directory("run");
  files.sync_directory("");
  const auto file = files.create("run/kept");
  file->write("old", 3);
  file->sync();
  files.sync_directory("run");
  file->write("new", 3);
  write(files, "run/unsynced", "text");
  files.create_directory("run/tmp");
  {
    const auto inner = files.create("run/tmp/inner");
    inner->write("inner", 5);
    inner->sync();
  }
  files.sync_directory("run/tmp");
  files.rename("run/tmp", "run/done");
  SUBCASE("entries not synced") {
    files.lose_power(false);
    CHECK(files.files() == std::map<std::string, std::string>{{"run/kept", "old"}});
  }
  SUBCASE("entries all there") {
    files.lose_power(true);
    CHECK(files.files() == std::map<std::string, std::string>{{"run/done/inner", "inner"}, {"run/kept", "old"}, {"run/unsynced", ""}});
  }
  SUBCASE("entries synced") {
    files.sync_directory("run");
    files.lose_power(false);
    CHECK(files.files() == std::map<std::string, std::string>{{"run/done/inner", "inner"}, {"run/kept", "old"}, {"run/unsynced", ""}});
  }
}

TEST_CASE("an operation that is told to fail does, and a failed write leaves a part") {
  test::MemoryFiles files;
  int number = 0;
  files.fails = [&](const std::string& operation, const auto&) { return operation == "write" && ++number == 2; };
  const auto file = files.create("file");
  file->write("abcd", 4);
  CHECK(kind_of([&] { file->write("efgh", 4); }) == ErrorKind::io);
  CHECK(files.read("file") == "abcdef");
}
