#!/usr/bin/env python3
"""Reads events that emotrain wrote with TensorBoard's own reader, and compares them with the run's metrics.jsonl.

Usage: check_tensorboard.py RUN_DIRECTORY [--cuts N] [--killed]        (pip install tensorboard pillow)

Checks the tags, every value (as float32), and that images decode and have the size that they say; then that a file cut at N random
places still gives all events before the cut, as that of a run that was killed must.
With --killed the run was: either file may end anywhere, in the middle of a record too, and what both have must agree.
"""
import argparse
import io
import json
import math
import pathlib
import random
import struct
import sys
import tempfile

import numpy as np
import tensorboard
from PIL import Image
from tensorboard.backend.event_processing import event_accumulator, event_file_loader

STEP_TAGS = {"train/loss": "loss", "train/lr": "learning_rate", "train/grad_norm": "grad_norm", "emostate/scalar": "scalar",
             "emostate/ratio": "ratio", "emostate/emoDrive": "drive", "emostate/shadow_dist": "shadow_distance"}


def expected_scalars(directory):
    expected = {}
    for line in (directory / "metrics.jsonl").read_text().splitlines(keepends=True):
        if not line.endswith("\n"):
            break
        record = json.loads(line)
        step = record["step"]
        if "loss" in record:
            for tag, key in STEP_TAGS.items():
                if record[key] is not None:
                    expected.setdefault(tag, []).append((step, record[key]))
            if record["drive"] is not None:
                expected.setdefault("emoLR/base", []).append((step, record["learning_rate"]))
                expected.setdefault("emoLR/Turbo", []).append((step, record["learning_rate"] * record["drive"]))
        else:
            for key, value in record.items():
                if key not in ("step", "epoch"):
                    expected.setdefault(key.replace("_", "/", 1), []).append((step, value))
    return expected


def accumulate(path):
    everything = {event_accumulator.SCALARS: 0, event_accumulator.IMAGES: 0, event_accumulator.TENSORS: 0}
    accumulator = event_accumulator.EventAccumulator(str(path), size_guidance=everything)
    accumulator.Reload()
    return accumulator


def check_killed(directory, events):
    accumulator = accumulate(events)
    expected = expected_scalars(directory)
    values = 0
    for tag in accumulator.Tags()["scalars"]:
        both = list(zip(accumulator.Scalars(tag), expected.get(tag, [])))
        for event, (step, want) in both:
            assert event.step == step and event.value == float(np.float32(want)), (tag, step, event.value, want)
        values += len(both)
    assert values > 0, "no value is in both files"
    print(f"{events.name}: of a run that was killed, {values} values agree with its metrics")


def check_same_picture(path, last):
    """The run's picture begins with the rows of the last one that the events have; below these is a margin of at most 16 pixels."""
    if not path.exists():
        return
    pixels = np.asarray(last)[:-16]
    assert np.array_equal(pixels, np.asarray(Image.open(path))[:len(pixels)]), f"{path.name} is not what the events have"


def check_whole(directory, events):
    accumulator = accumulate(events)
    expected = expected_scalars(directory)
    tags = accumulator.Tags()
    assert sorted(tags["scalars"]) == sorted(expected), (sorted(tags["scalars"]), sorted(expected))
    values = 0
    for tag, rows in expected.items():
        read = [(event.step, event.value) for event in accumulator.Scalars(tag)]
        assert [step for step, _ in read] == [step for step, _ in rows], tag
        for (_, got), (step, want) in zip(read, rows):
            want = math.nan if want is None else float(np.float32(want))
            assert got == want or (math.isnan(got) and math.isnan(want)), (tag, step, got, want)
            values += 1
    for tag in tags["images"]:
        for event in accumulator.Images(tag):
            image = Image.open(io.BytesIO(event.encoded_image_string))
            image.load()
            assert image.size == (event.width, event.height), tag
        check_same_picture(directory / f"{tag}.png", image)
    print(f"{events.name}: {len(expected)} scalar tags, {values} values, images: {', '.join(sorted(tags['images'])) or 'none'}")


def record_ends(data):
    ends = [0]
    while ends[-1] < len(data):
        ends.append(ends[-1] + 16 + struct.unpack_from("<Q", data, ends[-1])[0])
    return ends


def check_cuts(events, cuts):
    data = events.read_bytes()
    ends = record_ends(data)
    assert ends[-1] == len(data), "the file does not end with a record"
    draw = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        for cut in [draw.randrange(len(data)) for _ in range(cuts)] + [ends[-2] + 1, ends[-1] - 1]:
            path = pathlib.Path(folder) / events.name
            path.write_bytes(data[:cut])
            accumulate(path)
            loader = event_file_loader.EventFileLoader(str(path))
            read = sum(1 for _ in loader.Load())
            want = sum(1 for end in ends[1:] if end <= cut)
            assert read == want, (cut, read, want)
            # The run is still going on, and writes the rest.
            with path.open("ab") as file:
                file.write(data[cut:])
            rest = sum(1 for _ in loader.Load())
            assert read + rest == len(ends) - 1, (cut, read, rest)
    print(f"{events.name}: cut at {cuts + 2} places, read up to the cut each time, and on when the rest came")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--killed", action="store_true")
    arguments = parser.parse_args()
    files = sorted(arguments.directory.glob("**/*tfevents*"))
    if not files:
        sys.exit(f"{arguments.directory}: no events")
    print(f"tensorboard {tensorboard.__version__}, Python {sys.version.split()[0]}")
    for events in files:
        if arguments.killed:
            check_killed(arguments.directory, events)
            continue
        check_whole(arguments.directory, events)
        check_cuts(events, arguments.cuts)


main()
