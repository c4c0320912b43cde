#include <memory>

#include "commands.hpp"
#include "emotrain/config/load.hpp"
#include "emotrain/config/reference.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/study/study.hpp"
#include "error_report.hpp"
#include "subcommands.hpp"

namespace {

constexpr const char* validate_footer = R"(Examples:
  emotrain validate configs/*.json

Prints "FILE: ok" for each file that is, and a line for every problem of the others. Neither data nor the environment's variables are looked at:
whether model, loss and data fit each other is what emotrain --config FILE --dry-run tells.

Exit codes: 0 all are well, 2 some are not, 66 a file is missing.)";

constexpr const char* schema_footer = R"(Examples:
  emotrain schema > docs/config.schema.json
  emotrain schema --markdown > docs/config.md
  emotrain schema --study > docs/study.schema.json

A configuration whose "$schema" is the path of that file is completed and checked by editors that know JSON Schema, as VS Code does.)";

/// A study has optimizers, a run one optimizer.
void validate(const std::string& file) {
  if (emotrain::config::read_document(file).find("optimizers") != nullptr) {
    emotrain::study::load_study(file);
  } else {
    emotrain::config::load_run_config(file);
  }
}

int validate_all(const std::vector<std::string>& files) {
  int code = 0;
  for (const std::string& file : files) {
    try {
      validate(file);
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

int describe(bool study, bool markdown) {
  if (study && markdown) emotrain::fail(emotrain::ErrorKind::usage, "--markdown is for runs; docs/compare.md tells of studies");
  print(study      ? emotrain::study::study_schema()
        : markdown ? emotrain::config::run_config_reference()
                   : emotrain::config::run_config_schema());
  flush_output({});
  return 0;
}

}  // namespace

void add_validate(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("validate", "Check configurations of runs and studies, without reading data");
  const auto files = std::make_shared<std::vector<std::string>>();
  command->footer(validate_footer);
  command->add_option("files", *files, "Configurations")->required()->type_name("FILE");
  command->callback([files, &chosen] { chosen = [files] { return validate_all(*files); }; });
}

void add_schema(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("schema", "Describe the configuration of a run to editors: a JSON Schema");
  const auto markdown = std::make_shared<bool>(false);
  const auto study = std::make_shared<bool>(false);
  command->footer(schema_footer);
  command->add_flag("--markdown", *markdown, "To people: Markdown with every option");
  command->add_flag("--study", *study, "Of a study, instead of a run");
  command->callback([study, markdown, &chosen] { chosen = [study, markdown] { return describe(*study, *markdown); }; });
}
