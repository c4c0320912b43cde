#!/usr/bin/env python3
"""Writes sample reports of runs, assembled from the page's template as emotrain does it.

Usage: make_run_sample.py DIRECTORY        writes autoencoder.html (EmoNavi v1, 600 steps, with all that a report can hold), function.html (a path on
                                           a surface), plain.html (AdamW: no emotion), fork.html (a run that begins at step 201 and diverges) and
                                           long.html (100,000 steps)

Losses are made up; averages, scalars, ratios and shadows follow from them as in edition v1.
"""
import argparse
import array
import base64
import html
import json
import math
import pathlib
import random
import struct
import zlib

WEB = pathlib.Path(__file__).resolve().parents[2] / "src/study/web"
LAYERS = {"encoder.conv1": 0.9, "encoder.conv2": 1.6, "encoder.fc": 2.4, "decoder.fc": 2.1, "decoder.conv1": 1.4, "decoder.conv2": 0.6}
ENDING = " Then Navi took its step at a learning rate of {learning_rate}; all weights together moved by about {moved} from where they were."
AVERAGES = "The short average of the loss ({ema_short}) is %s the long one ({ema_long}), which makes the scalar %s{scalar}"
BLENDED = ", so {percent} % of the shadow was blended into the weights, and the shadow followed them by 5 % of the way."
TEMPLATES = [text + ENDING for text in (
    "The loss is {loss}. Both averages of the loss begin at {ema_long}, so the scalar is 0: calm, and no shadow has been made yet.",
    "The loss is {loss}, {gap} away from where it was on average. The scalar is {scalar}: calm, so the shadow was left alone.",
    "The loss is {loss}. " + AVERAGES % ("below", "") + ": mild relief" + BLENDED,
    "The loss is {loss}. " + AVERAGES % ("below", "") + ": strong relief" + BLENDED,
    "The loss rose to {loss}. " + AVERAGES % ("above", "+") + ": mild tension" + BLENDED,
    "The loss leapt to {loss}. " + AVERAGES % ("above", "+") + ": strong tension" + BLENDED)]


def encoded(values, kind="f"):
    return base64.b64encode(array.array(kind, values).tobytes()).decode()


def ratio_of(scalar):
    size = abs(scalar)
    return 0.7 + 0.2 * scalar if scalar > 0.6 else 0.1 if scalar < -0.6 else 0.3 if size > 0.3 else 0.0


def zone_of(step, scalar):
    if step == 1:
        return 0
    return 1 if abs(scalar) <= 0.3 else (5 if scalar > 0.6 else 4) if scalar > 0 else (3 if scalar < -0.6 else 2)


def feel(losses, averages=None):
    """What edition v1 makes of losses; goes on from (short, medium, long)."""
    rows = {key: [] for key in ("ema_short", "ema_medium", "ema_long", "scalar", "ratio")}
    short, medium, long = averages or [losses[0]] * 3
    for loss in losses:
        short, medium, long = 0.3 * loss + 0.7 * short, 0.05 * loss + 0.95 * medium, 0.01 * loss + 0.99 * long
        scalar = math.tanh(5 * (short - long))
        for key, value in zip(rows, (short, medium, long, scalar, ratio_of(scalar))):
            rows[key].append(value)
    return rows


def distance(draw, ratios, pace, start=math.nan):
    """Of a shadow that is there from the first blend on."""
    values, now = [], start
    for ratio in ratios:
        if math.isnan(now):
            now = 0.0 if ratio > 0 else math.nan
        else:
            now = (now + pace * draw.uniform(0.8, 1.2)) * (1 - ratio) * (0.95 if ratio else 1)
        values.append(now)
    return values


def emotional(draw, losses, rates, first=1, averages=None, start=math.nan, pace=0.02):
    series = {"loss": losses, **feel(losses, averages)}
    series["drive"] = [1.0] * len(losses)
    series["learning_rate"] = series["effective_lr"] = rates
    series["grad_norm"] = [(0.2 + loss * draw.lognormvariate(0, 0.25)) for loss in losses]
    series["shadow_distance"] = distance(draw, series["ratio"], pace, start)
    return series


def sentences(series, first=1):
    of = [zone_of(first + i, scalar) for i, scalar in enumerate(series["scalar"])]
    gap = encoded(abs(a - b) for a, b in zip(series["ema_short"], series["ema_long"]))
    slots = {name: name for name in ("loss", "ema_short", "ema_long", "scalar", "learning_rate")}
    own = {"gap": gap, "percent": encoded(100 * ratio for ratio in series["ratio"]), "moved": encoded(norm / 50 for norm in series["grad_norm"])}
    return {"templates": TEMPLATES, "of": encoded(of, "H"), "slots": {**slots, **own}}


