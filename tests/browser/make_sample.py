#!/usr/bin/env python3
"""Writes sample reports of studies that never ran, assembled from the page's template as `emotrain compare` does it.

Usage: make_sample.py DIRECTORY        writes large.html (14 optimizers, 3 problems, 3 tracks, 20 seeds) and small.html (3 seeds, no clock)

The numbers are plausible and mean nothing. Labels hold what HTML and CSV treat as special.
"""
import argparse
import html
import json
import math
import pathlib
import random
import statistics

WEB = pathlib.Path(__file__).resolve().parents[2] / "src/study/web"
DYGRAPHS = pathlib.Path("/usr/share/javascript/dygraphs")
LABELS = ["adamw", "emonavi", "emofact", "emolynx", "emoclan", "emonavi-no-shadow", "emonavi, scalars shuffled", "sgd", "adam", "lion",
          "muon", "prodigy", "adafactor <b>&amp;</b>", "schedulefree_adamw"]
PROBLEMS = [("mnist_mlp", "MLP 784-128-10 on 5,000 images of MNIST", "test_error", 500, 0.31),
            ("rosenbrock", "Rosenbrock's function in 10 dimensions, from a random start", "value", 2000, None),
            ("digits_vae", "Convolutional VAE on digits8x8", "validation_loss", 400, 21.5)]
TAU = [1 + i / 20 for i in range(61)]


def infinite(value):
    """As a report has it."""
    return "inf" if value == math.inf else None if value is None or math.isnan(value) else value


def quantile(values, q):
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return low if low == high or place == math.floor(place) else low + (place - math.floor(place)) * (high - low)


def summary(scores, all_scores, index):
    mean_rank = statistics.mean(1 + sum(other[s] < score for other in all_scores) for s, score in enumerate(scores))
    values = {"mean": sum(scores) / len(scores), "median": quantile(scores, 0.5), "low": quantile(scores, 0.25),
              "high": quantile(scores, 0.75), "best": min(scores), "worst": max(scores)}
    return {key: infinite(value) for key, value in values.items()} | {"divergences": scores.count(math.inf), "mean_rank": mean_rank}


def pair(draw, first, second, a, b, few, tuned):
    differences = [0 if x == y else x - y for x, y in zip(a, b)]
    by_median = any(map(math.isinf, differences))
    middle = quantile(differences, 0.5) if by_median else statistics.mean(differences)
    spread = 0.1 * abs(middle) + 1e-3 * draw.random()
    p = min(1, math.exp(-abs(middle) / (spread + 1e-9)) * draw.uniform(0.01, 1)) if math.isfinite(middle) else 0.001
    adjusted = min(1, p * 91)
    outcome = "undetected"
    if few:
        outcome = "too_few_seeds"
    elif adjusted < 0.05:
        outcome = "not_declared" if tuned and draw.random() < 0.1 else "first_better" if middle < 0 else "second_better"
    share = statistics.mean((d > 0) - (d < 0) for d in differences)
    return {"first": first, "second": second, "difference": "-inf" if middle == -math.inf else infinite(middle), "by_median": by_median,
            "low": None if by_median else middle - 2 * spread, "high": None if by_median else middle + 2 * spread, "p": p,
            "adjusted_p": adjusted, "effect": None if by_median else middle / (spread * 3), "correlation": share, "outcome": outcome}


def band(values, width):
    return {"low": [infinite(v * (1 - width)) for v in values], "median": [infinite(v) for v in values],
            "high": [infinite(v * (1 + width)) for v in values]}


