#!/usr/bin/env python3
"""Runs `blip bench` and transformers in turns on one model and prints a Markdown table of medians.

Turns (A B A B ...), because the speed of a shared machine drifts: what holds is the ratio.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLUMNS = ["encode_seconds", "generate_seconds"]


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return os.uname().machine


def measure(command):
    print("+", *command, file=sys.stderr)
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def medians(runs):
    return {key: statistics.median(run[key] for run in runs) for key in [*COLUMNS, "peak_bytes"]}


def compare(model, options, beams):
    """Medians over the rounds of blip and of its peer, each as {column: seconds}."""
    work = ["--model", model, "--batch", options.batch, "--tokens", options.tokens, "--beams", beams,
            "--threads", options.threads, "--json"]
    work = [str(word) for word in work]
    peer = [options.peers_python, str(ROOT / "bench/peers/transformers_caption.py"), "--dtype", options.dtype]
    ours, theirs = [], []
    for _ in range(options.rounds):
        ours.append(measure([options.blip, "bench", *work]))
        theirs.append(measure([*peer, *work]))
    return medians(ours), medians(theirs), theirs[0]["engine"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blip", default=str(ROOT / "build/blip"), help="the binary")
    parser.add_argument("--peers-python", default=sys.executable, help="a Python with torch and transformers")
    parser.add_argument("--model", help="a model folder; without it one is made by `blip init`")
    parser.add_argument("--size", default="large", help="of the model that is made")
    parser.add_argument("--batch", type=int, default=1, help="pictures at a time")
    parser.add_argument("--tokens", type=int, default=20, help="new tokens a caption")
    parser.add_argument("--beams", type=int, nargs="+", default=[1, 3])
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--dtype", default="float32", help="of the peer's weights and activations")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        model = options.model
        if model is None:
            model = f"{folder}/blip-{options.size}"
            subprocess.run([options.blip, "init", "--size", options.size, model], check=True, stdout=sys.stderr)
        rows, peaks = [], []
        for beams in options.beams:
            ours, theirs, engine = compare(model, options, beams)
            decoding = "greedy" if beams == 1 else f"{beams} beams"
            if not rows:
                rows.append(("encode", ours["encode_seconds"], theirs["encode_seconds"]))
            rows.append((f"{options.tokens} tokens, {decoding}", ours["generate_seconds"], theirs["generate_seconds"]))
            rows.append((f"caption, {decoding}", sum(ours[c] for c in COLUMNS), sum(theirs[c] for c in COLUMNS)))
            peaks.append((f"peak memory, {decoding}", ours["peak_bytes"], theirs["peak_bytes"]))

    name = pathlib.Path(model).name
    print(f"{name}, batch {options.batch}, {options.threads} threads, {processor()}; medians of {options.rounds}.\n")
    print(f"| a picture | blip, float32 | {engine}, {options.dtype} | ratio |\n|---|---|---|---|")
    for job, ours, theirs in rows:
        print(f"| {job} | {ours:.3g} s | {theirs:.3g} s | {theirs / ours:.2f} |")
    for job, ours, theirs in peaks:
        print(f"| {job} | {ours / 1e9:.2f} GB | {theirs / 1e9:.2f} GB | {theirs / ours:.2f} |")


if __name__ == "__main__":
    main()
