#!/usr/bin/env python3
"""Reads JUnit files of ctest: names every test that was skipped or failed, then counts them all.
Of several files each name is preceded by its file's."""

import pathlib
import sys
import xml.etree.ElementTree as xml


def reason(case):
    """Why a test skipped itself: a GoogleTest says so after `file:line: Skipped`, a script after
    `skipped: `."""
    lines = (case.findtext("system-out") or "").splitlines()
    for line, following in zip(lines, [*lines[1:], ""]):
        if line.endswith(": Skipped"):
            return ": " + following.strip()
        if line.startswith("skipped: "):
            return line.removeprefix("skipped")
    return ""


counts = {"passed": 0, "failed": 0, "skipped": 0}
files = [pathlib.Path(name) for name in sys.argv[1:]]
for path in files:
    prefix = f"{path.stem}: " if len(files) > 1 else ""
    for case in xml.parse(path).iter("testcase"):
        status = {"run": "passed", "fail": "failed"}.get(case.get("status"), "skipped")
        counts[status] += 1
        if status != "passed":
            name = case.get("name").split("  # GetParam()")[0]
            print(f"{status}: {prefix}{name}{reason(case)}")
print(", ".join(f"{count} {status}" for status, count in counts.items()))
