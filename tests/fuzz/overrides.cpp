#include "emotrain/config/load.hpp"

#include <algorithm>

#include "fuzz/target.hpp"

/// Lines that are arguments `section.key=value`, or variables `EMOTRAIN_SECTION__KEY=value`, on a configuration.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace emotrain;
  constexpr std::string_view base = R"({"data": {"name": "iris"}, "model": {"name": "mlp"}, "optimizer": {"name": "emonavi"}})";
  static const fuzz::InputPath path(reinterpret_cast<const std::uint8_t*>(base.data()), base.size());
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::string_view rest = fuzz::text_of(bytes, size);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    (line.starts_with("EMOTRAIN_") ? environment : arguments).emplace_back(line.substr(0, line.find('\0')));
  }
  fuzz::may_refuse({ErrorKind::usage}, [&] { config::load_run_config(path.str(), arguments, environment); });
  return 0;
}
