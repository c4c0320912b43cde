#!/usr/bin/env python3
"""Records what SciPy says of samples, for tests/study/statistics_test.cpp:

    python3 tests/interop/record_statistics.py > tests/data/statistics/scipy.json

SciPy 1.10.1 (Debian's python3-scipy). Bootstrap samples are recorded with the interval that SciPy makes of them, so that the method is
compared to the last digits, not within the error of the draw.
"""
import json
import warnings

import numpy as np
from scipy import stats
from scipy.stats import qmc

warnings.simplefilter("ignore")
rng = np.random.default_rng(7)


def samples():
    yield "normal, 5", rng.normal(0.5, 1, 5)
    yield "normal, 8", rng.normal(0.2, 1, 8)
    yield "normal, 20", rng.normal(0.3, 1, 20)
    yield "heavy tails, 20", rng.standard_t(2, 20)
    yield "skewed, 30", rng.exponential(1, 30) - 0.7
    yield "normal, 50", rng.normal(0.1, 1, 50)
    yield "normal, 60", rng.normal(0.2, 1, 60)
    yield "one sign, 12", np.abs(rng.normal(1, 0.2, 12))
    yield "ties, 40", np.round(rng.normal(0.3, 1, 40), 1)
    yield "zeros and ties, 30", np.round(rng.normal(0.2, 0.5, 30), 1)
    yield "ties, 200", np.round(rng.normal(0.1, 1, 200), 1)


def wilcoxon_cases():
    for name, d in samples():
        has_ties = len(np.unique(np.abs(d[d != 0]))) < np.count_nonzero(d)
        for mode in ("exact", "approx"):
            # SciPy's exact distribution knows neither ties nor zeros.
            if mode == "exact" and (has_ties or np.any(d == 0)):
                continue
            yield {"name": name, "d": list(d), "mode": mode, "p": float(stats.wilcoxon(d, mode=mode).pvalue)}


def bootstrap_cases():
    for name, d in samples():
        for statistic in ("mean", "median"):
            function = getattr(np, statistic)
            # The samples that it draws, kept as its statistic sees them.
            seen = []

            def keep(x, axis, function=function, seen=seen):
                value = function(x, axis=axis)
                if np.ndim(x) == 2 and np.shape(x)[0] == 400:
                    seen.append(np.array(value))
                return value

            result = stats.bootstrap((d,), keep, n_resamples=400, method="BCa", confidence_level=0.9, random_state=3, vectorized=True)
            if not np.isfinite(result.confidence_interval.low):
                continue
            yield {"name": name, "d": list(d), "statistic": statistic, "observed": float(function(d)), "resampled": list(seen[0]),
                   "low": float(result.confidence_interval.low), "high": float(result.confidence_interval.high)}


def wide_bootstrap_cases():
    """Intervals of many resamples, of which ours must lie within the error of the draw."""
    for name, d in samples():
        result = stats.bootstrap((d,), np.mean, n_resamples=50000, method="BCa", random_state=5, vectorized=True)
        yield {"name": name, "d": list(d), "low": float(result.confidence_interval.low), "high": float(result.confidence_interval.high),
               "error": float(result.standard_error)}


def quantile_cases():
    for name, d in samples():
        for q in (0, 0.05, 0.25, 0.5, 0.9, 1):
            yield {"name": name, "d": list(d), "q": q, "value": float(np.quantile(d, q))}


def rank_cases():
    for name, d in samples():
        yield {"name": name, "d": list(d), "ranks": list(stats.rankdata(d))}


print(json.dumps({
    "wilcoxon": list(wilcoxon_cases()),
    "bootstrap": list(bootstrap_cases()),
    "wide_bootstrap": list(wide_bootstrap_cases()),
    "quantile": list(quantile_cases()),
    "ranks": list(rank_cases()),
    "sobol": [{"dimensions": d, "points": [list(p) for p in qmc.Sobol(d, scramble=False).random(64)]} for d in (1, 2, 5, 12)],
}))
