#!/usr/bin/env python3
"""Recomputes what an optimizer felt from the losses that it was given, and compares it with the run's record.

Usage: check_emotion.py RUN...                       each run: how many of its steps were checked, and the worst deviation; exit code 1 if
                                                     one is beyond 1e-12 max(1, |value|), or a step was not checked for no known reason
       check_emotion.py --test EMOTRAIN DIRECTORY    runs all editions of the Emo family there, checks them, and that damage is found

Written from the description of the algorithms, not from emotrain's sources; needs nothing but Python. Of a run whose scalar is not the loss's
own (emotion.source random, shuffled) the scalar is taken from the record, and must be one of those in emotion.record. Of a run that begins
behind step 1 the first step is taken as it is. A loss that is null was not finite: what follows from it must be null too. Steps without a
rule were skipped, as trainer.on_nonfinite says; there is nothing to check.
"""
import json
import math
import pathlib
import struct
import subprocess
import sys

TOLERANCE = 1e-12
AVERAGES = "ema_short", "ema_medium", "ema_long"


class Shadow:
    """How much of the shadow is blended in, by numbers of the configuration."""

    def __init__(self, numbers):
        self.numbers = numbers

    def ratio(self, s):
        n = self.numbers
        if n is None:
            return 0.0
        if s > n["strong"]:
            return n["tension_base"] + n["tension_slope"] * abs(s)
        if s < -n["strong"]:
            return n["relief_base"] + n["relief_slope"] * abs(s)
        return n["mild_base"] + n["mild_slope"] * abs(s) if abs(s) > n["mild"] else 0.0


class ShadowByTheBook:
    """The same as an edition has it, whatever the configuration says."""

    def __init__(self, edition, used):
        self.edition, self.used = edition, used

    def ratio(self, s):
        size = abs(s)
        if not self.used:
            return 0.0
        if self.edition == "v1":
            return 0.7 + 0.2 * s if s > 0.6 else 0.1 if s < -0.6 else 0.3 if size > 0.3 else 0.0
        if self.edition in ("v2", "v3.0"):
            return 0.6 + (size - 0.6) / 0.4 * 0.4 if size > 0.6 else 0.1 + (size - 0.1) / 0.5 * 0.5 if size > 0.1 else 0.0
        return 1 - size if size > 0.625 else 0.0


def drive_by_the_book(edition, s):
    size = abs(s)
    if edition in ("v1", "v2"):
        return 1.0
    if edition == "v3.0":
        return 1 - size
    trust = math.copysign(1 - size, s)
    return 8 * abs(trust) * (1 + 0.1 * trust) if 0.25 < size < 0.5 else 1 - size if size > 0.75 else 1.0


def drive_by_numbers(n, s):
    size = abs(s)
    if n["drive"] == "none":
        return 1.0
    if n["drive"] == "calm":
        return 1 - size
    trust = math.copysign(1 - size, s)
    if n["boost_above"] < size < n["boost_below"]:
        return n["boost"] * abs(trust) * (1 + n["slope"] * trust)
    return 1 - size if size > n["brake_above"] else 1.0


def clan_rule(optimizer, s):
    x = s if optimizer["choice"] == "by_sign" else abs(s)
    if x > optimizer["lynx_above"]:
        return "lynx"
    x = -s if optimizer["choice"] == "by_sign" else abs(s)
    return "fact" if x > optimizer["fact_above"] else "navi"


class Emotion:
    """The averages, the scalar and the stop signal, from loss to loss."""

    def __init__(self, numbers, tensors):
        self.n, self.tensors = numbers, tensors
        self.averages = None
        self.window, self.stopped = [], False

    def feel(self, loss):
        n = self.n
        x = 0.0 if n["source"] == "off" else n["loss_scale"] * (math.nan if loss is None else loss) + n["loss_offset"]
        if self.averages is None:
            self.averages = [x, x, x]
        rates = n["short_rate"], n["medium_rate"], n["long_rate"]
        self.averages = [rate * x + (1 - rate) * average for rate, average in zip(rates, self.averages)]

    def by_long(self):
        short, _, long = self.averages
        return (long - short) / max(long, self.n["floor"])

    def scalar(self):
        n, (short, medium, long) = self.n, self.averages
        if n["scalar"] == "absolute":
            return math.tanh(n["gain"] * (short - long))
        if not all(map(math.isfinite, self.averages)):
            return math.nan
        base_long, base_medium = max(long, n["floor"]), max(medium, n["floor"])
        by_long, by_medium = (long - short) / base_long, (long - short) / base_medium
        if abs(by_long) < n["near"]:
            return math.tanh(by_long)
        return math.tanh(by_medium if abs(by_medium) * base_medium < abs(by_long) * base_long else by_long)

    def remember(self, scalar):
        n = self.n
        value = math.tanh(self.by_long()) if n["stop_value"] == "long" else scalar
        times = self.tensors if n["stop_history"] == "per_tensor" else 1
        size = n["stop_window"]
        self.window = (self.window + [value] * times)[-size:]
        if len(self.window) < size:
            return
        if any(map(math.isnan, self.window)):
            return
        mean = math.fsum(self.window) / size
        quiet = math.fsum(map(abs, self.window)) / size < n["stop_mean"]
        self.stopped |= quiet and math.fsum((x - mean) ** 2 for x in self.window) / size < n["stop_variance"]


