#include "commands.hpp"
#include "emotrain/config/load.hpp"
#include "emotrain/config/reference.hpp"
#include "emotrain/core/error.hpp"
#include "error_report.hpp"

int run(const ValidateCommand& command) {
  int code = 0;
  for (const std::string& file : command.files) {
    try {
      emotrain::config::load_run_config(file);
      print(file + ": ok\n");
    } catch (const emotrain::Error& error) {
      if (error.kind() == emotrain::ErrorKind::io) throw;
      const int its_code = report_error(error);
      if (code == 0) code = its_code;
    }
  }
  flush_output({});
  return code;
}

int run(const SchemaCommand& command) {
  print(command.markdown ? emotrain::config::run_config_reference() : emotrain::config::run_config_schema());
  flush_output({});
  return 0;
}
