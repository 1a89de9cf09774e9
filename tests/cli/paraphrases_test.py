"""blip paraphrases: METEOR's table of paraphrases as a file that is mapped."""

import unittest

import support

TABLE = b"0.1\na lot of\nmany\n0.2\nmany\na lot of\n"


class Paraphrases(support.Case):
    def test_writes_the_same_file_each_time_and_prints_nothing(self):
        for name in "ab":
            self.expect(support.run("paraphrases", self.folder / name, input=TABLE), 0, stdout=b"")
        content = (self.folder / "a").read_bytes()
        self.assertEqual(content, (self.folder / "b").read_bytes())
        self.assertTrue(content.startswith(b"BLIPPARA\x02\0\0\0"))

    def test_errors_name_the_line_and_keep_the_old_file(self):
        out = self.folder / "table.bin"
        out.write_bytes(b"old")
        for text, message in [
                (b"", "standard input: there are no entries"),
                (TABLE[:-9], "standard input, line 5: the text ends inside an entry of three lines"),
                (b"0.1\na lot of\n \n", "standard input, line 3: the paraphrase has no words"),
                (b"a lot of\nmany\n", "standard input, line 1: expected a probability"),
                (b"\x1f\x8b\x08\0\0\0", "pass it through gzip -dc")]:
            self.expect(support.run("paraphrases", out, input=text), 3, stdout=b"", stderr=message)
            self.assertEqual(out.read_bytes(), b"old")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["table.bin"])

    def test_needs_a_file_to_write(self):
        self.expect(support.run("paraphrases"), 2, stderr="OUT is missing")
        self.expect(support.run("paraphrases", self.folder / "no" / "folder", input=TABLE), 3,
                    stderr=str(self.folder / "no" / "folder"))


if __name__ == "__main__":
    unittest.main()
