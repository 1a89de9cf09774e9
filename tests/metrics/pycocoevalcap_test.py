"""Scores the same captions with `blip evaluate` and with the COCO caption toolkit, and compares every
number of every picture; then what tools/get_metric_data.sh fetches is what METEOR's were made with.

Usage: pycocoevalcap_test.py BLIP PYTHON FOLDER. PYTHON has pycocoevalcap; METEOR's data is fetched
into FOLDER unless it lies there. Exits with 77 (skipped) without PYTHON, java, or a way to fetch.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench"))
import caption_corpus  # noqa: E402

BLIP, PYTHON, FOLDER = sys.argv[1:4]
METRICS = ["bleu", "rouge_l", "cider_d", "meteor"]
# The largest relative difference allowed; METEOR's, absolute.
ALLOWED = {"bleu_1": 1e-9, "bleu_2": 1e-9, "bleu_3": 1e-9, "bleu_4": 1e-9, "rouge_l": 1e-9, "cider_d": 1e-9,
           "meteor": 1e-6}
# Captions that an invented corpus lacks; METEOR's own way of talking to the toolkit stops at |||.
ODD = [
    "T-shirt & jeans: 3/4 sleeve, 100% cotton (w/ v-neck)!", "They've said \"it can't be\"...", "WOMEN'S DRESS",
    "a 5'10\" man -- a café, naïve", "the the the the the", "cannot gonna 'tis $1,299.99", "???", "a",
    "\u201ccurly\u201d \u2018quotes\u2019 \u2014 dashes \u2026", "http://example.org/x?y=1 e.g. U.S. Dr. Smith",
]


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE).stdout


def corpus():
    annotations, results = caption_corpus.corpus(pictures=200, references=5, seed=7)
    for i, text in enumerate(ODD):
        results[i]["caption"] = text
        annotations["annotations"][5 * (i + len(ODD))]["caption"] = text
    return annotations, results


def main():
    if not os.access(PYTHON, os.X_OK) or subprocess.run([PYTHON, "-c", "import pycocoevalcap"],
                                                        stderr=subprocess.DEVNULL).returncode:
        skip(f"{PYTHON} has no pycocoevalcap")
    if not shutil.which("java"):
        skip("there is no java, which the toolkit runs on")
    fetch = subprocess.run([ROOT / "tools/get_metric_data.sh", FOLDER], env={**os.environ, "BLIP_PROGRAM": BLIP})
    if fetch.returncode:
        skip("tools/get_metric_data.sh could not fetch METEOR's data")

    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        annotations, results = corpus()
        files = work / "references.json", work / "results.json"
        for file, content in zip(files, (annotations, results)):
            file.write_text(json.dumps(content))
        theirs = json.loads(run(PYTHON, ROOT / "bench/peers/pycocoevalcap_evaluate.py", *files,
                                "--metrics", *METRICS))
        ours = json.loads(run(BLIP, "evaluate", "--references", files[0], "--results", files[1], "--json",
                              "--metrics", ",".join(METRICS), "--metric-data", FOLDER,
                              "--per-image", work / "each.jsonl"))
        each = [json.loads(line) for line in (work / "each.jsonl").read_text().splitlines()]

    assert ours["notes"]["meteor"] == "METEOR 1.5 data with paraphrases", ours["notes"]
    assert len(each) == len(theirs["images"]) == 200
    pairs = [("corpus", ours["scores"], theirs["scores"])]
    pairs += [(line["image_id"], line["scores"], theirs["images"][str(line["image_id"])]) for line in each]
    failures, largest = 0, dict.fromkeys(ALLOWED, 0.0)
    for name, mine, wanted in pairs:
        for key, allowed in ALLOWED.items():
            difference = abs(mine[key] - wanted[key])
            if key != "meteor" and wanted[key]:
                difference /= abs(wanted[key])
            largest[key] = max(largest[key], difference)
            if not difference <= allowed:
                failures += 1
                print(f"{name}: {key} is {mine[key]!r}, the toolkit says {wanted[key]!r}")
    print("largest differences:", ", ".join(f"{key} {value:.1e}" for key, value in largest.items()))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
