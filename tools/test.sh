#!/usr/bin/env bash
# Installs what is missing, builds everything, and runs all tests. Arguments go to ctest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/packages.sh

install_packages build test
cmake --preset release -DBLIP_TESTS=ON
cmake --build build -j "$(nproc)"

# Pillow and pycocoevalcap are what some tests compare with. Where pip cannot get them they are
# skipped, by name.
if ! cmp -s tests/requirements.txt build/venv/ready; then
  if python3 -m venv --clear build/venv &&
     build/venv/bin/pip install --quiet --disable-pip-version-check -r tests/requirements.txt; then
    cp tests/requirements.txt build/venv/ready
  else
    echo "pip could not install tests/requirements.txt: tests that need it will be skipped." >&2
    rm -rf build/venv
  fi
fi

status=0
ctest --test-dir build --output-on-failure -j "$(nproc)" --output-junit "$PWD/build/tests.xml" "$@" || status=$?
python3 tests/summary.py build/tests.xml
exit "$status"
