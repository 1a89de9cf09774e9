"""blip init, inspect and bench."""

import json
import struct
import unittest

import support


class Init(support.Case):
    def init(self, *arguments, code=0):
        out = self.folder / "model"
        self.expect(support.run("init", "--size", "tiny", *arguments, out), code)
        return out

    def test_makes_a_folder_that_captions(self):
        model = self.init()
        self.assertEqual(sorted(path.name for path in model.iterdir()),
                         ["config.json", "generation_config.json", "model.safetensors",
                          "preprocessor_config.json", "processor_config.json", "tokenizer_config.json",
                          "vocab.txt"])
        o = self.captions("--model", model, "--min-new-tokens", "3", self.picture("a.png"))[0]
        self.assertGreaterEqual(len(o["token_ids"]), 4)

    def test_seed_decides_the_weights(self):
        def weights(name, seed):
            path = self.folder / name
            self.expect(support.run("init", "--size", "tiny", "--seed", seed, path), 0)
            return (path / "model.safetensors").read_bytes()
        self.assertEqual(weights("a", "1"), weights("b", "1"))
        self.assertNotEqual(weights("c", "2"), weights("d", "3"))

    def test_weights_are_as_transformers_draws_them(self):
        tensors = support.read_safetensors(self.init() / "model.safetensors")
        values = support.floats(tensors["text_decoder.bert.embeddings.word_embeddings.weight"])
        mean = sum(values) / len(values)
        deviation = (sum((v - mean) ** 2 for v in values) / len(values)) ** 0.5
        self.assertAlmostEqual(mean, 0, delta=5e-4)
        self.assertAlmostEqual(deviation, 0.02, delta=5e-4)
        self.assertEqual(set(support.floats(tensors["vision_model.post_layernorm.weight"])), {1.0})
        self.assertEqual(set(support.floats(tensors["text_decoder.cls.predictions.bias"])), {0.0})
        self.assertNotIn("text_decoder.cls.predictions.decoder.weight", tensors)  # tied

    def test_types(self):
        for dtype in ("f16", "bf16"):
            model = self.init("--dtype", dtype, "--overwrite")
            types = {t[0] for t in support.read_safetensors(model / "model.safetensors").values()}
            self.assertEqual(types, {dtype.upper()})
            self.captions("--model", model, self.picture("a.png"))

    def test_vocabulary_of_ones_own(self):
        pieces = ["[PAD]", "[UNK]", "[SEP]", "[CLS]", "[MASK]", "a", "dress"]
        (self.folder / "vocab.txt").write_text("\n".join(pieces) + "\n")
        model = self.init("--vocab", self.folder / "vocab.txt")
        config = json.loads((model / "config.json").read_text())["text_config"]
        self.assertEqual((config["vocab_size"], config["bos_token_id"], config["sep_token_id"]), (9, 7, 2))
        (self.folder / "vocab.txt").write_text("a\ndress\n")
        result = support.run("init", "--size", "tiny", "--vocab", self.folder / "vocab.txt",
                             self.folder / "other")
        self.expect(result, 3, stderr="has no [PAD]")
        self.assertFalse((self.folder / "other").exists())

    def test_keeps_what_is_there(self):
        model = self.init()
        before = (model / "model.safetensors").read_bytes()
        self.init("--seed", "9", code=2)
        self.assertEqual((model / "model.safetensors").read_bytes(), before)


