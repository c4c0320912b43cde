#include <cstdio>

#include "commands.hpp"

int run(const TextCommand& command) {
  if (command.nothing_given) {
    std::fwrite(command.text.data(), 1, command.text.size(), stderr);
    return 2;
  }
  print(command.text);
  flush_output({});
  return 0;
}
