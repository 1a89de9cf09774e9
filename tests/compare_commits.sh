#!/usr/bin/env bash
# Are the numbers of two commits bitwise the same? Builds both, lets each write captions (greedy,
# beams, samples), scores, every intermediate of a forward pass, losses and caption metrics, on every
# instruction set of this machine and for one and three threads, and compares the files byte for byte.
#
#   tests/compare_commits.sh OLD [NEW]        (NEW: HEAD)
#
# Not part of the tests: it takes two builds. It is for changes that must not change any result.
set -euo pipefail
if [[ $# -lt 1 || $# -gt 2 ]]; then
  sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# build COMMIT FOLDER: the program of a commit in FOLDER/build.
build() {
  mkdir -p "$2"
  git archive "$1" | tar -x -C "$2"
  { cmake -S "$2" -B "$2/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBLIP_TESTS=OFF &&
      cmake --build "$2/build" -j "$(nproc)" --target blip_tool; } >"$2/build.log" 2>&1 ||
    { tail -n 30 "$2/build.log" >&2; echo "$1 does not build" >&2; exit 3; }
}

# The models: the built-in one, a random one, and the golden ones where they are.
models=("builtin=$root/weights/blip-clothing-tiny")
golden=$root/../shared/reference/golden
if [[ -d $golden ]]; then
  models+=("captioner=$golden/captioner/model")
  for form in single sharded float16 bfloat16; do models+=("$form=$golden/formats/$form"); done
fi

# results PROGRAM OUT: everything that must not change.
results() {
  local blip=$1 out=$2 entry name model isa threads
  "$blip" init --size tiny --seed 7 "$out.random" >/dev/null 2>&1
  for entry in "${models[@]}" "random=$out.random"; do
    name=${entry%%=*} model=${entry#*=}
    for isa in avx512 avx2 generic; do
      [[ $isa != avx512 ]] || grep -q avx512vl /proc/cpuinfo || continue
      for threads in 1 3; do
        local at=$out/$name.$isa.$threads
        export BLIP_ISA=$isa BLIP_THREADS=$threads
        if [[ -e $model/vocab.txt || -e $model/tokenizer.json ]]; then
          "$blip" caption --model "$model" --json weights/samples/*.png >"$at.greedy.jsonl"
          "$blip" caption --model "$model" --json --batch 3 --num-beams 4 --num-return-sequences 2 \
            weights/samples/*.png >"$at.beams.jsonl"
          "$blip" caption --model "$model" --json --do-sample --seed 3 --prompt "a photo" \
            weights/samples/*.png >"$at.samples.jsonl"
          "$blip" inspect --model "$model" --picture weights/samples/{navy-pants,green-t-shirt}.png \
            --text "a pair of navy pants" "a shirt" --dump "$at.dump.safetensors"
        fi
        if [[ -e $golden/formats/expected.safetensors && $name =~ ^(single|sharded|.*float16)$ ]]; then
          "$blip" inspect --model "$model" --inputs "$golden/formats/expected.safetensors" \
            --dump "$at.dump.safetensors"
        fi
      done
    done
  done
  unset BLIP_ISA BLIP_THREADS
  # Not SPICE, whose parser may read captions better than it did.
  "$blip" evaluate --json --references weights/samples/captions.json --images weights/samples \
    --metrics bleu,rouge_l,cider_d,cider,diversity >"$out/evaluation.json" 2>/dev/null
}

build "$1" "$work/old"
build "${2:-HEAD}" "$work/new"
for side in old new; do
  mkdir "$work/$side/results"
  results "$work/$side/build/blip" "$work/$side/results"
done
files=$(find "$work/old/results" -type f | wc -l)
if diff -rq "$work/old/results" "$work/new/results"; then
  echo "$files files, all bitwise the same"
else
  echo "$files files, some differ" >&2
  exit 1
fi