def episodes(series, first=1):
    kinds = ["quiet", "quiet", "relief", "relief", "tension", "shock"]
    texts = {"quiet": "nothing to feel: short and long average are close", "relief": "the loss falls below its own past",
             "tension": "the loss rises above its own past", "shock": "the loss leaps above its own past"}
    found = []
    for i, scalar in enumerate(series["scalar"]):
        kind = kinds[zone_of(first + i, scalar)]
        if found and found[-1]["kind"] == kind:
            found[-1]["to"] = first + i
        else:
            found.append({"kind": kind, "from": first + i, "to": first + i, "text": texts[kind]})
    return [e for e in found if e["to"] - e["from"] > 1 or e["kind"] == "shock"]


def png(rows):
    """A picture of grey values 0 to 255."""
    chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 6)
    return "data:image/png;base64," + base64.b64encode(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")).decode()


SHAPES = [lambda x, y: math.hypot(x, y) - 0.6, lambda x, y: abs(math.hypot(x, y) - 0.5) - 0.14, lambda x, y: max(abs(x), abs(y)) - 0.55,
          lambda x, y: abs(x) + abs(y) - 0.75, lambda x, y: min(abs(x), abs(y)) - 0.15 + max(0, math.hypot(x, y) - 0.75),
          lambda x, y: max(y - 0.6, abs(x) * 1.7 - 0.55 - y * 0.8), lambda x, y: max(abs(x - 0.1 * math.sin(5 * y)) - 0.16, abs(y) - 0.75),
          lambda x, y: min(math.hypot(x - 0.35, y) - 0.3, math.hypot(x + 0.35, y) - 0.3)]


def strip(blur, draw=None):
    """All shapes in a row, the less sharp the larger `blur`."""
    side = 28
    value = lambda shape, x, y: 255 / (1 + math.exp(max(-40, min(40, shape(x, y) / blur))))
    noise = (lambda: draw.gauss(0, 60 * blur)) if draw else (lambda: 0)
    return png([[max(0, min(255, round(value(shape, (column - 13.5) / 14, (row - 13.5) / 14) + noise())))
                 for shape in SHAPES for column in range(side)] for row in range(side)])


def head(name, steps, optimizer, **rest):
    zones = {"zones": {"strong": 0.6, "mild": 0.3}, "thresholds": [-0.6, -0.3, 0.3, 0.6]} if optimizer["name"] != "adamw" else {}
    return {"name": name, "status": "completed", "optimizer": optimizer, "edition": optimizer.get("edition"), "steps": steps, "first_step": 1,
            **zones, "should_stop_at": None, "events": [], "episodes": [], "what_if": [], **rest}


def with_series(run, series, rule, stop=None):
    run["series"] = {name: encoded(values) for name, values in series.items()}
    run["rules"] = {"names": [rule], "of": encoded([0] * len(series["loss"]), "B")}
    run["should_stop_at"] = stop
    return run


def noisy_losses(draw, steps, start, end, pace, noise, spikes=()):
    losses = [end + (start - end) * math.exp(-i / pace) + draw.gauss(0, noise) for i in range(steps)]
    for at, length, height in spikes:
        for i in range(at - 1, min(steps, at - 1 + length)):
            losses[i] += height * draw.uniform(0.8, 1.2)
    return losses


def details(draw, steps, every, reach):
    at = [1] + list(range(every, steps + 1, every))
    known = [step for step in at if step > 8]
    layers = {name: {"norm": [3 + size * (1 + step / steps) for step in at], "moved": [0.02 * size * draw.uniform(0.7, 1.3) for _ in at],
                     "shadow_distance": [None if step not in known else size * reach(step) * draw.uniform(0.9, 1.1) for step in at]}
              for name, size in LAYERS.items()}
    return {"steps": at, "moved": [0.08 * draw.uniform(0.7, 1.3) * (1 + 2 * math.exp(-step / 60)) for step in at], "layers": layers}


def autoencoder():
    draw = random.Random(1)
    steps, optimizer = 600, {"name": "emonavi", "edition": "v1", "lr": 0.001, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01, "use_shadow": True}
    spikes = [(150, 1, 0.9), (300, 12, 0.35), (430, 1, 2.2)]
    losses = noisy_losses(draw, steps, 0.72, 0.11, 70, 0.012, spikes)
    series = emotional(draw, losses, [0.001 * (1 if i < 400 else 0.5) for i in range(steps)])
    run = with_series(head("faces <b>&amp;</b> shapes", steps, optimizer), series, "navi", stop=561)
    run["sentences"], run["episodes"] = sentences(series), episodes(series)
    run["episodes"].append({"kind": "stop", "from": 561, "to": 600, "text": "32 quiet steps: the optimizer says that it could stop"})
    run["events"] = [{"kind": "one_class", "at": 150, "steps": 1, "class": 3}, {"kind": "pixel_noise", "at": 300, "steps": 12, "std": 0.5},
                     {"kind": "loss_offset", "at": 430, "steps": 1, "offset": 2}, {"kind": "lr_factor", "at": 401, "steps": 200, "factor": 0.5}]
    run["details"] = details(draw, steps, 3, lambda step: 0.3 + 0.5 * math.sin(step / 40) ** 2)
    at = list(range(25, steps + 1, 25))
    level = [0.11 + 0.6 * math.exp(-step / 70) for step in at]
    pace = {1: 40, 2: 120, 3: 300, 4: 900}
    run["evaluations"] = {"steps": at, "metrics": {
        "eval_loss": level, "eval_mse": [0.09 * value for value in level], "eval_gap": [0.0004 * step ** 0.5 for step in at],
        **{f"eval_band_{band}": [0.02 * band + (1 - 0.02 * band) * math.exp(-step / pace[band]) for step in at] for band in pace},
        **{f"eval_component_{k}": [0.01 + 0.99 * math.exp(-step / (15 * k * k)) for step in at] for k in range(1, 9)},
        "test_loss": [None] * (len(at) - 1) + [0.1123], "test_mse": [None] * (len(at) - 1) + [0.0101]}}
    blur = [0.02 + 0.7 * math.exp(-step / 150) for step in at]
    run["pictures"] = {"count": 8, "originals": strip(0.02), "steps": at, "live": [strip(b, draw) for b in blur],
                       "shadow": [None if step < 50 else strip(b * 1.6 + 0.03, draw) for step, b in zip(at, blur)]}
    run["what_if"] = [what_if(draw, series, losses, 200)]
    return run


def what_if(draw, series, losses, fork, first=1, difference=302):
    """The same run without its shadow from there on."""
    fork -= first - 1
    other = [loss * (1 if difference is None or fork + first + i < difference else 0.93) for i, loss in enumerate(losses[fork:])]
    averages = [series[key][fork - 1] for key in ("ema_short", "ema_medium", "ema_long")]
    rows = emotional(draw, other, [0.001] * len(other), averages=averages)
    rows["ratio"] = [0.0] * len(other)
    del rows["shadow_distance"]
    return {"label": "without the shadow", "fork_at": fork + first - 1, "change": "optimizer.use_shadow=false",
            "series": {name: encoded(values) for name, values in rows.items()}, "first_difference": difference}


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def function():
    """Edition v1 of EmoNavi, its steps taken for real."""
    steps, rate, size, low, high = 1500, 0.01, 160, (-2.0, 2.0), (-1.0, 3.0)
    point, shadow, momentum, square = [-1.4, 2.2], None, [0.0, 0.0], [0.0, 0.0]
    path, shadows, losses, norms, distances = list(point), [math.nan, math.nan], [], [], []
    short = long = None
    for _ in range(steps):
        x, y = point
        loss = rosenbrock(x, y)
        gradient = [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)]
        short, long = (loss, loss) if short is None else (0.3 * loss + 0.7 * short, 0.01 * loss + 0.99 * long)
        ratio = ratio_of(math.tanh(5 * (short - long)))
        if ratio > 0 and shadow is None:
            shadow = list(point)
        elif ratio > 0:
            point = [p * (1 - ratio) + ratio * s for p, s in zip(point, shadow)]
            shadow = [s + 0.05 * (p - s) for p, s in zip(point, shadow)]
        for k in range(2):
            momentum[k] = 0.9 * momentum[k] + 0.1 * gradient[k]
            square[k] = 0.999 * square[k] + 0.001 * gradient[k] ** 2
            point[k] -= rate * 0.01 * point[k] + rate * momentum[k] / (math.sqrt(square[k]) + 1e-8)
        losses.append(loss)
        norms.append(math.hypot(*gradient))
        distances.append(math.dist(point, shadow) if shadow else math.nan)
        path += point
        shadows += shadow or [math.nan, math.nan]
    series = {"loss": losses, **feel(losses), "drive": [1.0] * steps, "learning_rate": [rate] * steps, "effective_lr": [rate] * steps,
              "grad_norm": norms, "shadow_distance": distances}
    optimizer = {"name": "emonavi", "edition": "v1", "lr": rate}
    run = with_series(head("rosenbrock_2d", steps, optimizer), series, "navi")
    run["sentences"], run["episodes"] = sentences(series), episodes(series)
    at = lambda range_, i: range_[0] + (range_[1] - range_[0]) * i / (size - 1)
    values = [rosenbrock(at(low, i), at(high, j)) for j in range(size) for i in range(size)]
    run["surface"] = {"function": "rosenbrock_2d", "x": low, "y": high, "size": size, "values": encoded(values), "path": encoded(path),
                      "shadow_path": encoded(shadows), "minima": [[1, 1]]}
    return run


