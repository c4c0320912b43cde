#!/usr/bin/env python3
"""Records the learning rates of PyTorch's and Hugging Face's schedulers, for tests/optim/schedule_test.cpp:

    pip download --no-deps transformers==4.57.1
    unzip -p transformers-4.57.1-py3-none-any.whl transformers/optimization.py > optimization.py
    python3 tests/interop/record_schedules.py optimization.py > tests/data/schedules/schedules.json

PyTorch 1.13 (Debian's python3-torch): scheduler.step() after each training step. Of transformers only the functions that compute a factor
are taken, so that it need not be installed.
"""
import ast
import json
import math
import sys

import torch
from torch.optim import lr_scheduler as torch_lr


def hugging_face_lambdas(path):
    """The functions _get_*_lambda of optimization.py."""
    with open(path) as file:
        module = ast.parse(file.read())
    module.body = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name.endswith("_lambda")]
    names = {"math": math, "Optional": __import__("typing").Optional}
    exec(compile(module, path, "exec"), names)
    return names


def torch_rates(build, lr, steps, metrics=None, every=1):
    """build(optimizer) -> scheduler; with metrics, the next one is reported after every `every` steps."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler = build(optimizer)
    reported = iter(metrics or [])
    rates = []
    for step in range(1, steps + 1):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if metrics is None and step < steps:
            scheduler.step()
        if metrics is not None and step % every == 0:
            scheduler.step(next(reported))
    return rates


def torch_case(name, keys, lr, steps, warmup=None):
    """A class of torch.optim.lr_scheduler; warmup: (steps, start factor) of a LinearLR before it."""
    cls = getattr(torch_lr, name)

    def build(optimizer):
        if not warmup:
            return cls(optimizer, **keys)
        rise = torch_lr.LinearLR(optimizer, start_factor=warmup[1], end_factor=1, total_iters=warmup[0])
        return torch_lr.SequentialLR(optimizer, [rise, cls(optimizer, **keys)], milestones=[warmup[0]])

    ours = {"name": name} | {key: value for key, value in keys.items() if key != "cycle_momentum"}
    if warmup:
        ours |= {"warmup_steps": warmup[0], "warmup_start_factor": warmup[1]}
    return {"scheduler": ours, "lr": lr, "steps": steps, "rates": torch_rates(build, lr, steps)}


def plateau_case(keys, lr, metrics, every):
    steps = len(metrics) * every
    rates = torch_rates(lambda optimizer: torch_lr.ReduceLROnPlateau(optimizer, **keys), lr, steps, metrics, every)
    return {"scheduler": {"name": "ReduceLROnPlateau"} | keys, "lr": lr, "steps": steps, "metrics": metrics, "every": every, "rates": rates}


def torch_cases():
    one_cycle = {"cycle_momentum": False}
    for warmup in (None, (7, 0.25)):
        yield torch_case("StepLR", {"step_size": 5}, 0.1, 30, warmup)
        yield torch_case("MultiStepLR", {"milestones": [3, 10, 10, 20], "gamma": 0.5}, 0.1, 30, warmup)
        yield torch_case("ExponentialLR", {"gamma": 0.9}, 0.1, 30, warmup)
        yield torch_case("CosineAnnealingLR", {"T_max": 30}, 1e-3, 30, warmup)
        yield torch_case("CosineAnnealingLR", {"T_max": 8, "eta_min": 1e-4}, 1e-3, 40, warmup)
        yield torch_case("PolynomialLR", {"total_iters": 25, "power": 2.0}, 0.1, 30, warmup)
    yield torch_case("ConstantLR", {}, 0.1, 12)
    yield torch_case("ConstantLR", {"factor": 0.5, "total_iters": 3}, 0.1, 12)
    yield torch_case("LinearLR", {}, 0.1, 12)
    yield torch_case("LinearLR", {"start_factor": 0.9, "end_factor": 0.1, "total_iters": 20}, 0.1, 30)
    yield torch_case("PolynomialLR", {}, 0.1, 12)
    yield torch_case("CosineAnnealingWarmRestarts", {"T_0": 7}, 0.1, 30)
    yield torch_case("CosineAnnealingWarmRestarts", {"T_0": 4, "T_mult": 2, "eta_min": 0.01}, 0.1, 60)
    yield torch_case("CosineAnnealingWarmRestarts", {"T_0": 2, "T_mult": 3}, 0.1, 60)
    for keys in ({}, {"three_phase": True}, {"anneal_strategy": "linear", "pct_start": 0.45, "div_factor": 10.0},
                 {"three_phase": True, "anneal_strategy": "linear", "pct_start": 0.25, "final_div_factor": 100.0},
                 {"pct_start": 0.0}, {"pct_start": 1.0}):
        yield torch_case("OneCycleLR", {"max_lr": 0.1, "total_steps": 40} | keys | one_cycle, 0.1, 40)
    yield torch_case("OneCycleLR", {"max_lr": 0.3, "total_steps": 50} | one_cycle, 0.1, 40)
    noisy = [1.0, 0.9, 0.95, 0.9, 0.899995, 0.91, 0.92, 0.93, 0.5, 0.6, 0.6, 0.6, 0.6, 0.4, 0.45, 0.45, 0.45, 0.45, 0.45, 0.45, 0.45]
    yield plateau_case({"patience": 1}, 0.1, noisy, 3)
    yield plateau_case({"patience": 0, "cooldown": 2, "factor": 0.5, "min_lr": 0.02}, 0.1, noisy, 1)
    yield plateau_case({"patience": 1, "threshold": 0.1, "threshold_mode": "abs"}, 0.1, noisy, 2)
    yield plateau_case({"patience": 1, "mode": "max", "factor": 0.2}, 0.1, [-x for x in noisy], 1)
    yield plateau_case({"patience": 1, "mode": "max", "threshold": 0.2, "threshold_mode": "abs"}, 0.1, noisy, 1)
    yield plateau_case({"patience": 0, "eps": 1e-3}, 0.05, [1.0] * 12, 1)


def hugging_face_cases(lambdas):
    def case(ours, function, lr, steps, warmup=0, **keys):
        factor = lambdas[f"_get_{function}_lambda"]
        rates = [lr * factor(step, num_warmup_steps=warmup, **keys) for step in range(steps)]
        if warmup:
            ours = ours | {"warmup_steps": warmup}
        return {"scheduler": ours, "lr": lr, "steps": steps, "rates": rates}

    for warmup in (0, 1, 9, 30):
        total = {"num_training_steps": 30}
        yield case({"name": "linear"}, "linear_schedule_with_warmup_lr", 1e-3, 30, warmup, **total)
        yield case({"name": "cosine"}, "cosine_schedule_with_warmup_lr", 1e-3, 30, warmup, num_cycles=0.5, **total)
        if warmup:
            yield case({"name": "constant_with_warmup"}, "constant_schedule_with_warmup_lr", 1e-3, 30, warmup)
    for warmup in (0, 9):
        polynomial = {"lr_end": 1e-7, "power": 1.0, "lr_init": 1e-3}
        for change in ({}, {"power": 2.5}, {"lr_end": 1e-4, "power": 0.5}):
            yield case({"name": "polynomial"} | change, "polynomial_decay_schedule_with_warmup_lr", 1e-3, 30, warmup,
                       num_training_steps=30, **(polynomial | change))
        wsd = {"warmup_type": "linear", "decay_type": "cosine", "min_lr_ratio": 0, "num_cycles": 0.5}
        for change in ({}, {"min_lr_ratio": 0.1}, {"decay_type": "linear", "warmup_type": "cosine", "min_lr_ratio": 0.05},
                       {"decay_type": "1-sqrt", "warmup_type": "1-sqrt"}, {"num_cycles": 1.5}):
            yield case({"name": "warmup_stable_decay", "num_decay_steps": 8} | change, "wsd_scheduler", 1e-3, 30, warmup,
                       num_decay_steps=8, num_stable_steps=30 - warmup - 8, **(wsd | change))
        yield case({"name": "warmup_stable_decay", "num_decay_steps": 8, "num_stable_steps": 5, "min_lr_ratio": 0.1}, "wsd_scheduler", 1e-3,
                   30, warmup, num_decay_steps=8, num_stable_steps=5, **(wsd | {"min_lr_ratio": 0.1}))


def main():
    cases = [*torch_cases(), *hugging_face_cases(hugging_face_lambdas(sys.argv[1]))]
    print('{"recorded_with": ' + json.dumps(f"PyTorch {torch.__version__}, transformers 4.57.1") + ',\n"cases": [')
    print(",\n".join(json.dumps(case) for case in cases))
    print("]}")


if __name__ == "__main__":
    main()
