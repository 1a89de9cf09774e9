"""blip caption: what it prints, and that nothing about how it works changes that."""

import json
import os
import pathlib
import shutil
import unittest

import support


class Caption(support.Case):
    def setUp(self):
        super().setUp()
        self.paths = [os.fspath(self.picture(f"{i}.png", seed=i, width=30 + 17 * i)) for i in range(7)]

    def test_prints_path_and_caption(self):
        result = self.expect(support.run("caption", *self.paths), 0)
        lines = result.stdout.decode().splitlines()
        self.assertEqual([line.split("\t")[0] for line in lines], self.paths)
        for line in lines:
            self.assertRegex(line.split("\t")[1], "^[a-z]")

    def test_json_says_the_same_and_more(self):
        text = support.run("caption", *self.paths).stdout.decode().splitlines()
        objects = self.captions(*self.paths)
        self.assertEqual([f"{o['path']}\t{o['caption']}" for o in objects], text)
        for o in objects:
            self.assertEqual(list(o), ["path", "caption", "token_ids", "score", "token_logprobs"])
            self.assertEqual(len(o["token_ids"]), 1 + len(o["token_logprobs"]))
            self.assertAlmostEqual(o["score"], sum(o["token_logprobs"]), delta=1e-4)

    def test_batches_and_threads_change_no_bit(self):
        for options in ([], ["--num-beams", "3", "--num-return-sequences", "2"],
                        ["--do-sample", "--seed", "5", "--top-k", "0"]):
            expected = support.run("caption", "--json", "--batch", "1", "--threads", "1", *options,
                                   *self.paths).stdout
            self.assertEqual(expected.count(b"\n"), 14 if "--num-beams" in options else 7)
            for batch, threads in ((2, 1), (3, 2), (7, 7), (100, 7)):
                result = support.run("caption", "--json", "--batch", str(batch), "--threads",
                                     str(threads), *options, *self.paths)
                self.expect(result, 0, stdout=expected)

    def test_one_alone_is_one_of_many(self):
        together = support.run("caption", "--json", *self.paths).stdout.splitlines()
        for path, line in zip(self.paths, together):
            self.assertEqual(support.run("caption", "--json", path).stdout.splitlines(), [line])

    def test_sampling_repeats_with_its_seed(self):
        def sample(seed):
            return support.run("caption", "--do-sample", "--temperature", "2", "--seed", str(seed),
                               *self.paths).stdout
        self.assertEqual(sample(1), sample(1))
        self.assertNotEqual(sample(1), sample(2))

    def test_returns_several_sequences_best_first(self):
        objects = self.captions("--num-beams", "4", "--num-return-sequences", "3", self.paths[0])
        self.assertEqual(len(objects), 3)
        self.assertEqual(len({o["caption"] for o in objects}), 3)
        scores = [o["score"] for o in objects]
        self.assertEqual(scores, sorted(scores, reverse=True))

    def test_prompt_begins_every_caption(self):
        for o in self.captions("--prompt", "a photo of", *self.paths):
            self.assertTrue(o["caption"].startswith("a photo of"), o)

    def test_list_gives_each_picture_its_prompt(self):
        listed = self.folder / "list.txt"
        listed.write_text(f"{self.paths[0]}\ta kids\r\n\n{self.paths[1]}\n{self.paths[2]}\ta pair of")
        objects = self.captions("--prompt", "a photo of", "--list", listed)
        self.assertEqual([o["path"] for o in objects], self.paths[:3])
        for o, prompt in zip(objects, ("a kids", "a photo of", "a pair of")):
            self.assertTrue(o["caption"].startswith(prompt), o)
        alone = self.captions("--prompt", "a pair of", self.paths[2])
        self.assertEqual(objects[2], alone[0])

    def test_list_on_standard_input(self):
        names = "\n".join(self.paths[:2]).encode()
        result = self.expect(support.run("caption", "--list", "-", input=names), 0)
        self.assertEqual(result.stdout.count(b"\n"), 2)

    def test_picture_on_standard_input(self):
        content = pathlib.Path(self.paths[0]).read_bytes()
        result = self.expect(support.run("caption", "-", input=content), 0)
        expected = support.run("caption", self.paths[0]).stdout.split(b"\t")[1]
        self.assertEqual(result.stdout, b"-\t" + expected)

    def test_folder_in_order_of_names_without_other_files(self):
        (self.folder / "notes.txt").write_text("no picture")
        (self.folder / "._0.png").write_text("no picture either")
        self.picture("Upper.PNG")
        self.picture("below/deep.png")
        objects = self.captions(self.folder)
        self.assertEqual([pathlib.Path(o["path"]).name for o in objects],
                         [f"{i}.png" for i in range(7)] + ["Upper.PNG"])
        deep = self.captions("--recursive", self.folder)
        self.assertIn(os.fspath(self.folder / "below/deep.png"), [o["path"] for o in deep])
        self.assertEqual(len(deep), 9)

    def test_rarer_endings_of_pictures_in_a_folder(self):
        names = ["a.JFIF", "a.apng", "a.dib", "a.jfif", "a.jpe", "a.mpo"]
        for name in [*names, "a.tif", "a.jfi"]:
            self.picture(f"rare/{name}")
        objects = self.captions(self.folder / "rare")
        self.assertEqual([pathlib.Path(o["path"]).name for o in objects], names)

    def test_tells_of_captions_that_were_cut(self):
        self.expect(support.run("caption", "--max-new-tokens", "2", *self.paths[:3]), 0,
                    stderr="note: 3 captions were cut at 2 new tokens")
        whole = self.expect(support.run("caption", "--max-new-tokens", "40", self.paths[0]), 0)
        self.assertEqual(whole.stderr, b"")

    def test_length_limits(self):
        o = self.captions("--min-new-tokens", "12", "--max-new-tokens", "12", self.paths[0])[0]
        self.assertEqual(len(o["token_logprobs"]), 12)

    def test_banned_words_do_not_appear(self):
        plain = self.captions("--prompt", "a", self.paths[0])[0]["caption"].split()
        banned = [word for word in plain[1:] if word.isalpha()]
        self.assertTrue(banned)
        o = self.captions("--prompt", "a", "--bad-words", ",".join(banned), self.paths[0])[0]
        self.assertFalse(set(banned) & set(o["caption"].split()[1:]), o)

    def test_a_list_takes_one_argument(self):
        plain = self.captions("--bad-words", "blue,red,a", self.paths[0], self.paths[1])
        self.assertEqual([o["path"] for o in plain], self.paths[:2])
        for arguments in (["--bad-words", "blue", "--bad-words", "red,a", *self.paths[:2]],
                          ["--bad-words=blue,red,a", *self.paths[:2]],
                          [*self.paths[:2], "--bad-words", "a,red,blue"]):
            self.assertEqual(self.captions(*arguments), plain)

    def test_no_repeated_pairs(self):
        o = self.captions("--no-repeat-ngram-size", "2", "--min-new-tokens", "15", self.paths[0])[0]
        pairs = list(zip(o["token_ids"], o["token_ids"][1:]))
        self.assertEqual(len(pairs), len(set(pairs)))


