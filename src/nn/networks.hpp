#pragma once
#include <memory>
#include <utility>

#include "emotrain/nn/model.hpp"
#include "emotrain/nn/sequential.hpp"

/// The two kinds of models that the options build.
namespace emotrain::nn {

/// One chain of layers.
class Chain final : public Model {
 public:
  Chain(std::unique_ptr<Sequential> body, Task task) : body_(std::move(body)), task_(task) {}

  Task task() const override { return task_; }
  ModelOutput run(const Tensor& x, const Context& context) override;
  Value describe(const std::string& name, const Value& x, Structure& out) const override;
  void parameters(const std::string& prefix, std::vector<NamedTensor>& out) const override;
  void buffers(const std::string& prefix, std::vector<NamedTensor>& out) const override;

 private:
  std::unique_ptr<Sequential> body_;
  Task task_;
};

/// `enc` and `dec`. If it is variational, enc's result (n, 2 latent) holds the means and log variances of q(z|x) (Kingma and Welling,
/// "Auto-encoding variational Bayes", 2013), and dec gets a sample of it.
class Autoencoder final : public Model {
 public:
  /// variational_latent: number of latents of a variational one, else 0.
  Autoencoder(std::unique_ptr<Sequential> enc, std::unique_ptr<Sequential> dec, Index variational_latent)
      : enc_(std::move(enc)), dec_(std::move(dec)), latent_(variational_latent) {}

  Task task() const override { return Task::reconstruction; }
  ModelOutput run(const Tensor& x, const Context& context) override;
  Value describe(const std::string& name, const Value& x, Structure& out) const override;
  Tensor decode(const Tensor& latents, const Context& context) override;
  Index latent_size() const override { return latent_; }
  void parameters(const std::string& prefix, std::vector<NamedTensor>& out) const override;
  void buffers(const std::string& prefix, std::vector<NamedTensor>& out) const override;

 private:
  /// From enc's result to dec's argument.
  Value describe_latents(const Value& code, Structure& out) const;

  std::unique_ptr<Sequential> enc_;
  std::unique_ptr<Sequential> dec_;
  Index latent_;
};

}  // namespace emotrain::nn
