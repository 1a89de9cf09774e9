#!/usr/bin/env bash
# Makes weights/parser anew: the tagger and the parser of SPICE, from English-EWT in the form of
# metrics/english/treebank.h and from made-up captions. Takes about half an hour on one core. The same
# files give the same bytes.
#
#   metrics/english/train_parser.sh TRAIN.jsonl[.gz] DEV.jsonl[.gz] [OUTPUT]     (weights/parser)
set -euo pipefail
if [[ $# -lt 2 || $# -gt 3 ]]; then
  sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
blip=${BLIP_PROGRAM:-$root/build/blip}
[[ -x $blip ]] || { echo "$0: no $blip; build it first (cmake --preset release && cmake --build build)" >&2; exit 3; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gzip -dcf -- "$1" >"$work/train.jsonl"
gzip -dcf -- "$2" >"$work/dev.jsonl"
python3 "$root/metrics/english/caption_grammar.py" --count 4000 --seed 1 >"$work/captions.jsonl"
"$blip" train-parser --train "$work/train.jsonl" "$work/captions.jsonl" \
  --dev "$work/dev.jsonl" "$root/tests/metrics/golden/caption_trees.jsonl" \
  --output "${3:-$root/weights/parser}" --overwrite