class BuiltInModel(support.Case):
    def test_is_found_beside_an_installed_program(self):
        (self.folder / "bin").mkdir()
        (self.folder / "share/blip").mkdir(parents=True)
        shutil.copy(support.PROGRAM, self.folder / "bin/blip")
        (self.folder / "share/blip/blip-clothing-tiny").symlink_to(support.MODEL)
        picture = self.picture("a.png")
        expected = support.run("caption", picture)
        program, support.PROGRAM = support.PROGRAM, self.folder / "bin/blip"
        self.addCleanup(setattr, support, "PROGRAM", program)
        found = support.run("caption", picture, env=support.environment(BLIP_MODEL=None))
        self.expect(found, 0, stdout=expected.stdout)
        (self.folder / "share/blip/blip-clothing-tiny").unlink()
        self.expect(support.run("caption", picture, env=support.environment(BLIP_MODEL=None)), 3,
                    stderr="the built-in model was not found")


@unittest.skipUnless(support.GOLDEN.is_dir(), "needs the golden answers (the folder `shared`)")
class Golden(support.Case):
    def test_generates_what_transformers_does(self):
        folder = support.GOLDEN / "captioner"
        for case in json.loads((folder / "generate.json").read_text()):
            settings = dict(case["settings"])
            arguments = ["--model", folder / "model"]
            if case["prompt"]:
                arguments += ["--prompt", case["prompt"]]
            if "bad_words_ids" in settings or "bad_words" in settings:
                continue  # given as ids there, as words here
            for name, value in settings.items():
                text = str(value).lower() if isinstance(value, bool) else str(value)
                arguments += ["--" + name.replace("_", "-"), text]
            with self.subTest(case["name"]):
                objects = self.captions(*arguments, *[folder / "images" / i for i in case["images"]])
                self.assertEqual(len(objects), len(case["sequences"]))
                for o, ids in zip(objects, case["sequences"]):
                    end = ids.index(102) + 1 if 102 in ids else len(ids)
                    self.assertEqual(o["token_ids"], ids[:end])


if __name__ == "__main__":
    unittest.main()
