#!/usr/bin/python3
"""Runs the lessons of the guide's claims with `--full` and writes what they found into docs/claims.md, as a table.

  bench/claims.py                        all claims: about ten minutes on two cores; goes on where it was stopped
  bench/claims.py no-scheduler           only this one; the others as they were measured before, where lessons/ has them
  bench/claims.py --facts                the facts about the mechanism too
  bench/claims.py --no-run               only the table, from what lessons/ has
"""
import argparse
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LESSONS = os.path.join(ROOT, "configs", "lessons")
INTRO = """# The guide's claims, measured

The [guide](https://github.com/muooon/EmoNavi) to the Emo series makes statements about how these optimizers behave. Each that can be tested on a
small network is a lesson here, a single command that does the experiment and computes the verdict; nobody writes it. This table is made by
`bench/claims.py` from the lessons in their full size, and `emotrain lesson NAME` does any of them, smaller, in at most about half a minute.

How to read it. A verdict is made of findings: one number for each seed, with what the claim says of it. *Supported* means that the whole interval
lies on the claim's side and that the test agrees, *contradicted* that both lie on the other, *undecided* anything else: not evidence that there
is no effect. A claim **holds** if all its findings are supported, **fails** if all are contradicted, **depends** if there are some of both, and is
**open** otherwise. Estimates are means over seeds (medians where a run diverged); intervals are BCa bootstraps whose confidence, nominally
95 % for the lesson as a whole, is shared among its findings; tests are Wilcoxon's, adjusted after Holm (where a claim says *within*, two
one-sided ones, against both bounds).

What it does not say: anything about large models, long trainings, or images larger than these. A verdict is about the statement as it is made
precise in the lesson, and there may be other ways; each lesson's text gives its reasons. The guide describes the first edition, v1, and so do
the lessons where they don't say otherwise.
"""


def lessons(kind):
    found = []
    for name in sorted(os.listdir(LESSONS)):
        path = os.path.join(LESSONS, name, "lesson.json")
        if os.path.exists(path):
            with open(path) as file:
                lesson = json.load(file)
            if kind in lesson:
                found.append((lesson[kind], name))
    return [name for _, name in sorted(found)]


def result(folder, name):
    path = os.path.join(folder, f"{name}-full", "lesson.json")
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return json.load(file)


def number(value):
    return "–" if value is None else value if isinstance(value, str) else f"{value:.3g}"


def cell(text):
    return text.replace("|", "\\|")


def interval(finding):
    low, high = finding["interval"]
    text = number(finding["estimate"]) + ("" if low == high else f" [{number(low)}, {number(high)}]")
    return text + (f" {finding['unit']}" if finding["unit"] else "")


def overview(names, folder):
    lines = ["| | the lesson | verdict | supported | contradicted | undecided | seeds | command |", "|---:|---|---|---:|---:|---:|---:|---|"]
    for name in names:
        lesson = result(folder, name)
        command = f"`emotrain lesson {name} --full`"
        if lesson is None:
            lines.append(f"| | {name} | not measured yet | | | | | {command} |")
            continue
        outcomes = [finding["outcome"] for finding in lesson["findings"]]
        counts = [str(outcomes.count(outcome)) for outcome in ("supported", "contradicted", "undecided")]
        number_of_claim = "" if lesson["claim"] is None else str(lesson["claim"])
        lines.append("| " + " | ".join([number_of_claim, cell(lesson["title"]), f"**{lesson['verdict']}**", *counts, str(lesson["seeds"]), command]) + " |")
    return "\n".join(lines)


def details(names, folder):
    lines = ["| | what was measured | claimed | measured | |", "|---:|---|---|---|---|"]
    for name in names:
        lesson = result(folder, name)
        for i, finding in enumerate(lesson["findings"] if lesson else []):
            subject = "" if i > 0 else name if lesson["claim"] is None else str(lesson["claim"])
            lines.append("| " + " | ".join([subject, cell(finding["text"]), cell(finding["claim"]), interval(finding), finding["outcome"]]) + " |")
    return "\n".join(lines)


def document(folder):
    claims, facts = lessons("claim"), lessons("fact")
    results = [r for r in (result(folder, name) for name in claims + facts) if r]
    text = INTRO
    if results:
        commits = ", ".join(sorted({(r["commit"] or "")[:12] for r in results} - {""})) or "unknown"
        text += f"\nMeasured by emotrain {', '.join(sorted({r['program'] for r in results}))}, commit {commits}.\n"
    text += "\n## Verdicts\n\n" + overview(claims, folder) + "\n"
    if any(result(folder, name) for name in claims):
        text += "\n## What they rest on\n\n" + details(claims, folder) + "\n"
    if any(result(folder, name) for name in facts):
        text += "\n## Facts about the mechanism\n\nThese follow from the formulas ([optimizers.md](optimizers.md)); the lessons make them visible.\n\n"
        text += overview(facts, folder) + "\n\n" + details(facts, folder) + "\n"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="lessons to run")
    parser.add_argument("--facts", action="store_true")
    parser.add_argument("--no-run", action="store_true")
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "release", "bin", "emotrain"))
    parser.add_argument("--lessons", default=os.path.join(ROOT, "lessons"), help="where results are")
    parser.add_argument("--out", default=os.path.join(ROOT, "docs", "claims.md"))
    o = parser.parse_args()
    names = [] if o.no_run else o.names or lessons("claim") + (lessons("fact") if o.facts else [])
    for i, name in enumerate(names):
        print(f"{i + 1} of {len(names)}: {name}", file=sys.stderr, flush=True)
        # Its lesson.json is in this folder, not that of another time or place.
        out = os.path.join(o.lessons, f"{name}-full")
        subprocess.run([o.program, "lesson", name, "--full", "--quiet", "--output-dir", out], cwd=ROOT, check=True)
    with open(o.out, "w") as file:
        file.write(document(o.lessons))
    return 0


if __name__ == "__main__":
    sys.exit(main())
