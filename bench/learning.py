#!/usr/bin/python3
"""Trains the shipped models with AdamW and with EmoNavi v1, three seeds each, and prints what they reach as a Markdown table.

  bench/learning.py                  all of it: about ten minutes on two cores
  bench/learning.py --only vae       rows whose name contains this
  bench/learning.py --peer           the conv_vae in PyTorch instead (python3-torch), trained the same way: about four minutes

AdamW and EmoNavi run with lr 1e-3 and their defaults, batch 64; the validation part has 5,000 images (MNIST) or 10 % (digits8x8).
"""
import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SEEDS = (1, 2, 3)
# name, configuration, overrides, metric, how the seeds are summarized, what AdamW must reach
ROWS = [
    ("MNIST mlp 784-256-128-10, 10 epochs", "mnist_mlp", [], "test_accuracy", statistics.median, 0.975),
    ("MNIST cnn 16-32, 5 epochs", "mnist_cnn", [], "test_accuracy", statistics.median, 0.988),
    ("digits8x8 mlp 64-64-10, 40 epochs", "digits8x8_mlp", ["data.batch_size=64"], "test_accuracy", statistics.median, 0.96),
    ("MNIST conv_vae, 10 epochs (nats per image)", "mnist_conv_vae", [], "test_loss", statistics.mean, None),
]
OPTIMIZERS = {"adamw": {"name": "adamw", "lr": 1e-3}, "emonavi": {"name": "emonavi", "edition": "v1", "lr": 1e-3}}


def train(program, config, overrides, optimizer, seed):
    with tempfile.TemporaryDirectory() as folder:
        run = os.path.join(folder, "run")
        command = [program, "--quiet", "--config", f"configs/{config}.json", "--output-dir", run, f"seed={seed}",
                   f"optimizer={json.dumps(OPTIMIZERS[optimizer])}", *overrides]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(run, "metrics.jsonl")) as lines:
            return json.loads(lines.readlines()[-1])


def show(metric, value):
    return f"{100 * value:.2f} %" if metric.endswith("accuracy") else f"{value:.2f}"


def ours(o):
    missed = 0
    print("| model | optimizer | seeds 1, 2, 3 | summary |\n|---|---|---|---|", flush=True)
    for name, config, overrides, metric, summary, required in ROWS:
        if o.only not in name and o.only not in config:
            continue
        for optimizer in OPTIMIZERS:
            values = [train(o.program, config, overrides, optimizer, seed)[metric] for seed in SEEDS]
            total = summary(values)
            print(f"| {name} | {optimizer} | {', '.join(show(metric, v) for v in values)} | {summary.__name__} {show(metric, total)} |", flush=True)
            missed += required is not None and optimizer == "adamw" and total < required
    return missed


def read_images(name):
    import numpy
    with gzip.open(os.path.join(ROOT, "data", "mnist", name)) as file:
        data = file.read()
    return numpy.frombuffer(data, numpy.uint8, offset=16).reshape(-1, 1, 28, 28)


def peer():
    """The ConvAE(variational=True) of peer_torch.py on the first 55,000 training images."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    class ConvVAE(nn.Module):
        def __init__(self):
            super().__init__()
            self.enc = nn.Sequential(nn.Conv2d(1, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU(), nn.Flatten(),
                                     nn.Linear(32 * 49, 64))
            self.dec = nn.Sequential(nn.Linear(32, 32 * 49), nn.ReLU(), nn.Unflatten(1, (32, 7, 7)), nn.ConvTranspose2d(32, 16, 4, 2, 1),
                                     nn.ReLU(), nn.ConvTranspose2d(16, 1, 4, 2, 1))

        def loss(self, x):
            mean, logvar = self.enc(x).chunk(2, 1)
            latent = mean + torch.randn_like(mean) * (0.5 * logvar).exp()
            reconstruction = F.binary_cross_entropy_with_logits(self.dec(latent), x, reduction="sum")
            return (reconstruction - 0.5 * (1 + logvar - mean * mean - logvar.exp()).sum()) / x.shape[0]

    train_images = torch.from_numpy(read_images("train-images-idx3-ubyte.gz").copy())[:55000]
    test_images = torch.from_numpy(read_images("t10k-images-idx3-ubyte.gz").copy())
    totals = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        model = ConvVAE()
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
        for _ in range(10):
            for indices in torch.randperm(len(train_images)).split(64):
                optimizer.zero_grad()
                model.loss(train_images[indices].float() / 255).backward()
                optimizer.step()
        with torch.no_grad():
            total = sum(model.loss(part.float() / 255).item() * len(part) for part in test_images.split(250)) / len(test_images)
        print(f"PyTorch conv_vae, seed {seed}: test ELBO {total:.3f} nats per image", flush=True)
        totals.append(total)
    print(f"mean {statistics.mean(totals):.3f}")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "release", "bin", "emotrain"))
    parser.add_argument("--only", default="")
    parser.add_argument("--peer", action="store_true")
    o = parser.parse_args()
    return 1 if (peer() if o.peer else ours(o)) else 0


if __name__ == "__main__":
    sys.exit(main())