class Inspect(support.Case):
    def test_tree(self):
        text = self.expect(support.run("inspect"), 0).stdout.decode()
        total = sum(self.elements(t) for t in
                    support.read_safetensors(support.MODEL / "model.safetensors").values())
        self.assertIn(f"{total:,}", text.splitlines()[1])
        self.assertRegex(text, r"qkv +\S")
        self.assertRegex(text, r"weight +\[576, 192\] +f16 +110,592 +221 kB")
        self.assertIn("weight  = word_embeddings.weight", text)
        self.assertRegex(text, r"GFLOP a picture: encode \d")

    @staticmethod
    def elements(tensor):
        count = 1
        for n in tensor[1]:
            count *= n
        return count

    def test_dump_of_a_padded_batch(self):
        out = self.folder / "out.safetensors"
        self.expect(support.run("inspect", "--picture", self.picture("a.png"), self.picture("b.png", seed=1),
                                "--text", "a dress", "a pair of black shoes", "--dump", out), 0)
        tensors = support.read_safetensors(out)
        layers = json.loads((support.MODEL / "config.json").read_text())
        vision, text = layers["vision_config"], layers["text_config"]
        tokens = (vision["image_size"] // vision["patch_size"]) ** 2 + 1
        length = tensors["text.input_ids"][1][1]
        self.assertEqual(tensors["pixel_values"][1], [2, 3, vision["image_size"], vision["image_size"]])
        self.assertEqual(tensors["vision.last_hidden_state"][1], [2, tokens, vision["hidden_size"]])
        self.assertEqual(tensors["text.logits"][1], [2, length, text["vocab_size"]])
        self.assertEqual(tensors["text.token_nll"][1], [2, length - 1])
        self.assertEqual(tensors["text.loss"][1], [])
        for n in range(vision["num_hidden_layers"] + 1):
            self.assertEqual(tensors[f"vision.hidden.{n}"][1], [2, tokens, vision["hidden_size"]])
        for n in range(vision["num_hidden_layers"]):
            self.assertEqual(tensors[f"vision.attention.{n}"][1],
                             [2, vision["num_attention_heads"], tokens, tokens])
        for n in range(text["num_hidden_layers"]):
            self.assertEqual(tensors[f"text.cross_attention.{n}"][1],
                             [2, text["num_attention_heads"], length, tokens])
        ids = struct.unpack(f"<{2 * length}q", tensors["text.input_ids"][2])
        self.assertEqual(ids[:length][-3:], (text["pad_token_id"],) * 3)
        self.assertEqual(ids[length - 1 + length], text["sep_token_id"])

        # What is dumped is what is read: the same numbers from pixel_values and input_ids.
        inputs, again = self.folder / "inputs.safetensors", self.folder / "again.safetensors"
        self.write_inputs(inputs, tensors)
        self.expect(support.run("inspect", "--inputs", inputs, "--dump", again), 0)
        self.assertEqual(support.read_safetensors(again), tensors)

    @staticmethod
    def write_inputs(path, tensors):
        header, data = {}, b""
        for name, key in (("pixel_values", "pixel_values"), ("input_ids", "text.input_ids"),
                          ("attention_mask", "text.attention_mask")):
            dtype, shape, content = tensors[key]
            header[name] = {"dtype": dtype, "shape": shape,
                            "data_offsets": [len(data), len(data) + len(content)]}
            data += content
        text = json.dumps(header).encode()
        path.write_bytes(struct.pack("<Q", len(text)) + text + data)

    def test_pictures_alone(self):
        out = self.folder / "out.safetensors"
        self.expect(support.run("inspect", "--picture", self.picture("a.png"), "--dump", out), 0)
        names = support.read_safetensors(out)
        self.assertIn("vision.last_hidden_state", names)
        self.assertFalse([name for name in names if name.startswith("text.")])

    def test_attention_map(self):
        for width, height in ((60, 40), (20, 90)):
            out = self.folder / "map.png"
            picture = self.picture("a.png", width=width, height=height)
            self.expect(support.run("inspect", "--picture", picture, "--attention", out), 0)
            size = struct.unpack(">II", out.read_bytes()[16:24])
            words = len(support.run("caption", picture).stdout.decode().split("\t")[1].split())
            panel = (224, 224 * height // width) if width > height else (224 * width // height, 224)
            columns, rows = min(5, words + 1), (words + 5) // 5
            self.assertEqual(size, (14 + columns * (panel[0] + 14), 14 + rows * (panel[1] + 40)))

    def test_attention_map_glows_where_the_word_looked(self):
        (self.folder / "grey.png").write_bytes(support.png_file(64, 64, (b"\0" + bytes([90]) * 192) * 64))
        picture, words = self.folder / "grey.png", ["a", "photo", "of", "a"]
        out, dump = self.folder / "map.png", self.folder / "dump.safetensors"
        self.expect(support.run("inspect", "--picture", picture, "--text", " ".join(words),
                                "--attention", out, "--dump", dump), 0)
        tensors = support.read_safetensors(dump)
        maps = [t for name, t in tensors.items() if name.startswith("text.cross_attention.")]
        heads, length, tokens = maps[0][1][1:]
        side = round((tokens - 1) ** 0.5)
        pixels = support.png_pixels(out.read_bytes())[2]
        for word in range(len(words)):  # row i of the attention predicts word i
            weights = [0.0] * (tokens - 1)
            for values in map(support.floats, maps):
                for head in range(heads):
                    row = (head * length + word) * tokens
                    for patch in range(tokens - 1):
                        weights[patch] += values[row + 1 + patch]

            def light(patch):
                x = 14 + (word + 1) % 5 * (224 + 14) + (2 * (patch % side) + 1) * 224 // (2 * side)
                y = 14 + (2 * (patch // side) + 1) * 224 // (2 * side)
                return sum(pixels[y][x])
            hottest, coldest = weights.index(max(weights)), weights.index(min(weights))
            self.assertGreater(light(hottest), light(coldest) + 250, words[word])

    def test_bad_inputs(self):
        picture = self.picture("a.png")
        out = self.folder / "out.safetensors"
        self.expect(support.run("inspect", "--picture", picture, "--text", "a " * 90, "--dump", out), 2,
                    stderr="64 positions")
        self.expect(support.run("inspect", "--picture", picture, picture, "--text", "a", "b", "c",
                                "--dump", out), 2, stderr="2 pictures and 3 texts")
        self.expect(support.run("inspect", "--inputs", picture, "--dump", out), 3, stderr="a.png")
        self.expect(support.run("inspect", "--picture", picture, "--dump", "/nowhere/x.safetensors"), 3,
                    stderr="/nowhere/x.safetensors: cannot write")
        self.assertFalse(out.exists())

    @unittest.skipUnless(support.GOLDEN.is_dir(), "needs the golden answers (the folder `shared`)")
    def test_logits_of_every_file_form(self):
        formats = support.GOLDEN / "formats"
        expected = support.read_safetensors(formats / "expected.safetensors")
        mask = struct.unpack("<27q", expected["attention_mask"][2])
        for name in ("single", "sharded", "float16", "bfloat16", "pytorch_bin"):
            with self.subTest(name):
                out = self.folder / "out.safetensors"
                self.expect(support.run("inspect", "--model", formats / name, "--inputs",
                                        formats / "expected.safetensors", "--dump", out), 0)
                found = support.floats(support.read_safetensors(out)["text.logits"])
                wanted = support.floats(expected[name + ".logits"])
                self.assertEqual(len(found), len(wanted))
                worst = max(abs(a - b) for i, (a, b) in enumerate(zip(found, wanted)) if mask[i // 300])
                self.assertLess(worst, 2e-4)


class Bench(support.Case):
    def test_json(self):
        result = self.expect(support.run("bench", "--json", "--repeat", "1", "--tokens", "3", "--batch",
                                         "2", "--beams", "2"), 0)
        numbers = json.loads(result.stdout)
        self.assertEqual(list(numbers), ["decode_seconds", "resize_seconds", "encode_seconds",
                                         "generate_seconds", "encode_gflops", "tokens_per_second",
                                         "peak_bytes"])
        for name, value in numbers.items():
            self.assertGreater(value, 0, name)
        self.assertAlmostEqual(numbers["tokens_per_second"], 3 / numbers["generate_seconds"], delta=1)

    def test_table_and_picture(self):
        text = self.expect(support.run("bench", "--repeat", "1", "--tokens", "2", "--threads", "1",
                                       "--picture", self.picture("a.png")), 0).stdout.decode()
        self.assertIn("picture 40 x 30 -> 128 x 128, batch 1, 2 tokens, beams 1, threads 1", text)
        for row in ("decode", "resize", "encode", "generate", "all"):
            self.assertRegex(text, rf"\n{row} +\d")

    def test_more_tokens_than_positions(self):
        self.expect(support.run("bench", "--tokens", "500"), 2, stderr="positions")


if __name__ == "__main__":
    unittest.main()
