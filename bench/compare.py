#!/usr/bin/python3
"""Races emotrain_bench against PyTorch (peer_torch.py): in turn, one thread each, the best of all rounds; prints Markdown tables.

  apt-get install -y python3-torch libopenblas0-pthread
  bench/compare.py                     all of it: about six minutes
  bench/compare.py --only step/cnn     rows whose name contains this

The exit status is 1 if a row misses its required ratio.
"""
import argparse
import collections
import json
import os
import pty
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)

# peer / ours, at least.
REQUIRED = {
    "step/mlp_tiny/sgd": 9, "step/mlp_tiny/adamw": 15,
    "step/mlp_small/sgd": 1.3, "step/mlp_small/adamw": 2.5,
    "step/mlp_medium/sgd": 1.2, "step/mlp_medium/adamw": 2,
    "step/mlp_large/sgd": 1.0, "step/mlp_large/adamw": 1.1,
    "step/cnn/adamw": 2.5, "step/conv_ae/adamw": 1.8, "step/conv_vae/adamw": 1.8,
    "update/10M/adamw": 1.8,
}
# Rules that reduce over whole tensors before they update; the others are one pass, and required to run at the memory's rate.
REDUCING = {"emofact", "fact", "emozeal", "adafactor", "prodigy", "muon"}
RATE_LIMIT = 0.85
# Steps are timed with these; updates with all.
STEP_OPTIMIZERS = ["sgd", "adamw", "emonavi", "emofact", "emolynx", "emoclan"]
SHADOW_LIMIT = 1.4
PROGRAM_LIMIT = 1.05


def environment(threads):
    """One thread for every library; OpenBLAS chooses its kernels for the machine by itself."""
    env = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    env.update(OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads))
    return env


def output(command, env):
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr.strip()}")
    return done.stdout


def openblas_core(env):
    code = ("import ctypes; blas = ctypes.CDLL('libopenblas.so.0'); blas.openblas_get_corename.restype = ctypes.c_char_p; "
            "print(blas.openblas_get_corename().decode())")
    return output([sys.executable, "-c", code], env).strip()


def run_ours(o, env):
    """Microseconds a call, by name, and the streams of updates."""
    command = [o.bench, "--threads", str(o.threads), "--benchmark_format=json", f"--benchmark_min_time={o.seconds}"]
    command.append("--benchmark_filter=" + (o.only or f"step/.*/({'|'.join(STEP_OPTIMIZERS)})$|10M|gemm"))
    rows = json.loads(output(command, env) or '{"benchmarks": []}')["benchmarks"]
    for row in rows:
        if row.get("error_occurred"):
            sys.exit(f"{row['name']}: {row['error_message']}")
    streams = {row["name"]: (int(row["reads"]), int(row["writes"])) for row in rows if "reads" in row}
    return {row["name"]: row["real_time"] for row in rows}, streams


def run_peer(o, env):
    only = o.only.replace("update/10M", "update")  # the name that the peer's own filter knows
    command = [sys.executable, os.path.join(HERE, "peer_torch.py"), "--threads", str(o.threads), "--repeats", "1", "--only", only]
    rows = [json.loads(line) for line in output(command, env).splitlines()]
    return {row["bench"]: row["us"] for row in rows}, {row["peer"] for row in rows}


def run_program(o, env, optimizer):
    """Microseconds a step of emotrain itself, with its records and its progress on a terminal, on the problem mlp_small."""
    master, terminal = pty.openpty()

    def drain():
        try:
            while os.read(master, 4096):
                pass
        except OSError:
            pass

    reader = threading.Thread(target=drain, daemon=True)
    reader.start()
    with tempfile.TemporaryDirectory() as folder:
        run = os.path.join(folder, "run")
        command = [o.program, "--config", "configs/mnist_mlp.json", "--output-dir", run, "--threads", str(o.threads), "model.hidden=[128]",
                   "data.validation_fraction=0", "data.batch_size=64", "trainer.max_steps=5000", "trainer.eval_steps=0", "trainer.save_steps=0",
                   f'optimizer={{"name": "{optimizer}"}}']
        subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL, stderr=terminal)
        with open(os.path.join(run, "manifest.json"), encoding="utf-8") as file:
            result = json.load(file)["result"]
    os.close(terminal)
    reader.join(1)
    os.close(master)
    return result["seconds"] / result["steps"] * 1e6


def race(o, env):
    ours, peer, program, streams, versions = {}, {}, {}, {}, set()
    keep = lambda best, name, value: best.__setitem__(name, min(value, best.get(name, value)))
    for number in range(o.rounds):
        print(f"round {number + 1} of {o.rounds}", file=sys.stderr)
        times, streams = run_ours(o, env)
        for name, value in times.items():
            keep(ours, name, value)
        times, found = run_peer(o, env)
        versions |= found
        for name, value in times.items():
            keep(peer, name, value)
        if not o.only and os.access(o.program, os.X_OK):
            for optimizer in ("adamw", "emonavi"):
                keep(program, optimizer, run_program(o, env, optimizer))
    return ours, peer, program, streams, versions