def count_tensors(run):
    """Of the parameters, by the run's file of weights or its newest checkpoint."""
    for path in [run / "model.safetensors", run / "checkpoints/last/model.safetensors"]:
        if path.exists():
            with open(path, "rb") as file:
                header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
            buffers = ("running_mean", "running_var", "num_batches_tracked")
            return sum(not name.endswith(buffers) and name != "__metadata__" for name in header)
    return None


def recorded_scalars(path):
    path = pathlib.Path(path)
    path = path / "metrics.jsonl" if path.is_dir() else path
    records = map(json.loads, path.read_text().splitlines())
    return {record["scalar"] for record in records if record.get("scalar") is not None}


class Check:
    """Compares a run with what its losses make of it."""

    def __init__(self, run, by_the_book=False):
        self.run = pathlib.Path(run)
        config = json.loads((self.run / "config.json").read_text())
        optimizer = config["optimizer"]
        numbers = optimizer.get("emotion")
        self.optimizer, self.worst, self.where, self.faults = optimizer, 0.0, "", []
        self.may_skip = config["trainer"]["on_nonfinite"] == "skip"
        self.recorded = self.steps = self.skipped = 0
        self.scalars = []
        if numbers is None:
            return
        self.numbers = {**numbers, "stop_history": numbers.get("stop_history", optimizer.get("stop_history"))}
        edition = numbers["edition"]
        shadow = optimizer.get("shadow")
        self.shadow = ShadowByTheBook(edition, shadow is not None) if by_the_book else Shadow(shadow)
        self.drive = (lambda s: drive_by_the_book(edition, s)) if by_the_book else (lambda s: drive_by_numbers(self.numbers, s))
        self.foreign = recorded_scalars(numbers["record"]) if numbers["source"] in ("random", "shuffled") else None
        self.check()

    def compare(self, step, key, ours, recorded):
        if recorded is None and not math.isfinite(ours):
            return
        if recorded is None or not math.isfinite(ours):
            self.faults.append(f"step {step}: {key} is {recorded}, {ours!r} follows from the losses")
            return
        deviation = abs(ours - recorded) / max(1.0, abs(recorded))
        if deviation > self.worst:
            self.worst, self.where = deviation, f"{key} of step {step}"
        if deviation > TOLERANCE:
            self.faults.append(f"step {step}: {key} is {recorded!r}, {ours!r} follows from the losses")

    def check_flag(self, emotion, step, recorded, known):
        """A window that is not known yet may have raised it, and it stays."""
        if self.tensors is None and self.numbers["stop_history"] == "per_tensor":
            return
        known = known or len(emotion.window) == self.numbers["stop_window"]
        if known and recorded != emotion.stopped or not recorded and emotion.stopped:
            self.faults.append(f"step {step}: should_stop is {recorded}, {emotion.stopped} follows from the losses")

    def is_skipped(self, record):
        """Whether there is nothing to check, which must have a reason."""
        if record["rule"] is not None:
            return False
        self.skipped += 1
        if not self.may_skip or None not in (record["loss"], record["grad_norm"]):
            self.faults.append(f"step {record['step']}: it has no rule, so it was not checked, but nothing says why it was skipped")
        return True

    def check_scalar(self, emotion, record):
        if self.foreign is None:
            self.compare(record["step"], "scalar", emotion.scalar(), record["scalar"])
            return emotion.scalar()
        if record["scalar"] not in self.foreign:
            self.faults.append(f"step {record['step']}: scalar is {record['scalar']}, which {self.numbers['record']} does not have")
        return record["scalar"]

    def check_step(self, emotion, record, whole):
        step = record["step"]
        self.steps += 1
        for key, ours in zip(AVERAGES, emotion.averages):
            self.compare(step, key, ours, record.get(key))
        scalar = self.check_scalar(emotion, record)
        self.scalars.append(scalar)
        self.compare(step, "ratio", self.shadow.ratio(scalar), record["ratio"])
        self.compare(step, "drive", self.drive(scalar), record["drive"])
        if "choice" in self.optimizer and record["rule"] != clan_rule(self.optimizer, scalar):
            self.faults.append(f"step {step}: the rule is {record['rule']}, {clan_rule(self.optimizer, scalar)} follows from the scalar")
        emotion.remember(scalar)
        self.check_flag(emotion, step, record["should_stop"], whole)

    def check(self):
        self.tensors = count_tensors(self.run)
        emotion = Emotion(self.numbers, self.tensors or 1)
        lines = (self.run / "metrics.jsonl").read_text().split("\n")[:-1]
        records = [record for record in map(json.loads, lines) if "loss" in record]
        whole = bool(records) and records[0]["step"] == 1
        self.recorded = len(records)
        for i, record in enumerate(records):
            if record["step"] != records[0]["step"] + i:
                self.faults.append(f"step {record['step']}: it stands where step {records[0]['step'] + i} should")
            if self.is_skipped(record):
                continue
            if not whole and emotion.averages is None:
                emotion.averages = [math.nan if record[key] is None else record[key] for key in AVERAGES]
                emotion.stopped = record["should_stop"]
            else:
                emotion.feel(record["loss"])
            self.check_step(emotion, record, whole)

    def text(self):
        name = self.optimizer["name"]
        if self.optimizer.get("emotion") is None:
            return f"{self.run}: {name} has no emotion"
        steps = f"checked {self.steps} of {self.recorded} steps" + (f" ({self.skipped} were skipped)" if self.skipped else "")
        worst = f"worst deviation {self.worst:.2g}" + (f" ({self.where})" if self.where else "")
        return f"{self.run}: {name} {self.numbers['edition']}, {steps}, {worst}" + "".join(f"\n  {fault}" for fault in self.faults[:5])


