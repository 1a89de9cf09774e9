"""Pipes that close, disks that are full, and the progress bar."""

import os
import pty
import subprocess
import threading
import unittest

import support


class Output(support.Case):
    def test_reader_that_leaves(self):
        for i in range(60):
            self.picture(f"{i:02}.png", seed=i % 5)
        process = subprocess.Popen([support.PROGRAM, "caption", "--batch", "1", self.folder],
                                   env=support.environment(), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.assertTrue(process.stdout.readline())
        process.stdout.close()
        messages = process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.wait(timeout=120), 3)
        self.assertEqual(messages, b"")

    def test_full_disk(self):
        picture = self.picture("a.png")
        commands = [["caption", picture], ["inspect"], ["bench", "--repeat", "1", "--tokens", "1"]]
        for command in commands:
            with self.subTest(command), open("/dev/full", "wb") as full:
                self.expect(support.run(*command, stdout=full), 3,
                            stderr="cannot write standard output: No space left on device")

    def test_full_disk_for_commands_that_buffer(self):
        with open("/dev/full", "wb") as full:
            result = support.run("tokenize", input=b"a dress\n", stdout=full)
        self.expect(result, 3, stderr="cannot write standard output")

    def test_closed_descriptors(self):
        picture = self.picture("a.png")
        before = sorted(os.listdir(self.folder))
        result = support.run("caption", picture, preexec_fn=lambda: os.close(1))
        self.expect(result, 3, stderr="cannot write standard output")
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        # Standard input may be closed if nobody reads it.
        self.expect(support.run("caption", picture, preexec_fn=lambda: os.close(0)), 0)


class ProgressBar(support.Case):
    def setUp(self):
        super().setUp()
        for i in range(6):
            self.picture(f"{i}.png", seed=i)

    def on_terminal(self, *arguments, **changes):
        """Standard output, and what a terminal on standard error was sent."""
        ours, theirs = pty.openpty()
        shown = bytearray()

        def read():
            try:
                while data := os.read(ours, 4096):
                    shown.extend(data)
            except OSError:  # the other end is closed
                pass

        reader = threading.Thread(target=read)
        reader.start()
        process = subprocess.Popen([support.PROGRAM, "caption", "--batch", "2", *arguments],
                                   env=support.environment(**{"TERM": "xterm", **changes}),
                                   stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        output = process.communicate(timeout=120)[0]
        reader.join()
        os.close(ours)
        self.assertEqual(process.returncode, 0)
        return output, bytes(shown).decode()

    def test_shows_on_a_terminal(self):
        output, shown = self.on_terminal(self.folder)
        self.assertEqual(output, support.run("caption", self.folder).stdout)
        self.assertIn("6/6", shown)
        self.assertIn("\x1b[32m", shown)
        self.assertTrue(shown.endswith("\r"), "the bar stays behind")

    def test_no_color(self):
        shown = self.on_terminal(self.folder, NO_COLOR="1")[1]
        self.assertIn("6/6", shown)
        self.assertNotIn("\x1b", shown)

    def test_not_for_one_picture_nor_a_dumb_terminal(self):
        self.assertEqual(self.on_terminal(self.folder / "1.png")[1], "")
        self.assertEqual(self.on_terminal(self.folder, TERM="dumb")[1], "")

    def test_not_without_a_terminal(self):
        self.assertEqual(support.run("caption", self.folder).stderr, b"")


if __name__ == "__main__":
    unittest.main()
