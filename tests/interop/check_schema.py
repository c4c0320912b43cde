#!/usr/bin/env python3
"""Checks docs/config.schema.json and docs/study.schema.json with the Python package jsonschema (Debian: python3-jsonschema): they are schemas, all of configs/ and their
resolved forms are valid, and what emotrain refuses for its shape is not.

Usage: check_schema.py EMOTRAIN
"""
import json
import subprocess
import sys
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parents[2]
# Wrong in a way that a schema cannot tell: numbers that Python reads and a double does not hold, places of files, names of directories, conditions between options, lists that are too long.
BEYOND = {"number-1e999", "number-many-digits", "path-traversal", "path-absolute", "path-directory", "emoji-ok", "many-layers"}


def check_studies(failures):
    schema = json.loads((ROOT / "docs/study.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in sorted((ROOT / "configs/studies").glob("*.json")):
        failures += [f"{path.name}: {error.json_path}: {error.message[:200]}" for error in validator.iter_errors(json.loads(path.read_text()))]
    good = {"problems": ["wine_mlp", "my/run.json"], "seeds": [1, 2], "optimizers": [{"name": "sgd", "lr": {"uniform": [0, 1]}, "label": "a"}]}
    wrong = [{"seeds": 0}, {"seeds": 2.5}, {"problems": ["wine"]}, {"optimizers": [{"name": "sdg"}]}, {"optimizers": [{"name": "sgd", "rl": 1}]},
             {"optimizers": [{"name": "sgd", "lr": {"uniform": [0]}}]}, {"optimizers": [{"name": "sgd", "lr": {"normal": [0, 1]}}]}, {"budgets": {}}]
    if not validator.is_valid(good):
        failures.append("the schema refuses a good study")
    failures += [f"the schema accepts a study with {change}" for change in wrong if validator.is_valid(good | change)]


def main():
    emotrain = sys.argv[1]
    schema = json.loads((ROOT / "docs/config.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failures = []
    for path in sorted((ROOT / "configs").glob("*.json")):
        resolved = subprocess.run([emotrain, "--config", str(path), "--print-config"], check=True, capture_output=True, text=True).stdout
        for kind, text in (("", path.read_text()), (" resolved", resolved)):
            failures += [f"{path.name}{kind}: {error.json_path}: {error.message[:200]}" for error in validator.iter_errors(json.loads(text))]
    refused = 0
    for path in sorted((ROOT / "tests/data/corpus/json").glob("*.json")):
        try:
            config = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError):
            continue
        accepted = subprocess.run([emotrain, "validate", str(path)], capture_output=True, check=False).returncode == 0
        if accepted != validator.is_valid(config) and path.stem not in BEYOND:
            failures.append(f"{path.name}: emotrain {'accepts' if accepted else 'refuses'} it, the schema does not agree")
        refused += not accepted
    check_studies(failures)
    print("\n".join(failures + [f"{refused} of the corpus refused, {len(failures)} failures"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
