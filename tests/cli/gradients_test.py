"""blip inspect --gradients, --saliency and --check-gradients."""

import itertools
import math
import os
import re
import shutil
import struct
import unittest

import support


class Gradients(support.Case):
    def inspect(self, *arguments, code=0, **expected):
        return self.expect(support.run("inspect", *arguments), code, **expected)

    def test_every_parameter_under_its_checkpoint_name(self):
        out = self.folder / "gradients.safetensors"
        self.inspect("--picture", self.picture("a.png"), "--text", "a blue shirt", "--gradients", out,
                     stdout=b"")
        gradients = support.read_safetensors(out)
        weights = support.read_safetensors(f"{support.MODEL}/model.safetensors")
        self.assertEqual({name: t[1] for name, t in gradients.items()},
                         {name: t[1] for name, t in weights.items()})
        norms = {name: math.sqrt(sum(v * v for v in support.floats(t))) for name, t in gradients.items()}
        self.assertTrue(all(math.isfinite(norm) for norm in norms.values()))
        # A key's bias shifts all scores of a query alike, which softmax does not see.
        for name, norm in norms.items():
            if name.endswith("key.bias"):
                self.assertLess(norm, 1e-6, name)
            else:
                self.assertGreater(norm, 1e-6, name)

    def test_options_without_effect_and_captions_too_long(self):
        self.inspect("--elements", "3", code=2, stderr="--elements needs --check-gradients")
        self.inspect("--picture", self.picture("a.png"), "--text", "shirt " * 600, "--gradients",
                     self.folder / "g.safetensors", code=2, stderr="the caption has 602 tokens")

    def test_of_a_batch_is_the_mean_over_its_tokens(self):
        picture, name = self.picture("a.png"), "vision_model.post_layernorm.bias"
        def gradient(*texts):
            out = self.folder / "g.safetensors"
            self.inspect("--picture", picture, "--text", *texts, "--gradients", out)
            return support.floats(support.read_safetensors(out)[name])
        short, long = "a hat", "a pair of navy pants"  # 3 and 6 tokens with [SEP]
        both = gradient(short, long)
        for a, b, found in zip(gradient(short), gradient(long), both):
            self.assertAlmostEqual((3 * a + 6 * b) / 9, found, delta=1e-5)

    def test_two_maps_for_each_word(self):
        out = self.folder / "maps.png"
        self.inspect("--picture", self.picture("a.png", width=60, height=40), "--text", "a blue shirt",
                     "--saliency", out, stdout=b"")
        width, height = struct.unpack(">II", out.read_bytes()[16:24])
        self.assertEqual((width, height), (14 + 4 * (224 + 14), 14 + 2 * (28 + 149) + 40))

    def test_differences_agree_for_every_module(self):
        text = self.inspect("--picture", self.picture("a.png"), "--text", "a blue shirt",
                            "--check-gradients", "--elements", "1").stdout.decode()
        rows = re.findall(r"^((?:vision_model|text_decoder)\S+) +(\S+) +(\S+) +(\S+) +(\S+)$", text, re.M)
        weights = support.read_safetensors(f"{support.MODEL}/model.safetensors")
        self.assertEqual({row[0] for row in rows}, {name.rpartition(".")[0] for name in weights})
        for module, norm, gradient, difference, error in rows:
            self.assertGreater(float(norm), 0, module)
            self.assertLess(float(error), 0.03, module)
            self.assertAlmostEqual(float(gradient), float(difference), delta=3e-4 + 0.03 * float(gradient))

    def test_say_what_they_need(self):
        picture = self.picture("a.png")
        for arguments, message in [
                (["--picture", picture, "--gradients", "g"], "--gradients needs --picture and --text"),
                (["--picture", picture, "--check-gradients"], "--check-gradients needs --picture and --text"),
                (["--saliency", "s.png"], "--saliency needs one --picture"),
                (["--picture", picture, "--text", "a", "b", "--saliency", "s.png"], "at most one --text"),
                (["--check-gradients", "--elements", "0"], "--elements")]:
            with self.subTest(message):
                self.inspect(*arguments, code=2, stdout=b"", stderr=message)
        for text in ("", "  "):  # its loss has a gradient, it has no words
            self.inspect("--picture", picture, "--text", text, "--saliency", self.folder / "s.png", code=2,
                         stdout=b"", stderr="--text has no words")
        self.assertEqual(os.listdir(self.folder), ["a.png"])


class Outputs(support.Case):
    """Nothing that is read is replaced, and what cannot be written is told before any work."""

    OPTIONS = ("--dump", "--attention", "--gradients", "--saliency")

    def refuse(self, code, message, *arguments):
        self.expect(support.run("inspect", "--picture", self.picture("a.png"), "--text", "a hat", *arguments),
                    code, stdout=b"", stderr=message)

    def test_that_would_replace_an_input(self):
        model = self.folder / "model"
        shutil.copytree(support.MODEL, model)
        picture = self.picture("a.png")
        (self.folder / "link").symlink_to(picture)
        (self.folder / "second").hardlink_to(picture)
        for option in self.OPTIONS:
            for path in (picture, self.folder / "." / "a.png", self.folder / "link", self.folder / "second",
                         model / "model.safetensors", model / "vocab.txt"):
                before = path.read_bytes()
                self.refuse(2, f"{option}: {path} is an input", "--model", model, option, path)
                self.assertEqual(path.read_bytes(), before)
        inputs = self.folder / "inputs.safetensors"
        inputs.write_bytes(b"")
        self.expect(support.run("inspect", "--inputs", inputs, "--dump", inputs), 2, stdout=b"",
                    stderr=f"--dump: {inputs} is an input")

    def test_two_in_one(self):
        out = self.folder / "out"
        for first, second in itertools.combinations(self.OPTIONS, 2):
            self.refuse(2, f"{second}: {out} is written by {first}", second, out, first, out)
        self.assertFalse(out.exists())

    def test_that_cannot_be_written(self):
        for option in self.OPTIONS:
            self.refuse(3, f"cannot write: there is no folder {self.folder / 'no'}", option, self.folder / "no" / "o")
            self.refuse(3, f"{self.folder}: cannot write: is a folder", option, self.folder)
            self.refuse(3, "/dev/null: cannot write: is not a regular file", option, "/dev/null")

    def test_of_an_earlier_run_are_replaced(self):
        out = self.folder / "maps.png"
        out.write_bytes(b"old")
        self.expect(support.run("inspect", "--picture", self.picture("a.png"), "--text", "a hat", "--saliency", out),
                    0, stdout=b"")
        self.assertTrue(out.read_bytes().startswith(b"\x89PNG"))


if __name__ == "__main__":
    unittest.main()
