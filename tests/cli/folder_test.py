"""What the files of a model folder say about pictures and decoding, and where they contradict."""

import json
import shutil
import unittest

import support

ODD = {"image_mean": [0.9, 0.1, 0.5], "image_std": [0.05, 0.4, 0.9]}


class Folder(support.Case):
    """A copy of the built-in model whose files a test changes."""

    def setUp(self):
        super().setUp()
        self.model = self.folder / "model"
        shutil.copytree(support.MODEL, self.model)
        self.pictures = [self.picture(f"{i}.png", seed=i) for i in range(3)]

    def read(self, name):
        return json.loads((self.model / name).read_text())

    def write(self, name, content):
        (self.model / name).write_text(json.dumps(content))

    def preprocessor(self, **changes):
        return {**json.loads((support.MODEL / "preprocessor_config.json").read_text()), **changes}

    def answers(self, *arguments):
        return self.captions("--model", self.model, *arguments, *self.pictures)

    def refused(self, code, message, *arguments):
        self.expect(support.run("caption", "--model", self.model, *arguments, *self.pictures), code,
                    stdout=b"", stderr=message)


class Processor(Folder):
    def setUp(self):
        super().setUp()
        plain = self.answers()
        self.write("preprocessor_config.json", self.preprocessor(**ODD))
        self.odd = self.answers()
        self.assertNotEqual(self.odd, plain)
        self.write("preprocessor_config.json", self.preprocessor())

    def test_nested_form_wins(self):
        self.write("processor_config.json", {"image_processor": self.preprocessor(**ODD),
                                             "processor_class": "BlipProcessor"})
        self.assertEqual(self.answers(), self.odd)
        (self.model / "preprocessor_config.json").unlink()
        self.assertEqual(self.answers(), self.odd)

    def test_flat_form(self):
        self.write("processor_config.json", {**self.preprocessor(**ODD), "processor_class": "BlipProcessor"})
        self.refused(3, "image_mean is [0.9,0.1,0.5], but [0.48145466,0.4578275,0.40821073] in "
                        f"{self.model}/preprocessor_config.json")
        (self.model / "preprocessor_config.json").unlink()
        self.assertEqual(self.answers(), self.odd)

    def test_without_an_image_processor(self):
        self.write("preprocessor_config.json", self.preprocessor(**ODD))
        self.write("processor_config.json", {"processor_class": "BlipProcessor"})
        self.assertEqual(self.answers(), self.odd)

    def test_nonsense_names_file_and_key(self):
        for content, message in (({"image_processor": [1]}, "image_processor is a JSON array"),
                                 ([1], "is not a JSON object"),
                                 ({"image_processor": {"image_mean": "grey"}}, "image_mean is"),
                                 ({"image_processor": {"do_center_crop": True}}, "do_center_crop is true")):
            self.write("processor_config.json", content)
            self.refused(3, f"{self.model}/processor_config.json: {message}")

    def test_convert_writes_what_was_read(self):
        out = self.folder / "out"
        self.write("processor_config.json", {"image_processor": self.preprocessor(**ODD),
                                             "processor_class": "BlipProcessor", "other": 7})
        for _ in range(2):
            self.expect(support.run("convert", "--overwrite", self.model, out), 0)
            self.assertEqual(json.loads((out / "preprocessor_config.json").read_text()),
                             self.preprocessor(**ODD))
            # transformers 4 makes no BlipProcessor of a folder with the nested form.
            self.assertEqual(json.loads((out / "processor_config.json").read_text()),
                             {"processor_class": "BlipProcessor", "other": 7})
            self.assertEqual(self.captions("--model", out, *self.pictures), self.odd)
            (self.model / "preprocessor_config.json").unlink(missing_ok=True)

    def test_init_writes_both(self):
        out = self.folder / "out"
        self.expect(support.run("init", "--size", "tiny", out), 0)
        self.assertEqual(json.loads((out / "processor_config.json").read_text()),
                         {"processor_class": "BlipProcessor"})
        self.assertEqual(json.loads((out / "preprocessor_config.json").read_text())["size"],
                         {"height": 64, "width": 64})


