#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "data/gzip_reader.hpp"
#include "data/png.hpp"
#include "data/temp_folder.hpp"
#include "emotrain/data/files.hpp"

/// What can go wrong with files and folders themselves, made in a temporary folder.
namespace emotrain::data {
namespace {

namespace fs = std::filesystem;

const std::string pixel = make_png(1, 1, 3, {10, 20, 30});

ImageFolderOptions options_for(const std::string& path) {
  ImageFolderOptions options;
  options.path = path;
  options.image_size = {1, 1};
  options.validation_fraction = 0;
  options.test_fraction = 0;
  return options;
}

/// Two good classes; a test spoils it.
struct Fixture {
  Fixture() {
    folder.write("a/1.png", pixel);
    folder.write("b/2.png", pixel);
  }
  std::string load_error(ErrorKind kind) const {
    return error_of(kind, [&] { load_splits(options_for(folder.str())); });
  }
  TempFolder folder;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "class folders give classes and images in alphabetical order") {
  folder.write("b/0.JPG", pixel);
  const Splits splits = load_splits(options_for(folder.str()));
  const Dataset& set = *splits.training_set;
  CHECK(set.class_names == std::vector<std::string>{"a", "b"});
  CHECK(set.labels == std::vector<std::int32_t>{0, 1, 1});
  CHECK(set.files == std::vector<std::string>{folder / "a/1.png", folder / "b/0.JPG", folder / "b/2.png"});
  CHECK(set.bytes == std::vector<std::uint8_t>{10, 20, 30, 10, 20, 30, 10, 20, 30});
  CHECK(splits.test_set == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "hidden and foreign files are skipped") {
  for (const char* name : {"README.md", ".DS_Store", "a/.DS_Store", "a/Thumbs.db", "a/README.md", ".hidden/1.png"}) folder.write(name, "x");
  CHECK(load_splits(options_for(folder.str())).training_set->size == 2);
}

TEST_CASE_FIXTURE(Fixture, "odd file names are read") {
  for (const char* name : {"new\nline.png", "quo\"te.png", "\xff\xfe.png", "-dash.png", " blank .png"})
    folder.write(fs::path("a") / name, pixel);
  CHECK(load_splits(options_for(folder.str())).training_set->size == 7);
  folder.write("a/bad\nname.png", "not an image");
  CHECK(contains(load_error(ErrorKind::data), "bad\\x0aname.png"));
}

TEST_CASE_FIXTURE(Fixture, "a symbolic link loop ends") {
  fs::create_symlink(folder / "y", folder / "x");
  fs::create_symlink(folder / "x", folder / "y");
  CHECK(contains(error_of(ErrorKind::missing, [&] { load_splits(options_for(folder / "x")); }), "symbolic links"));
  fs::create_directory_symlink(folder.str(), folder / "a/parent");
  CHECK(contains(load_error(ErrorKind::data), "a/parent: is a folder"));
}

TEST_CASE_FIXTURE(Fixture, "a dangling link, a pipe, a folder in the place of an image") {
  SUBCASE("link") {
    fs::create_symlink(folder / "nothing", folder / "a/x.png");
    CHECK(contains(load_error(ErrorKind::missing), "a/x.png: cannot be read: No such file"));
  }
  SUBCASE("pipe") {
    REQUIRE(::mkfifo((folder / "a/x.png").c_str(), 0600) == 0);
    CHECK(contains(load_error(ErrorKind::data), "a/x.png: is a pipe or device"));
  }
  SUBCASE("folder") {
    fs::create_directory(folder / "a/x.png");
    CHECK(contains(load_error(ErrorKind::data), "a/x.png: is a folder"));
  }
  SUBCASE("unreadable") {
    fs::permissions(folder.str(), fs::perms::all);
    fs::permissions(folder / "a/1.png", fs::perms::none);
    // The superuser may read anything.
    const bool superuser = ::geteuid() == 0;
    if (superuser) REQUIRE(::seteuid(65534) == 0);
    const std::string text = load_error(ErrorKind::missing);
    if (superuser) REQUIRE(::seteuid(0) == 0);
    CHECK(contains(text, "a/1.png: cannot be read: Permission denied"));
  }
}

TEST_CASE_FIXTURE(Fixture, "an empty class folder, and no class folder") {
  fs::create_directory(folder / "c");
  CHECK(contains(load_error(ErrorKind::data), "c: holds no .png"));
  const TempFolder empty;
  CHECK(contains(error_of(ErrorKind::data, [&] { load_splits(options_for(empty.str())); }), "holds no folders"));
  CHECK(contains(error_of(ErrorKind::missing, [&] { load_splits(options_for(empty / "none")); }), "No such file"));
}

TEST_CASE("long paths are refused") {
  const std::string long_name(300, 'n');
  std::string long_path;
  while (long_path.size() < 5000) long_path += "folder/";
  for (const std::string& path : {long_name, long_path}) {
    CHECK(contains(error_of(ErrorKind::missing, [&] { load_splits(options_for(path)); }), "File name too long"));
    CsvOptions csv;
    csv.path = path;
    CHECK(contains(error_of(ErrorKind::missing, [&] { load_splits(csv); }), "File name too long"));
    IdxOptions idx;
    idx.images = path;
    CHECK(contains(error_of(ErrorKind::missing, [&] { load_splits(idx); }), "File name too long"));
  }
}

TEST_CASE("folders, pipes and devices in the place of a file") {
  const TempFolder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  for (const std::string& path : {folder.str(), (folder / "pipe").native(), std::string("/dev/zero")}) {
    CsvOptions csv;
    csv.path = path;
    CHECK(contains(error_of(ErrorKind::data, [&] { load_splits(csv); }), path));
    IdxOptions idx;
    idx.images = path;
    CHECK(contains(error_of(ErrorKind::data, [&] { load_splits(idx); }), path));
  }
}

TEST_CASE("a file that shrinks while it is read ends early, without a crash") {
  const TempFolder folder;
  const std::string path = folder.write("x.idx", std::string(std::size_t{1} << 20U, 'x'));
  GzipReader reader(path);
  char start[4];
  REQUIRE(reader.read(start, 4) == 4);
  fs::resize_file(path, 100);
  std::string rest(std::size_t{1} << 20U, '\0');
  CHECK(reader.read(rest.data(), static_cast<Index>(rest.size())) < (Index{1} << 20));
}

}  // namespace emotrain::data