FAMILY = {"emonavi": ("v1", "v2", "v3.0", "v3.6"), "emofact": ("v1", "v2", "v3.0", "v3.6"), "emolynx": ("v1", "v2", "v3.0", "v3.6"),
          "emoclan": ("v1", "v2", "v3.0"), "emozeal": ("v1",), "emoneco": ("v1",)}
# At this learning rate the loss rises as often as it falls.
WAYS = {"shadow": {"use_shadow": True}, "bare": {"use_shadow": False, "stop_history": "per_tensor"}, "wild": {"use_shadow": True, "lr": 0.5}}
RIVALS = {"adamw-v1": {"name": "adamw", "emotion": {}, "shadow": {}}, "sgd-v3.6": {"name": "sgd", "emotion": {"edition": "v3.6"}}}
OTHERS = {
    "custom": {"name": "emonavi", "emotion": {"gain": 2, "short_rate": 0.5, "loss_scale": 3, "loss_offset": -1, "stop_window": 5},
               "shadow": {"strong": 0.5, "mild": 0.2, "tension_base": 0.1, "mild_slope": 0.5}},
    "trust": {"name": "emofact", "edition": "v3.6", "use_shadow": True, "emotion": {"boost": 3, "boost_above": 0.05, "brake_above": 0.2}},
    "off": {"name": "emonavi", "emotion": {"source": "off"}},
    "none": {"name": "adamw"},
}
# Losses and gradients that are not finite, by what trainer.on_nonfinite does about them; and averages that aren't.
HURT = {
    "warned": ({"name": "emolynx", "lr": 1e38}, ["trainer.on_nonfinite=warn"]),
    "warned-v3.6": ({"name": "emonavi", "edition": "v3.6", "use_shadow": True, "lr": 1e38}, ["trainer.on_nonfinite=warn"]),
    "skipped": ({"name": "emolynx", "lr": 1e38}, ["trainer.on_nonfinite=skip"]),
    "overflow": ({"name": "emoclan", "emotion": {"loss_scale": 10}}, ['events=[{"kind": "loss_offset", "at": 30, "offset": 1e308}]']),
}


def train(emotrain, directory, optimizer, *more):
    data = '{"name": "wine", "batch_size": 8}'
    subprocess.run([emotrain, "--config", "configs/wine_mlp.json", f"data={data}", f"optimizer={json.dumps(optimizer)}", "trainer.max_steps=90",
                    "--output-dir", str(directory), "--quiet", "--json", *more], check=True, stdout=subprocess.DEVNULL)
    return directory


