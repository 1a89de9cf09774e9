"""What the tests of the program share: running it, and making pictures with nothing but Python."""

import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import tempfile
import unittest
import zlib

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("BLIP_PROGRAM", str(SOURCE / "build" / "blip"))
MODEL = SOURCE / "weights" / "blip-clothing-tiny"
SHARED = pathlib.Path(os.environ.get("BLIP_SHARED") or SOURCE.parent / "shared")
GOLDEN = SHARED / "reference" / "golden"


def environment(**changes):
    """The environment with the built-in model, wherever the program was built."""
    result = {k: v for k, v in os.environ.items() if k not in ("BLIP_THREADS", "NO_COLOR")}
    result["BLIP_MODEL"] = str(MODEL)
    result.update(changes)
    return {key: value for key, value in result.items() if value is not None}


def run(*arguments, env=None, **options):
    """The finished process, with stdout and stderr as bytes."""
    options.setdefault("stdin", None if "input" in options else subprocess.DEVNULL)
    if "input" in options:
        del options["stdin"]
    if "stdout" not in options:
        options["stdout"] = subprocess.PIPE
    return subprocess.run([PROGRAM, *arguments], env=env or environment(), stderr=subprocess.PIPE,
                          timeout=300, **options)


def png(width=40, height=30, seed=0):
    """A PNG of coloured rectangles, other ones for another seed."""
    numbers = random.Random(seed)
    rows = [[numbers.randrange(256) for _ in range(3)] * width for _ in range(height)]
    for _ in range(4):
        colour = [numbers.randrange(256) for _ in range(3)]
        left, top = numbers.randrange(width), numbers.randrange(height)
        for y in range(top, min(height, top + height // 2)):
            for x in range(left, min(width, left + width // 2)):
                rows[y][3 * x:3 * x + 3] = colour
    return png_file(width, height, b"".join(b"\0" + bytes(row) for row in rows))


def png_file(width, height, scanlines):
    """A PNG of 8-bit RGB from its filtered lines."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(scanlines)) +
            chunk(b"IEND", b""))


def png_pixels(content):
    """Width, height and rows of (r, g, b) of an 8-bit RGB PNG."""
    width, height = struct.unpack(">II", content[16:24])
    data, position = b"", 8
    while position < len(content):
        size = struct.unpack(">I", content[position:position + 4])[0]
        if content[position + 4:position + 8] == b"IDAT":
            data += content[position + 8:position + 8 + size]
        position += 12 + size
    data, stride = zlib.decompress(data), 3 * width
    above, rows = bytes(stride), []
    for y in range(height):
        kind = data[y * (stride + 1)]
        line = bytearray(data[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride):
            left, up = (line[i - 3] if i >= 3 else 0), above[i]
            corner = above[i - 3] if i >= 3 else 0
            guess = left + up - corner
            paeth = min((abs(guess - left), 0, left), (abs(guess - up), 1, up),
                        (abs(guess - corner), 2, corner))[2]
            line[i] = (line[i] + (0, left, up, (left + up) // 2, paeth)[kind]) % 256
        rows.append([tuple(line[i:i + 3]) for i in range(0, stride, 3)])
        above = line
    return width, height, rows


def read_safetensors(path):
    """name -> (type, shape, bytes)"""
    data = pathlib.Path(path).read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    tensors = {}
    for name, entry in json.loads(data[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            tensors[name] = (entry["dtype"], entry["shape"], data[8 + size + begin:8 + size + end])
    return tensors


def floats(tensor):
    return struct.unpack(f"<{len(tensor[2]) // 4}f", tensor[2])


class Case(unittest.TestCase):
    """A test with an empty folder of its own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="blip-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def picture(self, name, seed=0, **size):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(seed=seed, **size))
        return path

    def expect(self, result, code, *, stdout=None, stderr=None):
        """Checks the exit code and, where given, the whole output or a part of the messages."""
        self.assertEqual(result.returncode, code, result)
        if stdout is not None:
            self.assertEqual(result.stdout, stdout)
        if stderr is not None:
            self.assertIn(stderr, result.stderr.decode(errors="surrogateescape"))
        return result

    def captions(self, *arguments, **options):
        """The JSON objects that `blip caption --json` prints; it must end well."""
        result = self.expect(run("caption", "--json", *map(os.fspath, arguments), **options), 0)
        return [json.loads(line) for line in result.stdout.splitlines()]