def curve(draw, start, end, steps, emotional, validated, diverges):
    stretches = [steps * (i + 1) // 40 for i in range(40)]
    rate = draw.uniform(4, 9)
    loss = [end + (start - end) * math.exp(-rate * s / steps) * draw.uniform(0.96, 1.04) for s in stretches]
    if diverges:
        loss = [v if i < 25 else math.inf for i, v in enumerate(loss)]
    result = {"steps": stretches, "loss": band(loss, 0.08), "validation": band([v * 1.05 for v in loss], 0.06) if validated else None,
              "scalar": None, "ratio": None, "drive": None, "shadow_distance": None}
    if emotional:
        wave = [math.tanh(draw.gauss(-0.1, 0.25)) * math.exp(-s / steps) for s in stretches]
        result["scalar"] = {"low": [v - 0.1 for v in wave], "median": wave, "high": [v + 0.1 for v in wave]}
        result["ratio"] = band([max(0, abs(v) - 0.2) for v in wave], 0.3)
        result["shadow_distance"] = band([5 * (1 - math.exp(-3 * s / steps)) for s in stretches], 0.1)
    return result


def tuning(draw, best):
    lrs = sorted(10 ** draw.uniform(-4, -1) for _ in range(24))
    centre = draw.uniform(-3, -1.7)
    score = [math.inf if math.log10(lr) > centre + 1.4 else best * (1 + (math.log10(lr) - centre) ** 2) for lr in lrs]
    order = draw.sample(range(24), 24)
    trials = [{"values": {"/lr": lrs[i], "/betas/0": 0.9}, "score": infinite(score[i]), "scores": [infinite(score[i])]} for i in order]
    return {"trials": trials, "best_so_far": [infinite(min(score[j] for j in order[:n + 1])) for n in range(24)],
            "chosen": order.index(score.index(min(score))), "sensitivity": {"lr": lrs, "score": [infinite(s) for s in score]},
            "lr_width_decades": draw.uniform(0.3, 2)}


def problem_results(draw, track, arms, number, seeds, emotional):
    _, _, _, steps, target = PROBLEMS[number]
    scale = [0.03, 1e-4, 20][number]
    scores, best_scores = [], []
    for arm in arms:
        level = scale * (1 + 0.08 * (arm % 5)) * (10 ** draw.uniform(0, 3) if number == 1 else 1)
        diverging = {7: 0.6, 10: 0.15, 3: 0.05}.get(arm, 0) * (track == "untuned")
        scores.append([math.inf if draw.random() < diverging else level * draw.lognormvariate(0, 0.06) for _ in seeds])
        best_scores.append([score * 0.97 for score in scores[-1]])
    if 9 in arms and 8 in arms:
        scores[arms.index(9)] = list(scores[arms.index(8)])
    rows = []
    for k, arm in enumerate(arms):
        missed = lambda score: score == math.inf or draw.random() < 0.2 * (k % 3)
        reach = None if target is None else [math.inf if missed(s) else draw.randint(90, steps) for s in scores[k]]
        rows.append({"final": summary(scores[k], scores, k), "best": summary(best_scores[k], best_scores, k),
                     "scores": [infinite(s) for s in scores[k]], "best_scores": [infinite(s) for s in best_scores[k]],
                     "steps_to_target": reach and [infinite(s) for s in reach],
                     "median_steps_to_target": infinite(quantile(reach, 0.5)) if reach else None,
                     "reached": sum(map(math.isfinite, reach)) if reach else None, "state_bytes": [8, 12, 4.02][arm % 3],
                     "optimizer": {"name": LABELS[arm], "lr": 0.001, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01},
                     "flags": ["lr 0.0982 is in the outer tenth of its range 0.0001 to 0.1"] if track == "tuned" and arm == 4 else []})
    pairs = {kind: [pair(draw, arms[i], arms[j], table[i], table[j], len(seeds) < 8, track == "tuned")
                    for i in range(len(arms)) for j in range(i + 1, len(arms))]
             for kind, table in (("final", scores), ("best", best_scores))}
    curves = [curve(draw, [2.3, 800, 90][number], 30 * scale * (1 + 0.05 * k) if number == 0 else scale * (1 + 0.05 * k), steps,
                    emotional[arm], number != 1, track == "untuned" and arm == 7) for k, arm in enumerate(arms)]
    better = sum(p["outcome"].endswith("_better") for p in pairs["final"])
    return {"problem": number, "verdict": f"Of {len(pairs['final'])} pairs, {better} differ; for the others nothing was detected.",
            "arms": rows, "pairs": pairs, "curves": curves, "tuning": [tuning(draw, scale) for _ in arms] if track == "tuned" else None}


def study(name, arm_count, problem_count, track_names, seed_count):
    draw = random.Random(name)
    seeds = list(range(1, seed_count + 1))
    emotional = [label.startswith("emo") for label in LABELS]
    descriptions = {"fixed": "Every optimizer at the learning rate that the study names.",
                    "untuned": "Every optimizer with its own defaults.",
                    "tuned": "Every optimizer with the best of 24 trials of a search, on seeds that are not among those compared."}
    tracks = []
    for track in track_names:
        arms = [a for a in range(arm_count) if track != "fixed" or a != 11 or arm_count < 12]
        rank = lambda k, problems: statistics.mean(p["arms"][k]["final"]["mean_rank"] for p in problems)
        problems = [problem_results(draw, track, arms, p, seeds, emotional) for p in range(problem_count)]
        slope = [draw.uniform(0.3, 1.2) for _ in arms]
        fractions = [[round(min(1, s * (t - 0.8) / 2) * problem_count * 4) / problem_count / 4 for t in TAU] for s in slope]
        tracks.append({"name": track, "description": descriptions[track], "arms": arms,
                       "ranks": [rank(k, problems) for k in range(len(arms))] if seed_count >= 8 else None,
                       "profile": {"tau": TAU, "fractions": fractions} if seed_count >= 8 else None, "problems": problems})
    return {
        "format": "emotrain-study-report/1", "name": name, "emotrain": {"version": "0.1.0", "commit": "5529d61"}, "seeds": seeds,
        "summary": [f"{arm_count} optimizers, {seed_count} seeds each.",
                    "A sentence for each track stands here: <b>which pairs differ</b>, & on how many problems nothing was detected."],
        "problems": [{"name": n, "description": d, "metric": m, "steps": s, "target": t,
                      "target_reason": "the median final loss of adamw in the track fixed" if t else None}
                     for n, d, m, s, t in PROBLEMS[:problem_count]],
        "arms": [{"label": label, "optimizer": {"name": label, "lr": 0.001}, "search": {"/lr": {"log_uniform": [1e-4, 1e-1]}},
                  "emotional": emotional[a]} for a, label in enumerate(LABELS[:arm_count])],
        "tracks": tracks,
    }


def clock(report):
    draw = random.Random(1)
    arm = lambda result: {"step_microseconds": draw.uniform(150, 900), "job_seconds": draw.uniform(0.2, 3),
                          "median_seconds_to_target": "inf" if result["median_steps_to_target"] == "inf" else
                          result["median_steps_to_target"] and draw.uniform(0.1, 1)}
    return {"machine": "Intel(R) Xeon(R) Processor @ 2.60GHz", "threads": 2, "jobs": 3360, "seconds": 3600.512,
            "tracks": [{"name": track["name"], "problems": [{"problem": p["problem"], "arms": [arm(a) for a in p["arms"]]}
                                                            for p in track["problems"]]} for track in report["tracks"]]}


def assemble(report, times):
    script_json = lambda value: json.dumps(value, allow_nan=False).replace("<", "\\u003c")
    text = (WEB / "report.html").read_text()
    dygraphs = (DYGRAPHS / "dygraph.min.js").read_text().replace("//# sourceMappingURL=dygraph.min.js.map", "")
    parts = {"title": html.escape(f"Study {report['name']}"), "dygraphs_style": (DYGRAPHS / "dygraph.css").read_text(),
             "style": (WEB / "page-base.css").read_text() + (WEB / "report.css").read_text(),
             "summary": "<ul>" + "".join(f"<li>{html.escape(s)}</li>" for s in report["summary"]) + "</ul>",
             "report": script_json(report), "timing": script_json(times), "dygraphs": dygraphs,
             "script": "".join(path.read_text() for path in [WEB / "page-base.js", *sorted(WEB.glob("report-*.js"))])}
    for name, part in parts.items():
        before, after = text.split("{{" + name + "}}")
        text = before + part + after
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=pathlib.Path)
    directory = parser.parse_args().directory
    directory.mkdir(parents=True, exist_ok=True)
    large = study("emo-family", 14, 3, ["fixed", "untuned", "tuned"], 20)
    small = study("first-look", 4, 1, ["fixed"], 3)
    (directory / "large.html").write_text(assemble(large, clock(large)))
    (directory / "small.html").write_text(assemble(small, None))


if __name__ == "__main__":
    main()
