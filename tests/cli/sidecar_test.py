"""Captions beside the pictures: nothing that exists is ever lost by accident."""

import os
import signal
import subprocess
import time
import unittest

import support


class Sidecar(support.Case):
    def setUp(self):
        super().setUp()
        self.pictures = [self.picture(f"{i}.png", seed=i) for i in range(4)]
        lines = support.run("caption", *self.pictures).stdout.decode().splitlines()
        self.texts = [line.split("\t")[1] + "\n" for line in lines]

    def files(self):
        return [path.with_suffix(".txt").read_text() for path in self.pictures]

    def caption(self, *arguments, **options):
        return support.run("caption", "--sidecar", ".txt", *arguments, self.folder, **options)

    def test_writes_and_prints(self):
        result = self.expect(self.caption(), 0)
        self.assertEqual(self.files(), self.texts)
        self.assertEqual(result.stdout.count(b"\n"), 4)
        self.assertEqual(len(list(self.folder.iterdir())), 8)  # no temporary files

    def test_several_sequences_are_lines(self):
        self.expect(self.caption("--num-beams", "3", "--num-return-sequences", "3"), 0)
        self.assertEqual([text.count("\n") for text in self.files()], [3] * 4)

    def test_refuses_what_exists(self):
        (self.folder / "1.txt").write_text("mine")
        result = self.expect(self.caption(), 1,
                             stderr="1.txt exists; use --skip-existing, --overwrite or --append")
        self.assertEqual(self.files(), [self.texts[0], "mine", *self.texts[2:]])
        self.assertEqual(result.stdout.count(b"\n"), 3)

    def test_skips(self):
        (self.folder / "1.txt").write_text("mine")
        result = self.expect(self.caption("--skip-existing"), 0,
                             stderr="note: skipped 1 of 4 pictures that have a .txt file")
        self.assertEqual(self.files(), [self.texts[0], "mine", *self.texts[2:]])
        self.assertEqual(result.stdout.count(b"\n"), 3)
        self.assertEqual(self.expect(self.caption("--skip-existing"), 0).stdout, b"")

    def test_overwrites(self):
        (self.folder / "1.txt").write_text("mine")
        self.expect(self.caption("--overwrite"), 0)
        self.assertEqual(self.files(), self.texts)

    def test_appends(self):
        (self.folder / "1.txt").write_text("mine")
        (self.folder / "2.txt").write_text("his\n")
        self.expect(self.caption("--append"), 0)
        self.assertEqual(self.files(), [self.texts[0], "mine\n" + self.texts[1],
                                        "his\n" + self.texts[2], self.texts[3]])

    def test_two_pictures_never_share_a_file(self):
        (self.folder / "1.gif").write_bytes(b"")
        os.rename(self.folder / "3.png", self.folder / "1.PNG")
        self.pictures.pop()
        for mode in ("--overwrite", "--skip-existing", "--append"):
            for path in self.folder.glob("*.txt"):
                path.unlink()
            result = self.expect(self.caption(mode), 1)
            owner = "1.PNG"  # the first by name
            self.assertIn(f"1.gif: its text file {self.folder}/1.txt is that of {self.folder}/{owner}",
                          result.stderr.decode())
            self.assertEqual((self.folder / "1.txt").read_text(), self.texts[3])

    def test_never_replaces_the_picture(self):
        os.rename(self.pictures[0], self.folder / "0.txt")
        before = (self.folder / "0.txt").read_bytes()
        self.expect(support.run("caption", "--sidecar", ".txt", "--overwrite", self.folder / "0.txt"), 1,
                    stderr="would replace the picture itself")
        self.assertEqual((self.folder / "0.txt").read_bytes(), before)

    def test_read_only_folder(self):
        os.chmod(self.folder, 0o555)
        self.addCleanup(os.chmod, self.folder, 0o755)
        someone = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}
        try:
            result = self.caption(**someone)
        except PermissionError as error:
            self.skipTest(f"another user cannot run the program: {error}")
        if b"not a folder" in result.stderr:
            self.skipTest("another user cannot read the model")
        self.expect(result, 1, stdout=b"", stderr="0.txt: cannot write: Permission denied")
        self.assertIn(b"4 of 4 pictures failed", result.stderr)


class Interrupt(support.Case):
    COUNT = 60 if os.environ.get("BLIP_SANITIZE") else 300  # sanitized programs are slow

    def start(self, *arguments):
        for i in range(self.COUNT):
            self.picture(f"{i:03}.png", seed=i % 5)
        return subprocess.Popen(
            [support.PROGRAM, "caption", "--sidecar", ".txt", "--threads", "1", *arguments, self.folder],
            env=support.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_what_is_done_stays_and_the_rest_can_be_done_later(self):
        process = self.start("--batch", "1")
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, messages = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130, messages)
        printed = (first + rest).splitlines()
        self.assertIn(f"interrupted: {len(printed)} of {self.COUNT} pictures are done; --skip-existing continues",
                      messages.decode())
        written = {path: path.read_text() for path in self.folder.glob("*.txt")}
        self.assertEqual(len(written), len(printed))
        self.assertLess(len(written), self.COUNT)
        self.assertEqual(len(list(self.folder.iterdir())), self.COUNT + len(written))  # nothing temporary

        result = support.run("caption", "--sidecar", ".txt", "--skip-existing", self.folder)
        self.expect(result, 0, stderr=f"skipped {len(written)} of {self.COUNT}")
        self.assertEqual(result.stdout.count(b"\n"), self.COUNT - len(written))
        for path, text in written.items():
            self.assertEqual(path.read_text(), text)

    def test_a_second_one_ends_it_at_once(self):
        process = self.start("--batch", "32", "--num-beams", "8", "--min-new-tokens", "40",
                             "--max-new-tokens", "40")
        for _ in range(32):
            process.stdout.readline()
        time.sleep(0.15)  # now the model works on the second batch
        process.send_signal(signal.SIGINT)
        try:
            process.wait(0.05)
            self.skipTest("the machine is too fast for a second Ctrl-C to arrive in time")
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, -signal.SIGINT)


if __name__ == "__main__":
    unittest.main()
