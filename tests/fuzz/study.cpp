#include "emotrain/study/study.hpp"

#include "fuzz/target.hpp"

/// A study. Its own text is read to the same study.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace emotrain;
  const fuzz::InputPath path(bytes, size);
  fuzz::may_refuse({ErrorKind::usage}, [&] {
    const study::Study study = study::load_study(path.str());
    const fuzz::InputPath again(reinterpret_cast<const std::uint8_t*>(study.text.data()), study.text.size());
    fuzz::require(study::load_study(again.str()).text == study.text, "the study's text means the same");
  });
  return 0;
}
