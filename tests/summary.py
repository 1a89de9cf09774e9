#!/usr/bin/env python3
"""Reads JUnit files of ctest: names every test that was skipped or failed, then counts them all.
Of several files each name is preceded by its file's."""

import pathlib
import sys
import xml.etree.ElementTree as xml


def reason(case):
    """Why a test skipped itself: a GoogleTest says so after `file:line: Skipped`, a script after
    `skipped: `, and GoogleTest's own file has it as an attribute."""
    note = case.find("skipped") if "result" in case.attrib else None
    if note is not None:
        return ": " + note.get("message").splitlines()[-1].strip()
    lines = (case.findtext("system-out") or "").splitlines()
    for line, following in zip(lines, [*lines[1:], ""]):
        if line.endswith(": Skipped"):
            return ": " + following.strip()
        if line.startswith("skipped: "):
            return line.removeprefix("skipped")
    return ""


def outcome(case):
    """Of a test in ctest's words (status) or in GoogleTest's (a failure inside, result)."""
    if case.get("status") == "fail" or case.find("failure") is not None:
        return "failed"
    if case.get("status") == "run" and case.get("result", "completed") == "completed":
        return "passed"
    return "skipped"


counts = {"passed": 0, "failed": 0, "skipped": 0}
files = [pathlib.Path(name) for name in sys.argv[1:]]
for path in files:
    prefix = f"{path.stem}: " if len(files) > 1 else ""
    for case in xml.parse(path).iter("testcase"):
        status = outcome(case)
        counts[status] += 1
        if status != "passed":
            name = case.get("name").split("  # GetParam()")[0]
            if "result" in case.attrib:  # GoogleTest's name without its suite's
                name = f"{case.get('classname')}.{name}"
            print(f"{status}: {prefix}{name}{reason(case)}")
print(", ".join(f"{count} {status}" for status, count in counts.items()))
