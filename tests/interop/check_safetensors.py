#!/usr/bin/env python3
"""Trains small models with emotrain and uses their files in PyTorch, by way of the safetensors package.

Usage: check_safetensors.py EMOTRAIN DIRECTORY        (safetensors, torch, numpy, onnxruntime, pillow; runs are written to DIRECTORY)

For each run: model.safetensors and optimizer.safetensors are read by safetensors (NumPy and PyTorch), the weights are loaded into the same
architecture written in PyTorch, and `emotrain eval` must get what PyTorch gets on the same data files; so must the model that `emotrain
export` writes, in ONNX Runtime. Then PyTorch's own weights are saved, and `emotrain eval` must get what PyTorch gets.
"""
import gzip
import json
import math
import pathlib
import subprocess
import sys

import numpy as np
import onnxruntime
import safetensors
import torch
from PIL import Image
from safetensors.numpy import load_file as load_numpy
from safetensors.torch import load_file, save_file
from torch import nn

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOLERANCE = 1e-5


def digits():
    rows = np.loadtxt(ROOT / "data/digits8x8/digits_test.csv", delimiter=",", skiprows=1, dtype=np.float32)
    names = (ROOT / "data/digits8x8/digits_test.csv").read_text().split("\n", 1)[0].split(",")
    label = names.index("label")
    pixels = np.delete(rows, label, axis=1).reshape(-1, 1, 8, 8) / np.float32(16)
    return torch.from_numpy(pixels), torch.from_numpy(rows[:, label].astype(np.int64))


def mnist():
    with gzip.open(ROOT / "data/mnist/t10k-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)
    return torch.from_numpy(pixels.astype(np.float32) / np.float32(255)), None


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


def cnn():
    blocks = [layer for a, b in ((1, 8), (8, 16)) for layer in (nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2))]
    return nn.Sequential(*blocks, nn.Flatten(), nn.Linear(64, 10))


class Autoencoder(nn.Module):
    def __init__(self, latent, variational):
        super().__init__()
        self.enc = nn.Sequential(nn.Conv2d(1, 4, 3, 2, 1), nn.ReLU(), nn.Conv2d(4, 8, 3, 2, 1), nn.ReLU(), nn.Flatten(),
                                 nn.Linear(392, latent * (2 if variational else 1)))
        self.dec = nn.Sequential(nn.Linear(latent, 392), nn.ReLU(), nn.Unflatten(1, (8, 7, 7)), nn.ConvTranspose2d(8, 4, 4, 2, 1),
                                 nn.ReLU(), nn.ConvTranspose2d(4, 1, 4, 2, 1))
        self.variational = variational

    def forward(self, x):
        """What `emotrain export` names: of a VAE the decoded means as pixels, means and log variances."""
        code = self.enc(x)
        if not self.variational:
            return (self.dec(code),)
        mean, log_variance = code.chunk(2, dim=1)
        return torch.sigmoid(self.dec(mean)), mean, log_variance


def classifier_scores(model, x, labels):
    logits = model(x)
    return {"test_loss": nn.functional.cross_entropy(logits.double(), labels).item(),
            "test_accuracy": (logits.argmax(1) == labels).double().mean().item()}


def autoencoder_scores(model, x, _):
    mse = nn.functional.mse_loss(model(x)[0].double(), x.double()).item()
    return {"test_loss": mse, "test_mse": mse}


def vae_scores(model, x, _):
    """An ELBO of one sample: the noise is PyTorch's own, so that only means over all samples can be compared."""
    torch.manual_seed(1)
    mean, log_variance = model.enc(x).chunk(2, dim=1)
    logits = model.dec(mean + torch.exp(log_variance / 2) * torch.randn_like(mean))
    kl = (mean ** 2 + log_variance.exp() - 1 - log_variance).sum(1) / 2
    elbo = nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1) + kl
    squared = ((torch.sigmoid(logits) - x) ** 2).flatten(1).mean(1)
    return {"test_loss": elbo.double().mean().item(), "test_mse": squared.double().mean().item()}


CHANNELS = {"channels": [4, 8], "latent": 6}
EMONAVI = {"name": "emonavi", "lr": 1e-2}
# Name, configuration, PyTorch's model, data, scores, tolerance of them.
RUNS = [
    ("mlp, emonavi", {"data": {"name": "digits8x8"}, "model": {"name": "mlp", "hidden": [32]}, "optimizer": EMONAVI},
     mlp, digits, classifier_scores, TOLERANCE),
    ("cnn, batch norm, emolynx", {"data": {"name": "digits8x8"}, "model": {"name": "cnn", "channels": [8, 16], "norm": "batch_norm"},
                                  "optimizer": {"name": "emolynx", "lr": 1e-3}}, cnn, digits, classifier_scores, TOLERANCE),
    ("conv_autoencoder, adamw", {"data": {"name": "mnist", "limit": 2000}, "model": {"name": "conv_autoencoder"} | CHANNELS,
                                 "optimizer": {"name": "adamw", "lr": 1e-2}},
     lambda: Autoencoder(6, False), mnist, autoencoder_scores, TOLERANCE),
    ("conv_vae, emonavi", {"data": {"name": "mnist", "limit": 2000}, "model": {"name": "conv_vae"} | CHANNELS, "optimizer": EMONAVI},
     lambda: Autoencoder(6, True), mnist, vae_scores, 2e-3),
]