def plain():
    draw = random.Random(2)
    steps = 400
    losses = noisy_losses(draw, steps, 2.3, 0.2, 60, 0.05)
    series = {"loss": losses, "learning_rate": [0.001 * 0.5 * (1 + math.cos(math.pi * i / steps)) for i in range(steps)],
              "grad_norm": [loss * draw.lognormvariate(0, 0.2) for loss in losses]}
    series["effective_lr"] = series["learning_rate"]
    run = with_series(head("mnist_mlp", steps, {"name": "adamw", "lr": 0.001, "weight_decay": 0.01}), series, "adamw")
    at = list(range(50, steps + 1, 50))
    run["evaluations"] = {"steps": at, "metrics": {"eval_loss": [0.2 + 2 * math.exp(-step / 60) for step in at],
                                                   "eval_accuracy": [0.97 - 0.8 * math.exp(-step / 60) for step in at]}}
    run["sentences"] = {"templates": ["The loss is {loss}, the gradient's norm {grad_norm}: adamw takes an ordinary step."],
                        "of": encoded([0] * steps, "H"), "slots": {"loss": "loss", "grad_norm": "grad_norm"}}
    return run


def fork():
    draw = random.Random(3)
    losses = noisy_losses(draw, 120, 0.4, 0.3, 40, 0.02)
    losses = [loss * (1 if i < 80 else 1.15 ** (i - 80)) for i, loss in enumerate(losses)]
    losses[-1] = math.inf
    optimizer = {"name": "emonavi", "edition": "v1", "lr": 0.3}
    series = emotional(draw, losses, [0.3] * 120, averages=[0.4, 0.41, 0.45], start=1.2)
    run = with_series(head("changed", 320, optimizer, first_step=201, status="diverged"), series, "navi")
    run["sentences"], run["episodes"] = sentences(series, 201), episodes(series, 201)
    run["what_if"] = [what_if(draw, series, losses, 230, 201, difference) for difference in (240, None)]
    return run


