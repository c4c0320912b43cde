#include "fuzz/target.hpp"
#include "train/trainer_state_json.hpp"

/// trainer_state.json. What is read is written and read again alike.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace emotrain;
  fuzz::may_refuse({ErrorKind::data}, [&] {
    const std::string text = train::state_text(train::parse_state("trainer_state.json", fuzz::text_of(bytes, size)));
    fuzz::require(train::state_text(train::parse_state("written", text)) == text, "what was written is read alike");
  });
  return 0;
}
