#include "data/idx.hpp"

#include "fuzz/target.hpp"

/// An IDX file, plain or gzip.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace emotrain;
  const fuzz::InputPath path(bytes, size);
  fuzz::may_refuse({ErrorKind::data}, [&] {
    const data::IdxArray array = data::read_idx(path.str(), "images", 1, 4);
    fuzz::require(array.bytes.size() == static_cast<std::size_t>(array.shape.size()), "as many values as the shape says");
  });
  return 0;
}
