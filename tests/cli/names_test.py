"""File names of any bytes survive, in text and in JSON."""

import json
import os
import unittest

import support

NAMES = [b"plain.png", b"with space.png", b"tab\there.png", b"line\nfeed.png", b"return\rhere.png",
         b"back\\slash.png", b"back\\tslash.png", b"latin1-caf\xe9.png", b"cut-\xe3\x81.png",
         b"surrogate-\xed\xa0\x80.png", b'quote".png', b"control\x01.png", b"-dash.png",
         "\u65e5\u672c \U0001f457.png".encode(), b"overlong-\xc0\xaf.png", b"del\x7f.png"]


def unescape(field):
    codes = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b"\\": b"\\"}
    result, i = b"", 0
    while i < len(field):
        if field[i:i + 1] == b"\\":
            result += codes[field[i + 1:i + 2]]
            i += 2
        else:
            result += field[i:i + 1]
            i += 1
    return result


class Names(support.Case):
    def setUp(self):
        super().setUp()
        for i, name in enumerate(NAMES):
            with open(os.path.join(os.fsencode(self.folder), name), "wb") as file:
                file.write(support.png(seed=i))
        self.names = sorted(os.path.join(os.fsencode(self.folder), name) for name in NAMES)

    def test_text_form(self):
        lines = self.expect(support.run("caption", self.folder), 0).stdout.split(b"\n")
        self.assertEqual(lines.pop(), b"")
        self.assertEqual([unescape(line.split(b"\t")[0]) for line in lines], self.names)

    def test_json_form(self):
        lines = self.expect(support.run("caption", "--json", self.folder), 0).stdout.splitlines()
        for line in lines:
            line.decode()  # UTF-8 throughout
        self.assertEqual([os.fsencode(json.loads(line)["path"]) for line in lines], self.names)

    def test_json_form_of_errors(self):
        for name in self.names:
            os.truncate(name, 20)
        lines = self.expect(support.run("caption", "--json", self.folder), 1).stdout.splitlines()
        objects = [json.loads(line.decode()) for line in lines]
        self.assertEqual([os.fsencode(o["path"]) for o in objects], self.names)
        for o in objects:
            self.assertEqual(list(o), ["path", "error"])

    def test_as_arguments(self):
        names = [os.path.basename(name) for name in self.names]
        result = self.expect(support.run("caption", "--json", "--", *names, cwd=self.folder), 0)
        self.assertEqual([os.fsencode(json.loads(line)["path"]) for line in result.stdout.splitlines()],
                         names)

    def test_in_a_list_of_nul_bytes(self):
        for end in (b"", b"\0"):
            result = support.run("caption", "--json", "--list0", "-",
                                 input=b"\0".join(self.names) + end)
            lines = self.expect(result, 0).stdout.splitlines()
            self.assertEqual([os.fsencode(json.loads(line)["path"]) for line in lines], self.names)

    def test_sidecars(self):
        self.expect(support.run("caption", "--sidecar", ".txt", self.folder), 0)
        for name in self.names:
            self.assertTrue(os.path.exists(name[:-4] + b".txt"), name)


if __name__ == "__main__":
    unittest.main()
