#!/usr/bin/env python3
"""Reads every #include of the tree and fails on an arrow that points up (docs/architecture.md), and on
a file that uses what no header that it includes is for: precompiled headers would hide that."""

import pathlib
import re
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What the files of a room may include besides those of the room itself. Rooms that stand beside the
# floors (data, text, metrics, report) and siblings on one floor (blip, lora) do not know each other;
# scoring joins what stands beside.
ALLOWED = {"base": set()}
ALLOWED["tensor"] = {"base"}
ALLOWED["autograd"] = {"tensor", "base"}
ALLOWED["nn"] = {"autograd", "tensor", "base"}
ALLOWED["data"] = {"base"}
ALLOWED["text"] = {"base"}
ALLOWED["metrics"] = {"base"}
ALLOWED["report"] = {"base"}
ALLOWED["scoring"] = {"metrics", "data", "report", "base"}
ALLOWED["blip"] = {"nn", "autograd", "tensor", "data", "text", "base"}
ALLOWED["lora"] = {"nn", "autograd", "tensor", "data", "text", "base"}
ALLOWED["train"] = {*ALLOWED} - {"train"}
ALLOWED["tools"] = {*ALLOWED} - {"tools"}
# These look at the house from outside.
VISITORS = {"tests", "bench", "docs"}