class Tokenizer(Folder):
    def converted(self, name, content):
        out = self.folder / "out"
        self.write(name, content)
        self.expect(support.run("convert", "--overwrite", self.model, out), 0)
        self.assertEqual(self.captions("--model", out, *self.pictures), self.answers())
        return (out / name).read_bytes()

    def test_convert_names_further_tokens_as_every_version_reads_them(self):
        """A list of extra_special_tokens is version 5's; 4.57 fails on it, older ones ignore it."""
        settings = self.read("tokenizer_config.json")
        del settings["additional_special_tokens"]
        mask = {"__type": "AddedToken", "content": "[MASK]", "special": True}
        for given, expected in (({"extra_special_tokens": ["[ENC]", mask]}, ["[ENC]", mask]),
                                ({"extra_special_tokens": ["[ENC]"],
                                  "additional_special_tokens": ["[DEC]", "[ENC]"]}, ["[ENC]", "[DEC]"]),
                                ({"extra_special_tokens": []}, [])):
            for name in ("tokenizer_config.json", "special_tokens_map.json"):
                others = settings if name == "tokenizer_config.json" else {"unk_token": "[UNK]"}
                self.assertEqual(json.loads(self.converted(name, {**others, **given})),
                                 {**others, "additional_special_tokens": expected})

    def test_convert_keeps_what_every_version_reads(self):
        settings = self.read("tokenizer_config.json")
        for tokens in ({"additional_special_tokens": ["[ENC]"]}, {"extra_special_tokens": {"enc": "[ENC]"}}):
            content = {**settings, **tokens}
            if "extra_special_tokens" in tokens:
                del content["additional_special_tokens"]
            self.assertEqual(self.converted("tokenizer_config.json", content), json.dumps(content).encode())


class Size(Folder):
    def test_another_one_than_the_models_must_be_asked_for(self):
        plain = self.answers()
        side = self.read("config.json")["vision_config"]["image_size"]
        for size in ({"height": 2 * side, "width": 2 * side}, {"height": side, "width": 8192}, 64):
            self.write("preprocessor_config.json", self.preprocessor(size=size))
            self.refused(3, f"{self.model}/preprocessor_config.json: size is ")
            self.refused(3, f"{self.model}/config.json has image_size {side}; --image-size {side}")
            self.assertEqual(self.answers("--image-size", str(side)), plain)
        self.assertNotEqual(self.answers("--image-size", "64"), plain)
        for size, message in (("65", "expected a multiple of"), ("16384", "up to 8192"), ("0", "above 0"),
                              ("large", "expected a number above 0")):
            self.refused(2, message, "--image-size", size)

    def test_other_commands(self):
        self.write("preprocessor_config.json", self.preprocessor(size=64))
        out = self.folder / "out.safetensors"
        arguments = ["inspect", "--model", self.model, "--picture", self.pictures[0], "--dump", out]
        self.expect(support.run(*arguments), 3, stderr="size is 64 x 64")
        self.expect(support.run(*arguments, "--image-size", "64"), 0)
        self.assertEqual(support.read_safetensors(out)["pixel_values"][1], [1, 3, 64, 64])
        bench = ["bench", "--model", self.model, "--repeat", "1", "--tokens", "1"]
        self.expect(support.run(*bench), 3, stderr="size is 64 x 64")
        self.assertIn(b"-> 64 x 64", self.expect(support.run(*bench, "--image-size", "64"), 0).stdout)


class Generation(Folder):
    def config(self, **changes):
        self.write("generation_config.json", {"bos_token_id": 129, **changes})

    def test_what_only_sampling_reads(self):
        plain = self.answers()
        self.config(temperature=0.0, top_p=0.0, top_k=-1, do_sample=False)
        self.assertEqual(self.answers(), plain)
        name = f"{self.model}/generation_config.json: "
        self.refused(3, name + "temperature is 0", "--do-sample")
        self.refused(3, name + "top_k is -1", "--do-sample", "--temperature", "1")
        self.refused(3, name + "top_p is 0", "--do-sample", "--temperature", "1", "--top-k", "5")
        self.answers("--do-sample", "--temperature", "1", "--top-k", "5", "--top-p", "0.9")
        self.refused(2, "temperature is 0", "--do-sample", "--temperature", "0", "--top-k", "5",
                     "--top-p", "0.9")
        self.config(temperature=0.0, do_sample=True)
        self.refused(3, name + "temperature is 0")

    def test_nonsense_names_file_and_key(self):
        for changes, message in (({"num_beams": 0}, "num_beams is 0"), ({"top_p": "all"}, 'top_p is "all"'),
                                 ({"num_return_sequences": 3}, "num_return_sequences is 3"),
                                 ({"min_new_tokens": 30}, "min_new_tokens is 30"),
                                 ({"repetition_penalty": 0}, "repetition_penalty is 0"),
                                 ({"temperature": [1]}, "temperature is [1]"),
                                 ({"bad_words_ids": [[]]}, "a word of bad_words_ids is empty"),
                                 ({"do_sample": "yes"}, 'do_sample is "yes"')):
            with self.subTest(changes):
                self.config(**changes)
                self.refused(3, f"{self.model}/generation_config.json: {message}")


class Weights(Folder):
    def test_a_shard_with_an_endless_name(self):
        (self.model / "model.safetensors").unlink()
        index = self.model / "model.safetensors.index.json"
        for name, message in (("x" * 5000, 'weight_map.a: a file name of 5000 bytes'),
                              ("a\0b", 'weight_map.a is "a\\u0000b", expected')):
            index.write_text(json.dumps({"weight_map": {"a": name}}))
            self.refused(3, f"{index}: {message}")


if __name__ == "__main__":
    unittest.main()
