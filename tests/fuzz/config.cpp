#include "emotrain/config/load.hpp"
#include "emotrain/config/options_reader.hpp"
#include "emotrain/config/options_writer.hpp"
#include "fuzz/target.hpp"

/// The configuration of a run. What is accepted is accepted again with every default, and means the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace emotrain;
  const fuzz::InputPath path(bytes, size);
  fuzz::may_refuse({ErrorKind::usage}, [&] {
    config::LoadedConfig loaded = config::load_run_config(path.str());
    const std::string resolved = config::write_options(loaded.config);
    train::RunConfig again;
    fuzz::require(config::read_options(config::parse_document(resolved, "resolved"), again).empty(), "the resolved form is accepted");
    fuzz::require(config::write_options(again) == resolved, "the resolved form means the same");
  });
  return 0;
}