def table(title, header, rows):
    if rows:
        print(f"\n{title}\n\n| " + " | ".join(header) + " |\n|" + "---|" * len(header))
        for row in rows:
            print("| " + " | ".join(row) + " |")


def step_rows(ours, peer, misses):
    rows = []
    for name in (n for n in ours if n in peer):
        ratio, need = peer[name] / ours[name], REQUIRED.get(name)
        if need and ratio < need:
            misses.append(f"{name}: {ratio:.2f} instead of {need}")
        rows.append([f"`{name}`", f"{ours[name]:.1f}", f"{peer[name]:.1f}", f"{ratio:.2f}", str(need or "–")])
    return rows


def emo_rows(ours):
    """The Emo optimizers beside AdamW, for each problem."""
    problems = collections.defaultdict(dict)
    for name, value in ours.items():
        if name.startswith("step/"):
            problems[name.split("/")[1]][name.split("/")[2]] = value
    names = STEP_OPTIMIZERS[1:]
    return [[f"`{p}`"] + [f"{times[n]:.1f}" for n in names] for p, times in problems.items() if all(n in times for n in names)]


def update_rows(ours, streams, misses):
    rows = []
    for name, (reads, writes) in streams.items():
        optimizer = name.split("/")[2]
        if not name.startswith("update/"):
            continue
        time, limit = ours[name], ours.get(f"limit/10M/{reads}r{writes}w")
        bytes_each = 4 * (reads + writes)
        of_adamw = time / ours["update/10M/adamw"] if "update/10M/adamw" in ours else None
        rows.append([f"`{optimizer}`", f"{time:.0f}", f"{reads}r{writes}w", str(bytes_each), f"{bytes_each * 1e4 / time:.1f}",
                     f"{limit / time:.0%}" if limit else "–", f"{of_adamw:.2f}" if of_adamw else "–"])
        if limit and optimizer not in REDUCING and limit / time < RATE_LIMIT:
            misses.append(f"{name}: {limit / time:.0%} of the limit's rate instead of {RATE_LIMIT:.0%}")
        if optimizer == "emonavi_shadow" and of_adamw and of_adamw > SHADOW_LIMIT:
            misses.append(f"emonavi with its shadow: {of_adamw:.2f} of adamw instead of {SHADOW_LIMIT}")
    return rows


def product_rows(ours):
    rates = collections.defaultdict(dict)
    for name, value in ours.items():
        if name.startswith("gemm/"):
            m, n, k = (int(extent) for extent in name.split("/")[1].split("x"))
            rates[f"{m} x {n} x {k}"][name.split("/")[2]] = 2e-3 * m * n * k / value
    text = lambda value, digits=1: f"{value:.{digits}f}" if value else "–"
    return [[shape] + [text(rate.get(whose)) for whose in ("ours", "eigen", "openblas")]
            + [text(rate["ours"] / rate["openblas"] if "openblas" in rate else None, 2)] for shape, rate in rates.items() if "ours" in rate]


def program_rows(ours, program, misses):
    rows = []
    for name, time in program.items():
        bare = ours[f"step/mlp_small/{name}"]
        rows.append([name, f"{bare:.1f}", f"{time:.1f}", f"{time / bare:.3f}"])
        if time / bare > PROGRAM_LIMIT:
            misses.append(f"emotrain with {name}: {time / bare:.3f} of the bare step instead of {PROGRAM_LIMIT}")
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5, help="repetitions of each side, in turn (default 5)")
    parser.add_argument("--seconds", type=float, default=0.3, help="least length of one of our repetitions (the peer's is 0.3)")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--bench", default=os.path.join(ROOT, "build/release/bin/emotrain_bench"))
    parser.add_argument("--program", default=os.path.join(ROOT, "build/release/bin/emotrain"))
    o = parser.parse_args()
    env = environment(o.threads)
    ours, peer, program, streams, versions = race(o, env)

    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("model name")), "?")
    print(f"{cpu}; {o.threads} thread(s); best of {o.rounds}; peer: {', '.join(versions) or 'none'} with OpenBLAS for {openblas_core(env)}")
    misses = []
    table("A training step, µs", ["row", "emotrain", "PyTorch", "PyTorch / emotrain", "required"], step_rows(ours, peer, misses))
    table("A training step with the Emo optimizers, µs", ["problem"] + STEP_OPTIMIZERS[1:], emo_rows(ours))
    table("An update of 10 million parameters",
          ["optimizer", "µs", "streams", "bytes a parameter", "GB/s", "of the limit's rate", "of adamw's time"],
          update_rows(ours, streams, misses))
    table("Matrix products (m x n x k), GF/s", ["shape", "ours", "Eigen", "OpenBLAS", "ours / OpenBLAS"], product_rows(ours))
    table("`emotrain` itself on mlp_small, µs a step", ["optimizer", "bare step", "emotrain", "ratio"], program_rows(ours, program, misses))
    for miss in misses:
        print(f"missed: {miss}", file=sys.stderr)
    return 1 if misses else 0


sys.exit(main())
