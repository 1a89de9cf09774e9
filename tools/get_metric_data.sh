#!/usr/bin/env bash
# Fetches METEOR 1.5's own data, with which METEOR and SPICE equal the originals:
#   tools/get_metric_data.sh [FOLDER]   (default: $BLIP_METRIC_DATA, else ~/.local/share/blip/metrics)
# It comes out of pycocoevalcap's wheel on PyPI (104 MB, deleted afterwards); 66 MB stay. FOLDER
# gets all files or none, and a second run finds them there. build/blip prepares the paraphrases, or
# the program that $BLIP_PROGRAM names, or the blip on the PATH.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${1:-${BLIP_METRIC_DATA:-${XDG_DATA_HOME:-$HOME/.local/share}/blip/metrics}}
# Whoever finds english.synsets takes the data for complete: it comes last.
files=(english.exceptions english.words english.prefixes COPYING.WORDNET paraphrase-en.bin english.synsets)

missing=()
for file in "${files[@]}"; do
  [[ -s $folder/$file ]] || missing+=("$file")
done
if ((${#missing[@]} == 0)); then
  echo "$folder has METEOR's data already (delete it to fetch it again)." >&2
  exit 0
fi

blip=${BLIP_PROGRAM:-$root/build/blip}
[[ -x $blip || -n ${BLIP_PROGRAM:-} ]] || blip=$(command -v blip || true)
if [[ ! -x $blip ]]; then
  echo "No program to prepare the paraphrases with: looked for" \
       "${BLIP_PROGRAM:-build/blip and for blip on the PATH}. tools/quickstart.sh builds it." >&2
  exit 1
fi

mkdir -p "$folder"
work=$(mktemp -d "$folder/.fetching.XXXXXX")
trap 'rm -rf "$work"' EXIT

python=python3
if ! python3 -m pip --version >/dev/null 2>&1; then
  if ! python3 -m venv "$work/venv" >"$work/venv.log" 2>&1; then
    cat "$work/venv.log" >&2
    printf 'Python has no pip. To get one, run this and start again:\n  sudo apt-get install --no-install-recommends python3-venv\n' >&2
    exit 1
  fi
  python=$work/venv/bin/python
fi

echo "Fetching pycocoevalcap 1.2 with pip (104 MB)." >&2
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
  --dest "$work" pycocoevalcap==1.2
python3 - "$work" <<'PYTHON'
import pathlib, shutil, sys, zipfile

work = pathlib.Path(sys.argv[1])

def take(archive, name, target):
    with archive.open(name) as source, open(work / target, "wb") as file:
        shutil.copyfileobj(source, file)

wheel, = work.glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    take(archive, "pycocoevalcap/meteor/data/paraphrase-en.gz", "paraphrase-en.gz")
    take(archive, "pycocoevalcap/meteor/meteor-1.5.jar", "meteor.jar")
wheel.unlink()
with zipfile.ZipFile(work / "meteor.jar") as jar:
    for name in ("synonym/english.synsets", "synonym/english.exceptions", "synonym/COPYING.WORDNET",
                 "function/english.words", "nonbreaking/english.prefixes"):
        take(jar, name, name.split("/")[1])
PYTHON
echo "Preparing the paraphrases." >&2
gzip -dc "$work/paraphrase-en.gz" | "$blip" paraphrases "$work/paraphrase-en.bin"

for file in "${files[@]}"; do
  mv -f "$work/$file" "$folder/$file"
done
cat >&2 <<END
METEOR's data lies in $folder ($(du -sh --exclude='.fetching.*' "$folder" | cut -f1)):
  english.words, english.prefixes, paraphrase-en.bin: METEOR 1.5, LGPL 2.1
  english.synsets, english.exceptions: METEOR 1.5 from WordNet 3.0, terms in COPYING.WORDNET
END
