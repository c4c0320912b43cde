#include "show_config.hpp"

#include <unistd.h>

#include "commands.hpp"
#include "emotrain/config/explain.hpp"
#include "emotrain/config/options_writer.hpp"
#include "text_table.hpp"

std::vector<std::string> environment() {
  std::vector<std::string> variables;
  for (char** variable = ::environ; variable != nullptr && *variable != nullptr; ++variable) variables.emplace_back(*variable);
  return variables;
}

int show_config(const emotrain::config::LoadedConfig& loaded, bool explained) {
  if (explained) {
    TextTable table({{"option"}, {"value"}, {"from"}});
    for (const emotrain::config::ExplainedValue& value : emotrain::config::explain(loaded)) {
      table.add({value.path, value.value, value.origin});
    }
    print(table.str());
  } else {
    print(emotrain::config::write_options(loaded.config));
  }
  flush_output({});
  return 0;
}