def call(*arguments):
    return subprocess.run([str(argument) for argument in arguments], check=True, capture_output=True, text=True, cwd=ROOT).stdout


def compare_scores(emotrain, weights, scores, tolerance):
    """The largest deviation as a share of PyTorch's value."""
    ours = json.loads(call(emotrain, "eval", weights, "--json"))["metrics"]
    assert sorted(ours) == sorted(scores), (ours, scores)
    worst = max(abs(ours[name] - value) / value for name, value in scores.items())
    assert worst <= tolerance, (ours, scores)
    return worst


def check_optimizer(path, model):
    """All state belongs to a parameter and has its shape or one number a row or column; numbers are doubles. Returns how many of each."""
    parameters = dict(model.named_parameters())
    theirs = load_file(path)
    for name, value in load_numpy(path).items():
        assert np.array_equal(value, theirs[name].numpy(), equal_nan=True), name
        if name.startswith("numbers/"):
            assert value.dtype == np.float64 and value.ndim == 1, name
        else:
            _, parameter, _ = name.split("/", 2)
            assert value.dtype == np.float32 and value.shape == parameters[parameter].shape, name
            assert np.isfinite(value).all(), name
    numbers = sum(name.startswith("numbers/") for name in theirs)
    return len(theirs) - numbers, numbers


def check_export(emotrain, run, model, x):
    path = run / "model.onnx"
    call(emotrain, "export", run, "--output", path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    expected = model(x)
    expected = expected if isinstance(expected, tuple) else (expected,)
    got = session.run(None, {"x": x.numpy()})
    assert len(got) == len(expected)
    worst = max(float(np.abs(a - b.numpy()).max() / b.abs().max()) for a, b in zip(got, expected))
    assert worst <= TOLERANCE, worst
    return worst


def contains(picture, wanted):
    """Whether an area of the picture is as wanted, to 1 of 255."""
    windows = np.lib.stride_tricks.sliding_window_view(picture, wanted.shape)
    corner = np.abs(windows[:, :, 0, 0] - wanted[0, 0]) <= 1
    return any(np.abs(windows[y, x] - wanted).max() <= 1 for y, x in zip(*np.nonzero(corner)))


def check_picture(emotrain, run, model, x):
    """`emotrain reconstruct` shows PyTorch's reconstruction."""
    path = run / "one.png"
    call(emotrain, "reconstruct", run, "--count", 1, "--output", path)
    picture = np.asarray(Image.open(path).convert("L"), dtype=np.int16)
    scale = picture.shape[1] // 28
    for pixels in (x[0, 0], model(x[:1])[0][0, 0]):
        wanted = np.rint(pixels.clamp(0, 1).numpy() * 255).astype(np.int16)
        assert contains(picture, wanted.repeat(scale, 0).repeat(scale, 1)), path
        assert not contains(picture, (255 - wanted).repeat(scale, 0).repeat(scale, 1)), path


def check_back(emotrain, run, make, x, labels, scores, tolerance):
    """Weights that PyTorch made and saved, batch norms with their counters."""
    theirs = run.with_name(run.name + "-theirs")
    theirs.mkdir()
    (theirs / "config.json").write_text((run / "config.json").read_text())
    torch.manual_seed(2)
    model = make().train()
    model(x[:100])
    save_file(model.state_dict(), theirs / "model.safetensors", metadata={"format": "pt"})
    return compare_scores(emotrain, theirs / "model.safetensors", scores(model.eval(), x, labels), tolerance)


@torch.no_grad()
def main():
    emotrain, directory = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    print(f"safetensors {safetensors.__version__}, torch {torch.__version__}, NumPy {np.__version__}, Python {sys.version.split()[0]}")
    for number, (title, config, make, data, scores, tolerance) in enumerate(RUNS):
        path = directory / f"{number}.json"
        path.write_text(json.dumps(config | {"seed": 3, "trainer": {"max_steps": 40}}))
        run = directory / f"run-{number}"
        call(emotrain, "--config", path, "--output-dir", run, "--quiet")
        x, labels = data()
        model = make().eval()
        weights = load_file(run / "model.safetensors")
        model.load_state_dict({**{name: value for name, value in model.state_dict().items() if name.endswith("num_batches_tracked")}, **weights},
                              strict=True)
        for name, value in load_numpy(run / "model.safetensors").items():
            assert np.array_equal(value, weights[name].numpy()), name
        evaluated = compare_scores(emotrain, run, scores(model, x, labels), tolerance)
        slots, numbers = check_optimizer(run / "checkpoints/last/optimizer.safetensors", model)
        exported = check_export(emotrain, run, model, x[:64])
        if labels is None:
            check_picture(emotrain, run, model, x)
        back = check_back(emotrain, run, make, x, labels, scores, tolerance)
        print(f"{title:26} scores {evaluated:.0e}, exported {exported:.0e}, PyTorch's weights {back:.0e}; state: {slots} tensors, {numbers} numbers")


main()
