#!/usr/bin/env python3
"""Compares trainer.extra_metrics with NumPy.

Usage: check_measures.py EMOTRAIN DIRECTORY        (numpy, pillow, safetensors; runs are written to DIRECTORY)

Two autoencoders are trained, of grey digits and of colour faces. From the weights and the data files NumPy makes the reconstructions; their
errors by frequency come of numpy.fft, principal components of a singular value decomposition, colours of formulas in the order of the
standards. `emotrain eval` must get the same.
"""
import csv
import json
import pathlib
import subprocess
import sys

import numpy as np
from PIL import Image
from safetensors.numpy import load_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Of Real's sums and products, and of components whose variances are close to one another.
TOLERANCE = 1e-4


def digits(part):
    rows = np.loadtxt(ROOT / f"data/digits8x8/digits_{part}.csv", delimiter=",", skiprows=1)
    label = (ROOT / f"data/digits8x8/digits_{part}.csv").read_text().split("\n", 1)[0].split(",").index("label")
    return np.delete(rows, label, axis=1).reshape(-1, 1, 8, 8) / 16


def faces(part):
    folder = ROOT / "data/emoji"
    with open(folder / "faces.csv") as file:
        paths = [row["path"] for row in csv.DictReader(file) if row["split"] == part]
    return np.stack([np.asarray(Image.open(folder / path).convert("RGB")) for path in paths]).transpose(0, 3, 1, 2) / 255


def reconstruct(weights, x):
    """A multi-layer perceptron with ReLU in encoder and decoder, and none at their ends."""
    h = x.reshape(len(x), -1)
    for part in ("enc", "dec"):
        names = sorted((name for name in weights if name.startswith(part) and name.endswith("weight")), key=lambda name: int(name.split(".")[1]))
        for name in names:
            h = h @ weights[name].astype(float).T + weights[name.replace("weight", "bias")]
            if name != names[-1]:
                h = np.maximum(h, 0)
    return h.reshape(x.shape)


def band_powers(planes):
    height, width = planes.shape[-2:]
    power = np.abs(np.fft.fft2(planes)) ** 2
    squared = np.add.outer(np.fft.fftfreq(height) ** 2, np.fft.fftfreq(width) ** 2)
    # Frequencies on the border of two bands are not left to rounding.
    band = np.minimum(np.floor(8 * np.sqrt(squared) + 1e-9), 3)
    return [power[..., band == b].sum() for b in range(4)]


def lab(images):
    rgb = np.clip(images, 0, 1).transpose(0, 2, 3, 1)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
    xyz = linear @ to_xyz.T / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def expected(train, test, made):
    error, centred = made - test, test - test.mean(axis=0)
    out = {f"test_band_{b + 1}": e / p for b, (e, p) in enumerate(zip(band_powers(error), band_powers(centred)))}
    flat = train.reshape(len(train), -1)
    components = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)[2][:8]
    for k, component in enumerate(components):
        projected = [(x.reshape(len(x), -1) @ component) for x in (error, centred)]
        out[f"test_component_{k + 1}"] = (projected[0] ** 2).sum() / (projected[1] ** 2).sum()
    if test.shape[1] == 3:
        difference = lab(made) - lab(test)
        out["test_delta_e"] = np.sqrt((difference ** 2).sum(axis=-1)).mean()
        out["test_delta_ab"] = np.sqrt((difference[..., 1:] ** 2).sum(axis=-1)).mean()
    return out


def main():
    emotrain, directory = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    for name, data, extra in (("digits8x8", digits, ["bands", "components"]), ("emoji_faces", faces, ["delta_e", "bands", "components"])):
        run = directory / f"measures-{name}"
        config = {"data": {"name": name, "validation_fraction": 0, "batch_size": 16}, "loss": {"name": "mse"},
                  "model": {"name": "mlp_autoencoder", "hidden": [32], "latent": 8}, "optimizer": {"name": "adam", "lr": 1e-3},
                  "trainer": {"max_steps": 60, "extra_metrics": extra}}
        path = directory / f"measures-{name}.json"
        path.write_text(json.dumps(config))
        subprocess.run([emotrain, "--config", path, "--output-dir", run, "--quiet"], check=True, capture_output=True, cwd=ROOT)
        test = data("test")
        wanted = expected(data("train"), test, reconstruct(load_file(run / "model.safetensors"), test))
        ours = json.loads(subprocess.run([emotrain, "eval", run, "--json"], check=True, capture_output=True, cwd=ROOT).stdout)["metrics"]
        assert sorted(ours) == sorted([*wanted, "test_loss", "test_mse"]), sorted(ours)
        worst = max(abs(ours[key] - value) / value for key, value in wanted.items())
        assert worst <= TOLERANCE, (ours, wanted)
        print(f"{name:12} {len(wanted)} metrics, off by {worst:.0e} at most")


main()
