"""What is wrong is said, nothing else is lost, and the exit code tells."""

import json
import os
import shutil
import unittest

import support


class BadPictures(support.Case):
    def setUp(self):
        super().setUp()
        good = support.png()
        self.good = self.picture("good.png")
        self.bad = {"empty.jpg": b"", "truncated.png": good[:len(good) // 2], "text.jpg": b"hello\n" * 99,
                    "huge.png": support.png_file(30000, 30000, b""), "jpeg-start.jpg": b"\xff\xd8\xff\xe0", "gif.gif": b"GIF89a"}
        for name, content in self.bad.items():
            (self.folder / name).write_bytes(content)

    def test_the_rest_goes_on(self):
        self.picture("zz.png")
        result = self.expect(support.run("caption", self.folder), 1, stderr="6 of 8 pictures failed")
        self.assertEqual([line.split(b"\t")[0] for line in result.stdout.splitlines()],
                         [os.fsencode(self.good), os.fsencode(self.folder / "zz.png")])
        for name in self.bad:
            self.assertIn(f"blip caption: {self.folder / name}: ", result.stderr.decode())

    def test_json_has_them_in_their_place(self):
        lines = self.expect(support.run("caption", "--json", self.folder), 1).stdout.splitlines()
        objects = [json.loads(line) for line in lines]
        names = sorted([*self.bad, "good.png"])
        self.assertEqual([os.path.basename(o["path"]) for o in objects], names)
        for o, name in zip(objects, names):
            self.assertEqual("error" in o, name in self.bad, o)

    def test_single_ones(self):
        os.mkfifo(self.folder / "pipe.png")
        (self.folder / "no-permission").mkdir()
        cases = [(["missing.png"], "missing.png: cannot open: No such file or directory"),
                 (["pipe.png"], "pipe.png: is not a regular file"),
                 (["no-permission"], "no pictures in this folder"),
                 (["empty.jpg"], "empty.jpg"), (["text.jpg"], "text.jpg"), (["huge.png"], "30000")]
        for arguments, message in cases:
            with self.subTest(arguments):
                self.expect(support.run("caption", *arguments, cwd=self.folder), 1, stdout=b"",
                            stderr=message)

    def test_standard_input(self):
        self.expect(support.run("caption", "-", input=b""), 1, stdout=b"", stderr="standard input")
        self.expect(support.run("caption", "-", input=b"no picture"), 1, stderr="standard input")

    def test_empty_folder_beside_a_picture(self):
        (self.folder / "empty").mkdir()
        result = support.run("caption", self.folder / "empty", self.good)
        self.expect(result, 1, stderr="no pictures in this folder; their names end in "
                                        ".jpg .jpeg .jpe .jfif .mpo .png .apng .webp .bmp .dib .gif; --recursive")
        self.assertEqual(result.stdout.count(b"\n"), 1)


class Prompts(support.Case):
    def test_too_long_for_all(self):
        self.expect(support.run("caption", "--prompt", "a photo " * 60, self.picture("a.png")), 2,
                    stdout=b"", stderr="64 positions")

    def test_too_long_for_one(self):
        picture = self.picture("a.png")
        (self.folder / "list").write_text(f"{picture}\t{'a ' * 100}\n{picture}\ta\n")
        result = support.run("caption", "--list", self.folder / "list")
        self.expect(result, 1, stderr=f"{picture}: the prompt has")
        self.assertEqual(result.stdout.count(b"\n"), 1)

    def test_that_is_not_utf8(self):
        result = self.expect(support.run("caption", "--json", "--prompt", b"a \xff\xfe dress",
                                         self.picture("a.png")), 0)
        self.assertTrue(json.loads(result.stdout)["caption"].startswith("a "))


class Usage(support.Case):
    def test_exit_code_and_message(self):
        picture = os.fspath(self.picture("a.png"))
        cases = [
            ([], "no command is given"),
            (["captoin"], "unknown command captoin; did you mean caption?"),
            (["caption"], "no picture, folder or list is named"),
            (["caption", "--num-beam", "3", picture], "did you mean --num-beams?"),
            (["caption", "--num-beam=3", picture], "did you mean --num-beams?"),
            (["caption", "--num-beams", "x", picture], "--num-beams"),
            (["caption", "--num-beams", "0", picture], "num_beams is 0"),
            (["caption", "--num-return-sequences", "2", picture], "num_return_sequences"),
            (["caption", "--max-new-tokens", "0", picture], "max_new_tokens"),
            (["caption", "--early-stopping", "maybe", picture], "--early-stopping"),
            (["caption", "--top-k", "3", picture], "--top-k needs --do-sample"),
            (["caption", "--batch", "0", picture], '--batch: "0", expected a whole number from 1 to 4096'),
            (["caption", "--batch"], "--batch needs a value"),
            (["caption", "--num-beams", "3x", picture], '--num-beams: "3x", expected a whole number'),
            (["caption", "--max-new-tokens", "99999999999999999999", picture], "at most 64 bits"),
            (["caption", "--do-sample", "--seed", "-1", picture], "expected a whole number from 0"),
            (["init", "--size", "tiny", "--seed", "-1", "x"], "expected a whole number from 0"),
            (["caption", "--temperature", "warm", picture], "--temperature warm: expected a number"),
            (["caption", "--json=maybe", picture], "--json takes no value"),
            (["caption", "--model", "a", "--model", "b", picture], "--model is given twice"),
            (["caption", "--prompt=", picture], '--prompt= has no value (an empty one is written --prompt "")'),
            (["caption", "--sidecar", "", picture], "--sidecar: the value is empty"),
            (["caption", "--list", "", picture], "--list: the value is empty"),
            (["convert", "--dtype", "f8", "a", "b"], '--dtype: "f8", expected f32 or f16 or bf16'),
            (["convert", "--vision-heads", "-1", "a", "b"], "expected a number above 0"),
            (["caption", "--threads", "0", picture], "--threads"),
            (["caption", "--overwrite", picture], "need --sidecar"),
            (["caption", "--sidecar", ".txt", "--overwrite", "--append", picture], "cannot be given together"),
            (["caption", "--sidecar", "txt", picture], "an extension such as .txt"),
            (["caption", "--sidecar", ".PNG", picture], "would overwrite pictures"),
            (["caption", "--sidecar", ".txt", "-"], "standard input"),
            (["caption", "-", "--list", "-"], "named more than once"),
            (["caption", "--bad-words", " ", picture], "--bad-words"),
            (["caption", "--bad-words", ",", picture], "--bad-words: an empty item in the list \",\""),
            (["caption", "--bad-words", "", picture], "--bad-words: an empty item in the list \"\""),
            (["caption", "--bad-words", "a,,b", picture], "an empty item in the list \"a,,b\""),
            (["init"], "OUT is missing"),
            (["init", "--size", "huge", "x"], "--size"),
            (["bench", "extra"], "unexpected argument extra"),
            (["inspect", "--dump", "x"], "--dump needs --picture or --inputs"),
            (["inspect", "--text", "a dress"], "--text needs --picture"),
            (["inspect", "--picture", picture], "need --dump, --attention, --gradients"),
        ]
        for arguments, message in cases:
            with self.subTest(arguments):
                self.expect(support.run(*arguments, cwd=self.folder), 2, stdout=b"", stderr=message)

    def test_help_and_version(self):
        commands = ["caption", "inspect", "tokenize", "convert", "init", "bench"]
        whole = self.expect(support.run("--help"), 0).stdout.decode()
        for command in commands:
            self.assertIn(f"\n  {command} ", whole)
            text = self.expect(support.run(command, "--help"), 0).stdout.decode()
            self.assertIn("Examples:\n  ", text)
            self.assertLessEqual(max(map(len, text.splitlines())), 100, text)
        self.assertRegex(self.expect(support.run("--version"), 0).stdout, rb"^blip \d+\.\d+\.\d+\n$")

    def test_environment(self):
        picture = self.picture("a.png")
        self.expect(support.run("caption", picture, env=support.environment(BLIP_THREADS="2")), 0)
        self.expect(support.run("caption", picture, env=support.environment(BLIP_THREADS="two")), 2,
                    stderr='BLIP_THREADS: "two", expected a whole number')
        # The command line goes before the environment.
        self.expect(support.run("caption", "--model", support.MODEL, picture,
                                env=support.environment(BLIP_MODEL="/nowhere")), 0)


class Models(support.Case):
    def test_that_cannot_be_read(self):
        picture = self.picture("a.png")
        self.expect(support.run("caption", "--model", self.folder / "absent", picture), 3, stdout=b"",
                    stderr="absent is not a folder")
        self.expect(support.run("caption", "--model", self.folder, picture), 3, stderr="config.json")
        broken = self.folder / "broken"
        shutil.copytree(support.MODEL, broken)
        weights = (broken / "model.safetensors").read_bytes()
        (broken / "model.safetensors").write_bytes(weights[:-100])
        self.expect(support.run("caption", "--model", broken, picture), 3, stdout=b"",
                    stderr="model.safetensors")
        (broken / "model.safetensors").unlink()
        self.expect(support.run("caption", "--model", broken, picture), 3, stderr="has no weights")

    def test_lists_that_cannot_be_read(self):
        self.expect(support.run("caption", "--list", self.folder / "absent"), 3,
                    stderr="absent: cannot open this list: No such file or directory")
        self.expect(support.run("caption", "--list", self.folder), 3,
                    stderr=f"{self.folder}: cannot read: Is a directory")


if __name__ == "__main__":
    unittest.main()
