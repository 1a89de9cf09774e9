#!/usr/bin/env bash
# Compares build/blip with transformers on one randomly initialised model, and prints a table for
# docs/benchmarks.md. Arguments go to bench/compare.py (--help). BLIP_PEERS_PYTHON names a Python
# that has bench/peers/requirements.txt; without it a virtual environment is made in build/peers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${BLIP_PEERS_PYTHON:-build/peers/bin/python}
if ! command -v "$python" >/dev/null; then
  python3 -m venv build/peers
  build/peers/bin/pip install --disable-pip-version-check -r bench/peers/requirements.txt >&2
fi
exec python3 bench/compare.py --peers-python "$python" "$@"
