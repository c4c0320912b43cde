#!/usr/bin/env python3
"""Runs exported models in ONNX Runtime and compares with what emotrain computed.

    python3 -m venv venv && venv/bin/pip install onnx onnxruntime numpy safetensors
    EMOTRAIN_ONNX_SAMPLES=samples build/release/bin/test_train -tc='*check_onnx.py*'
    venv/bin/python tests/interop/check_onnx.py samples/*.onnx

Beside each MODEL.onnx lies MODEL.safetensors with the input `x` and the outputs that are expected. A deviation is |ours - theirs| as a
share of the largest expected value of the output. The first sample alone must give the same results as within its batch.
"""
import argparse
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file

TOLERANCE = 1e-5


def deviation(got, expected):
    if got.shape != expected.shape:
        sys.exit(f"shape {got.shape} instead of {expected.shape}")
    return float(np.abs(got - expected).max() / np.abs(expected).max())


def check(path):
    """The largest deviation of all outputs, for the whole batch and for its first sample."""
    onnx.checker.check_model(str(path), full_check=True)
    values = load_file(path.with_suffix(".safetensors"))
    x = values.pop("x")
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    if sorted(names) != sorted(values):
        sys.exit(f"{path}: outputs {names}, but there are results for {sorted(values)}")
    whole = dict(zip(names, session.run(names, {"x": x})))
    first = dict(zip(names, session.run(names, {"x": x[:1]})))
    return max(max(deviation(whole[name], values[name]), deviation(first[name], values[name][:1])) for name in names)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=pathlib.Path, metavar="MODEL.onnx")
    worst = 0.0
    for path in parser.parse_args().models:
        found = check(path)
        worst = max(worst, found)
        print(f"{path.stem:28} {found:.1e}{'' if found <= TOLERANCE else '  too far'}")
    print(f"largest deviation {worst:.1e}, allowed {TOLERANCE:.0e}")
    return 0 if worst <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