def train_all(emotrain, work):
    """Runs by name; those that are by the book."""
    runs = {}
    for name, editions in FAMILY.items():
        for edition in editions:
            for key, options in WAYS.items():
                options = {"name": name, "edition": edition, "lr": 0.02, **options}
                runs[f"{name}-{edition}-{key}"] = train(emotrain, work / f"{name}-{edition}-{key}", options), True
    for key, options in RIVALS.items():
        runs[key] = train(emotrain, work / key, options), True
    recorded = str(work / "emonavi-v1-shadow")
    for source in ("random", "shuffled"):
        OTHERS[source] = {"name": "emonavi", "emotion": {"source": source, "record": recorded}}
    for key, options in OTHERS.items():
        runs[key] = train(emotrain, work / key, options), False
    for key, (options, more) in HURT.items():
        runs[key] = train(emotrain, work / key, options, *more), False
    return runs


def spoil(run, work, key, change, prefix=""):
    """A copy of a run with another value in step 40."""
    copy = work / f"spoilt-{prefix}{key}"
    copy.mkdir()
    (copy / "config.json").write_text((run / "config.json").read_text())
    lines = (run / "metrics.jsonl").read_text().splitlines()
    for i, line in enumerate(lines):
        record = json.loads(line)
        if record["step"] == 40 and "loss" in record:
            lines[i] = json.dumps({**record, key: change(record[key])})
    (copy / "metrics.jsonl").write_text("\n".join(lines) + "\n")
    return copy


def begin_later(run, work):
    copy = work / "branch"
    copy.mkdir()
    (copy / "config.json").write_text((run / "config.json").read_text())
    lines = [line for line in (run / "metrics.jsonl").read_text().splitlines() if json.loads(line)["step"] > 30]
    (copy / "metrics.jsonl").write_text("\n".join(lines) + "\n")
    return copy


def test(emotrain, work):
    work.mkdir(parents=True, exist_ok=True)
    failed, worst, felt = [], 0.0, set()
    runs = train_all(emotrain, work)
    for name, (run, by_the_book) in runs.items():
        check = Check(run, by_the_book)
        worst = max(worst, check.worst)
        felt |= {(check.numbers["edition"], math.copysign(1, s), min(int(abs(s) / 0.3), 2)) for s in check.scalars if math.isfinite(s)}
        if check.faults or (name != "none" and (check.steps + check.skipped != 90 or (check.skipped > 0) != (name == "skipped"))):
            failed.append(check.text())
    # Calm, mild and strong, to both sides.
    missing = [(sign, size) for sign in (1.0, -1.0) for size in range(3) if ("v1", sign, size) not in felt]
    if missing:
        failed.append(f"no run of v1 felt {missing}: the runs test too little")
    sound = runs["emoclan-v3.0-shadow"][0]
    branch = Check(begin_later(sound, work))
    if branch.faults or branch.steps != 60:
        failed.append(branch.text())
    small = {"loss": 1e-9, "ema_short": 1e-11, "ema_medium": 1e-11, "ema_long": 1e-11, "scalar": 1e-11, "ratio": 1e-11, "drive": 1e-11}
    changes = {key: (lambda value, by=by: value + by) for key, by in small.items()}
    changes |= {"should_stop": lambda value: not value, "rule": lambda value: "fact" if value != "fact" else "navi"}
    for key, change in changes.items():
        if not Check(spoil(sound, work, key, change)).faults:
            failed.append(f"another {key} in step 40 goes unnoticed")
    for key, change in {"scalar": lambda _: 0.5, "ema_medium": lambda _: 1.0, "rule": lambda _: None}.items():
        if not Check(spoil(runs["warned"][0], work, key, change, "warned-")).faults:
            failed.append(f"another {key} behind a loss that is not finite goes unnoticed")
    print(f"{len(runs)} runs, worst deviation {worst:.2g}")
    return failed


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "--test":
        failed = test(arguments[1], pathlib.Path(arguments[2]))
    elif arguments and not arguments[0].startswith("-"):
        checks = [Check(run) for run in arguments]
        for check in checks:
            print(check.text())
        failed = ["a record is not what its losses make of it"] if any(check.faults for check in checks) else []
    else:
        sys.exit(__doc__)
    if failed:
        sys.exit("\n".join(failed))


main(sys.argv[1:])