SUFFIXES = {".h", ".cpp", ".cu", ".cuh"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
CUDA_HEADER = re.compile(r"^(cuda|cublas|cudnn|curand|cutlass|cute/|cub/|nccl|nvtx|nvml|mma\.h|crt/)")


# The headers of what files use of the standard library, as far as it is used here.
STANDARD = {
    "algorithm": "all_of any_of none_of clamp copy fill find find_if max_element min_element sort "
                 "stable_sort transform upper_bound lower_bound",
    "array": "array", "atomic": "atomic", "bit": "bit_cast bit_floor bit_width",
    "charconv": "from_chars to_chars", "cmath": "exp isfinite isinf isnan log pow sqrt tanh trunc",
    "condition_variable": "condition_variable", "cstdlib": "getenv malloc free strtod",
    "cstring": "memcmp memcpy memset strerror strlen", "deque": "deque", "filesystem": "filesystem",
    "fstream": "ifstream ofstream", "functional": "function", "iostream": "cerr cin cout",
    "limits": "numeric_limits", "map": "map", "memory": "make_shared make_unique shared_ptr unique_ptr",
    "mutex": "lock_guard mutex unique_lock", "new": "bad_alloc", "numeric": "accumulate iota",
    "optional": "nullopt optional", "set": "set", "span": "span",
    "sstream": "istringstream ostringstream", "string": "string to_string",
    "string_view": "string_view", "thread": "thread", "tuple": "tie tuple",
    "unordered_map": "unordered_map", "unordered_set": "unordered_set", "variant": "variant",
    "vector": "vector",
}
HEADER_OF = {name: header for header, names in STANDARD.items() for name in names.split()}
USE = re.compile(r"\bstd::(?:ranges::)?(%s)\b" % "|".join(HEADER_OF))


def includes_of(path, quoted):
    lines = path.read_text(encoding="utf-8").splitlines()
    return {m[2] for m in map(INCLUDE.match, lines) if m and (m[1] == '"') == quoted}


def missing_headers(root):
    """Every standard header that a file neither includes nor gets of the tree's headers."""
    found = []
    seen = {}  # by file: the standard headers that it includes, whether itself or not

    def standard_headers(name):
        if name not in seen:
            seen[name] = includes_of(root / name, quoted=False)
            for other in includes_of(root / name, quoted=True):
                if (root / other).is_file():
                    seen[name] |= standard_headers(other)
        return seen[name]

    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.suffix not in SUFFIXES or name.parts[0] not in {*ALLOWED, *VISITORS}:
            continue
        code = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
        for header in sorted({HEADER_OF[use] for use in USE.findall(code)}):
            if header not in standard_headers(name.as_posix()):
                found.append(f"{name}: <{header}> is used and not included")
    return found


def violations(root):
    """Every include that must not be, as `file:line: what is wrong`."""
    found = []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        room = name.parts[0]
        if path.suffix not in SUFFIXES or room.startswith((".", "build", "out")):
            continue
        if room not in ALLOWED and room not in VISITORS:
            found.append(f"{name}:1: {room}/ is no room that tests/include_test.py knows")
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if match:
                fault = fault_of(root, name, room, quoted=match[1] == '"', target=match[2])
                if fault:
                    found.append(f"{name}:{number}: {fault}")
    return found


def fault_of(root, name, room, quoted, target):
    if CUDA_HEADER.match(target) and not name.is_relative_to("tensor/cuda"):
        return f"<{target}>: CUDA headers appear under tensor/cuda/ alone"
    target_room = target.split("/")[0] if "/" in target else None
    if quoted and not (root / target).is_file():
        return f'"{target}": there is no such file (paths begin at the top of the tree)'
    if target_room not in ALLOWED and target_room not in VISITORS:
        return None
    if not (root / target).is_file() or room in VISITORS or target_room == room:
        return None
    if target_room not in ALLOWED[room]:
        below = ", ".join(sorted(ALLOWED[room])) or "the standard library"
        return f"{room} -> {target_room} ({target}) points up: {room} may include {below}"
    return None


class IncludeDirection(unittest.TestCase):
    def check_planted(self, files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return violations(root)

    def test_this_tree(self):
        self.assertTrue((ROOT / "base/error.h").is_file())
        found = violations(ROOT)
        self.assertFalse(found, "\n" + "\n".join(found))

    def test_an_arrow_up_is_named(self):
        found = self.check_planted(
            {"nn/vit.h": "", "tensor/norm.cpp": '#pragma once\n#include "nn/vit.h"\n'}
        )
        self.assertEqual(
            ["tensor/norm.cpp:2: tensor -> nn (nn/vit.h) points up: tensor may include base"], found
        )

    def test_siblings_do_not_meet(self):
        self.assertEqual(1, len(self.check_planted({"blip/a.h": "", "lora/b.h": '#include "blip/a.h"'})))
        self.assertEqual(1, len(self.check_planted({"data/a.h": "", "text/b.h": "#include <data/a.h>"})))

    def test_arrows_down_and_visitors_are_fine(self):
        files = {
            "base/a.h": "#include <vector>",
            "nn/b.h": '#include "base/a.h"',
            "tests/nn/b_test.cpp": '#include "nn/b.h"\n#include <gtest/gtest.h>',
        }
        self.assertEqual([], self.check_planted(files))

    def test_an_unknown_room_is_named(self):
        found = self.check_planted({"utils/a.h": ""})
        self.assertEqual(["utils/a.h:1: utils/ is no room that tests/include_test.py knows"], found)

    def test_cuda_headers_stay_in_their_folder(self):
        text = "#include <cuda_runtime.h>"
        self.assertEqual([], self.check_planted({"tensor/cuda/context.h": text}))
        self.assertEqual(1, len(self.check_planted({"tensor/backend.h": text})))

    def test_a_path_that_leads_nowhere_is_named(self):
        self.assertEqual(1, len(self.check_planted({"base/a.h": '#include "b.h"', "base/b.h": ""})))

    def test_what_is_used_is_included(self):
        found = missing_headers(ROOT)
        self.assertFalse(found, "\n" + "\n".join(found))

    def test_a_missing_header_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "base").mkdir()
            (root / "base/a.h").write_text("#include <vector>\nstd::vector<int> v;  // std::map\n")
            (root / "base/a.cpp").write_text('#include "base/a.h"\nstd::vector<int> w; std::string s;\n')
            self.assertEqual(["base/a.cpp: <string> is used and not included"], missing_headers(root))


if __name__ == "__main__":
    unittest.main()
