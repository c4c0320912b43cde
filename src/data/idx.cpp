#include "data/idx.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <memory>

#include "data/gzip_reader.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::data {
namespace {

constexpr Index max_values = Index{1} << 32;
constexpr Index max_items = (Index{1} << 31) - 1;

int read_rank(GzipReader& file, const std::filesystem::path& path, const char* what, int min_rank, int max_rank) {
  std::array<unsigned char, 4> magic{};
  const Index count = file.read(magic.data(), 4);
  if (count < 4) fail(ErrorKind::data, "{}: ends after {} bytes, inside the IDX header; get the file again", display(path), count);
  if (magic[0] != 0 || magic[1] != 0) {
    fail(ErrorKind::data, "{}: starts with {:02x} {:02x} {:02x} {:02x}, not with the two zero bytes of an IDX file; {} must be IDX files",
         display(path), magic[0], magic[1], magic[2], magic[3], what);
  }
  if (magic[2] != 0x08) {
    fail(ErrorKind::data, "{}: IDX type code 0x{:02x}; only 0x08, unsigned bytes, is supported", display(path), magic[2]);
  }
  if (magic[3] < min_rank || magic[3] > max_rank) {
    fail(ErrorKind::data, "{}: has {} axes, but {} have {}; is it the right file?", display(path), magic[3], what,
         min_rank == max_rank ? fmt::format("{}", min_rank) : fmt::format("{} to {}", min_rank, max_rank));
  }
  return magic[3];
}

Shape read_extents(GzipReader& file, const std::filesystem::path& path, int rank) {
  Shape shape;
  Index product = 1;
  for (int axis = 0; axis < rank; ++axis) {
    std::array<unsigned char, 4> word{};
    if (file.read(word.data(), 4) < 4) {
      fail(ErrorKind::data, "{}: ends inside the IDX header, at axis {} of {}; get the file again", display(path), axis, rank);
    }
    const Index extent = Index{word[0]} << 24 | Index{word[1]} << 16 | Index{word[2]} << 8 | Index{word[3]};
    if (extent == 0)
      fail(ErrorKind::data, "{}: axis {} has extent 0: there is nothing to read; is the file complete?", display(path), axis);
    if (extent > max_items || extent > max_values / product) {
      fail(ErrorKind::data, "{}: extent {} of axis {} makes more than the {} values that are read; is the header damaged?", display(path),
           extent, axis, max_values);
    }
    product *= extent;
    shape.push_back(extent);
  }
  return shape;
}

/// Shuffled batches jump about in a set; with ordinary pages every sample costs a search for its address. A refusal costs speed alone.
void ask_for_huge_pages([[maybe_unused]] std::uint8_t* bytes, [[maybe_unused]] std::size_t size) {
#if defined(MADV_HUGEPAGE)
  constexpr std::size_t page = std::size_t{1} << 21U;
  void* first = bytes;
  if (std::align(page, page, first, size) != nullptr) static_cast<void>(::madvise(first, size / page * page, MADV_HUGEPAGE));
#endif
}

}  // namespace

IdxArray read_idx(const std::filesystem::path& path, const char* what, int min_rank, int max_rank) {
  GzipReader file(path);
  const int rank = read_rank(file, path, what, min_rank, max_rank);
  IdxArray array{.shape = read_extents(file, path, rank), .bytes = {}};

  // The header may lie: memory grows with what has been read, from a size that suits files as images usually are.
  constexpr Index usual_compression = 16;
  constexpr Index piece = Index{1} << 22;
  const Index declared = array.shape.size();
  array.bytes.reserve(static_cast<std::size_t>(std::min(declared, usual_compression * file.file_size())));
  ask_for_huge_pages(array.bytes.data(), array.bytes.capacity());
  for (Index done = 0; done < declared;) {
    const Index wanted = std::min(piece, declared - done);
    array.bytes.resize(static_cast<std::size_t>(done + wanted));
    const Index count = file.read(array.bytes.data() + done, wanted);
    done += count;
    if (count < wanted) {
      fail(ErrorKind::data, "{}: ends after {} of the {} values that its header declares, {}; get the file again", display(path), done,
           declared, array.shape);
    }
  }
  char more = 0;
  if (file.read(&more, 1) != 0) {
    fail(ErrorKind::data, "{}: goes on after the {} values that its header declares, {}; is the header damaged?", display(path), declared,
         array.shape);
  }
  return array;
}

}  // namespace emotrain::data
