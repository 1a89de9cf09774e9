#!/usr/bin/env bash
# Installs what is missing, builds blip, and captions the bundled pictures with the built-in model.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/packages.sh

install_packages build
echo "Building build/blip (log: build/quickstart.log)." >&2
mkdir -p build
{ cmake --preset release -DBLIP_TESTS=OFF && cmake --build build -j "$(nproc)"; } >build/quickstart.log 2>&1 ||
  { tail -n 40 build/quickstart.log >&2; exit 1; }
echo "Captioning with weights/blip-clothing-tiny: build/blip caption weights/samples/*.png" >&2
build/blip caption weights/samples/*.png
echo "Done. Your own pictures: build/blip caption PICTURE..., all options: build/blip caption --help" >&2
