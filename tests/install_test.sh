#!/usr/bin/env bash
# install_test.sh BUILD SOURCE [LIBRARY...]: installs BUILD into an empty prefix, builds docs/examples
# against it with find_package and with pkg-config, and runs the programs of both: the bundled
# pictures are captioned, a caption is scored. They must need none of the named shared libraries.
set -euo pipefail
build=$1 source=$2 unwanted=("${@:3}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/first
cmake --install "$build" --prefix "$prefix" >/dev/null
# What is found must be found where the package lies now, not where it was installed.
mv "$prefix" "$work/moved" && prefix=$work/moved
if grep -rIl -e "$source" -e "$work/first" "$prefix" --include='*.cmake' --include='*.pc'; then
  echo "these installed files name the build machine's folders" >&2
  exit 1
fi

cmake -S "$source/docs/examples" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
      -DCMAKE_PREFIX_PATH="$prefix"
cmake --build "$work/build"

export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name blip.pc)")
read -ra flags <<<"$(pkg-config --static --cflags --libs blip)"
for example in caption score; do
  "${CXX:-c++}" -std=c++20 -O2 "$source/docs/examples/$example.cpp" "${flags[@]}" -o "$work/$example"
done

expected=$(ls "$source"/weights/samples/*.png | wc -l)
for program in "$work/build/caption" "$work/caption"; do
  ldd "$program" >"$work/libraries"
  for library in "${unwanted[@]}"; do
    if grep "$library" "$work/libraries"; then exit 1; fi
  done
  "$program" "$prefix/share/blip/blip-clothing-tiny" "$source"/weights/samples/*.png | tee "$work/out"
  # A line a picture, each with a caption of at least two words.
  [[ $(grep -cP '\.png\t\S+ \S' "$work/out") == "$expected" ]]
done
cmp <("$work/build/caption" "$prefix/share/blip/blip-clothing-tiny" "$source"/weights/samples/*.png) "$work/out"

for program in "$work/build/score" "$work/score"; do
  "$program" "$prefix/share/blip/parser" /usr/share/wordnet "a cat sleeps on a red sofa" \
             "A cat is sleeping on a red sofa." "a cat on the couch" | tee "$work/scores"
  # BLEU, ROUGE, METEOR and SPICE, none of them 0.
  [[ $(grep -cP '^[A-Z]+(-\w)? +0\.(?!0000)\d{4}' "$work/scores") == 4 ]]
done
