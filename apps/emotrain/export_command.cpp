#include <fmt/format.h>

#include <memory>

#include "commands.hpp"
#include "emotrain/train/onnx.hpp"
#include "opened_model.hpp"
#include "subcommands.hpp"

namespace {

constexpr const char* footer = R"(Examples:
  emotrain export runs/mnist_cnn-1
  emotrain export runs/mnist_cnn-1/checkpoints/best --output best.onnx
  python3 -c 'import onnxruntime; print(onnxruntime.InferenceSession("best.onnx").get_outputs()[0].name)'

Input: x, any number of samples as the model was trained on them. Outputs: logits, or reconstruction (of a VAE from the mean latents, with
mean and log_variance). The graph is described in docs/onnx.md.)";

struct ExportOptions {
  std::string path;
  std::string format = "onnx";
  std::string output = "model.onnx";
};

int write(const ExportOptions& options) {
  require_extension(options.output, ".onnx");
  const auto opened = open_model(options.path, {});
  emotrain::train::Trainer& trainer = *opened->trainer;
  const emotrain::optim::EvaluationWeights guard(trainer.optimizer());
  emotrain::train::write_onnx(options.output, trainer.model(), trainer.loss(), trainer.splits().training_set->sample_shape,
                              opened->loaded.config.name);
  print(options.output + "\n");
  flush_output("the file itself is complete");
  return 0;
}

}  // namespace

void add_export(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("export", "Write a model for other programs");
  const auto options = std::make_shared<ExportOptions>();
  command->footer(footer);
  command->add_option("checkpoint", options->path, "A checkpoint, a run, or a file of weights in one")->required()->type_name("PATH");
  command->add_option("--format", options->format, "What for")->check(CLI::IsMember({"onnx"}))->capture_default_str();
  command->add_option("--output", options->output, "Write to this file")->type_name("FILE.onnx")->capture_default_str();
  command->callback([options, &chosen] { chosen = [options] { return write(*options); }; });
}
