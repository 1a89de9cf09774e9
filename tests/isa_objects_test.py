#!/usr/bin/env python3
"""Reads the object files of tensor/cpu/isa and fails if one defines a weak symbol.

usage: isa_objects_test.py NM COMPILER OBJECT...

Inline functions of external linkage are weak symbols, of which the linker keeps any one. If that is
the copy in a file compiled for AVX-512, the program dies on machines without it.
"""

import pathlib
import subprocess
import sys
import tempfile

# W: weak function or variable, V: weak object, u: unique object. (Small w and v are uses, not
# definitions.)
WEAK = {"W", "V", "u"}


def weak_symbols(nm, path):
    """The names of the weak symbols that an object file defines."""
    listing = subprocess.run([nm, "--demangle", path], check=True, capture_output=True, text=True)
    found = []
    for line in listing.stdout.splitlines():
        fields = line.split(maxsplit=2)
        if len(fields) == 3 and fields[1] in WEAK:
            found.append(fields[2])
    return found


def sees_an_inline_function(nm, compiler):
    """Whether this test would notice what it looks for."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder, "a.cpp"), pathlib.Path(folder, "a.o")
        source.write_text("inline int leak() { return 1; }\nint (*user)() = leak;\n")
        subprocess.run([compiler, "-O2", "-c", source, "-o", target], check=True)
        return weak_symbols(nm, target) == ["leak()"]


def main():
    nm, compiler, *objects = sys.argv[1:]
    if not objects:
        sys.exit("no object files given")
    if not sees_an_inline_function(nm, compiler):
        sys.exit(f"{nm} does not show inline functions as weak symbols")
    failures = [f"{path}: {symbol}" for path in objects for symbol in weak_symbols(nm, path)]
    print(f"{len(objects)} object files, {len(failures)} weak symbols")
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
