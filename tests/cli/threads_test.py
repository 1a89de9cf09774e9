"""What the program does in several threads, and that their number changes no bit. Small, because the
thread sanitizer runs it and no other test of the program."""

import json
import os
import signal
import subprocess
import unittest

import support


class Threads(support.Case):
    def setUp(self):
        super().setUp()
        self.pictures = [self.picture(f"{i}.png", seed=i, width=30 + 17 * i) for i in range(5)]

    def same(self, *arguments):
        """Runs a command in one thread and in several; returns what it printed."""
        one, four = (self.expect(support.run(*map(os.fspath, arguments), "--threads", threads), 0)
                     for threads in ("1", "4"))
        self.assertEqual(one.stdout, four.stdout)
        return four.stdout

    def test_captions(self):
        for options in (["--batch", "2"], ["--num-beams", "3", "--num-return-sequences", "2"],
                        ["--do-sample", "--seed", "5"]):
            self.same("caption", "--json", *options, *self.pictures)

    def test_captions_beside_pictures(self):
        printed = self.same("caption", "--batch", "1", "--sidecar", ".txt", "--overwrite", *self.pictures)
        for line in printed.decode().splitlines():
            path, caption = line.split("\t")
            with open(path.removesuffix(".png") + ".txt", encoding="utf-8") as file:
                self.assertEqual(file.read(), caption + "\n")

    def test_interrupted(self):
        process = subprocess.Popen(
            [support.PROGRAM, "caption", "--threads", "4", "--batch", "1", *self.pictures * 20],
            env=support.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, messages = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130, messages)

    def test_scores(self):
        captions = [json.loads(line)["caption"]
                    for line in support.run("caption", "--json", *self.pictures).stdout.splitlines()]
        references, results = self.folder / "references.json", self.folder / "results.json"
        references.write_text(json.dumps({
            "images": [{"id": i} for i in range(5)],
            "annotations": [{"id": 5 * j + i, "image_id": i, "caption": captions[(i + j) % 5] + " here"}
                            for i in range(5) for j in range(3)]}))
        results.write_text(json.dumps([{"image_id": i, "caption": c} for i, c in enumerate(captions)]))
        scores = json.loads(self.same("evaluate", references, results, "--json", "--bootstrap", "50",
                                      "--metrics", "bleu,rouge_l,cider_d,spice,diversity"))
        self.assertGreater(scores["scores"]["cider_d"], 0)

    def test_gradients(self):
        files = []
        for threads in ("1", "4"):
            files.append(self.folder / f"{threads}.safetensors")
            self.expect(support.run("inspect", "--picture", self.pictures[0], "--text", "a shirt",
                                    "--gradients", files[-1], "--threads", threads), 0)
        self.assertEqual(files[0].read_bytes(), files[1].read_bytes())


if __name__ == "__main__":
    unittest.main()
