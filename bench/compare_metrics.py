#!/usr/bin/env python3
"""Times `blip evaluate` beside the COCO caption toolkit on invented captions, and prints a Markdown table.

    compare_metrics.py --peer-python build/venv/bin/python --metric-data FOLDER

Both run in turns on the same files, because the speed of a shared machine drifts; medians of the
rounds. blip's time is a whole process, reading, tokens and loading included; the toolkit's is its
tokenizer and scorers alone. Without a Python that has pycocoevalcap (and java) only blip is timed.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import caption_corpus

ROOT = pathlib.Path(__file__).resolve().parent.parent
# What is timed: its name, blip's metrics, the toolkit's.
ROWS = [
    ("BLEU, ROUGE-L, CIDEr-D", "bleu,rouge_l,cider_d", ["bleu", "rouge_l", "cider_d"]),
    ("METEOR", "meteor", ["meteor"]),
    ("SPICE", "spice", None),  # the toolkit must download its parser
    ("all", "bleu,meteor,rouge_l,cider_d,cider,spice", None),
]


def measure(command):
    """Seconds, peak bytes and standard output of a process."""
    begin = time.perf_counter()
    with subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed")
    return time.perf_counter() - begin, usage.ru_maxrss * 1024, output


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blip", default=str(ROOT / "build/blip"))
    parser.add_argument("--metric-data", help="METEOR's data (tools/get_metric_data.sh)")
    parser.add_argument("--peer-python", help="a Python with pycocoevalcap")
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--references", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as work:
        files = [pathlib.Path(work) / name for name in ("references.json", "results.json")]
        for file, content in zip(files, caption_corpus.corpus(options.pictures, options.references, seed=1)):
            file.write_text(json.dumps(content))
        print(f"| {options.pictures} pictures x {options.references} references | blip | peak memory | pycocoevalcap | ratio |")
        print("|---|---|---|---|---|")
        for name, metrics, peer_metrics in ROWS:
            command = [options.blip, "evaluate", "--references", files[0], "--results", files[1], "--json",
                       "--metrics", metrics]
            command += ["--metric-data", options.metric_data] if options.metric_data else []
            peer = [options.peer_python, ROOT / "bench/peers/pycocoevalcap_evaluate.py", *files, "--metrics"]
            ours, theirs, peak = [], [], 0
            for _ in range(options.rounds):
                seconds, memory, _ = measure(command)
                ours.append(seconds)
                peak = max(peak, memory)
                if options.peer_python and peer_metrics:
                    answer = json.loads(measure([*peer, *peer_metrics])[2])
                    theirs.append(sum(answer["seconds"].values()))
            mine = statistics.median(ours)
            other = [f"{statistics.median(theirs):.3g} s", f"{statistics.median(theirs) / mine:.1f}"] if theirs else ["", ""]
            print(f"| {name} | {mine:.3g} s | {peak / 1e6:.0f} MB | {other[0]} | {other[1]} |", flush=True)


if __name__ == "__main__":
    main()