def long():
    draw = random.Random(4)
    steps = 100_000
    spikes = [(draw.randrange(1, steps), draw.randint(1, 40), draw.uniform(0.2, 3)) for _ in range(150)]
    losses = noisy_losses(draw, steps, 2.3, 0.15, 9000, 0.05, spikes)
    optimizer = {"name": "emonavi", "edition": "v1", "lr": 0.001}
    series = emotional(draw, losses, [0.001] * steps, pace=0.001)
    run = with_series(head("long", steps, optimizer), series, "navi")
    run["sentences"], run["episodes"] = sentences(series), episodes(series)
    run["details"] = details(draw, steps, 500, lambda step: 1 - math.exp(-step / 2e4))
    at = list(range(1000, steps + 1, 1000))
    run["evaluations"] = {"steps": at, "metrics": {"eval_loss": [0.15 + 2 * math.exp(-step / 9000) for step in at],
                                                   "eval_accuracy": [0.97 - 0.8 * math.exp(-step / 9000) for step in at]}}
    return run


def finite(value):
    """JSON has no infinity and no NaN."""
    if isinstance(value, dict):
        return {key: finite(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def assemble(run):
    text = (WEB / "run.html").read_text()
    read = lambda paths: "\n".join(path.read_text() for path in paths)
    parts = {"title": html.escape(f"Run {run['name']}"), "style": read([WEB / "page-base.css", WEB / "run.css"]),
             "run": json.dumps(finite(run), allow_nan=False).replace("<", "\\u003c"),
             "script": read([WEB / "page-base.js", *sorted(WEB.glob("run-*.js"))])}
    for name, part in parts.items():
        before, after = text.split("{{" + name + "}}")
        text = before + part + after
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=pathlib.Path)
    directory = parser.parse_args().directory
    directory.mkdir(parents=True, exist_ok=True)
    for make in (autoencoder, function, plain, fork, long):
        (directory / f"{make.__name__}.html").write_text(assemble(make()))


if __name__ == "__main__":
    main()
