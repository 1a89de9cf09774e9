"""blip evaluate: which captions it pairs with which pictures, what it prints and writes, how it
fails. The numbers themselves are tested where the metrics are."""

import csv
import json
import os
import random
import unittest

import support

NGRAMS = "bleu,rouge_l,cider_d,cider"  # what needs no data beside the captions
NGRAM_KEYS = ["bleu_1", "bleu_2", "bleu_3", "bleu_4", "rouge_l", "cider_d", "cider"]
SENTENCES = ["A man rides a horse.", "two dogs play in the snow", "a red bus on a street",
             "A woman slices bread in a kitchen", "children fly a kite over a beach",
             "an old clock hangs on the wall"]


class Evaluate(support.Case):
    def setUp(self):
        super().setUp()
        self.references = self.coco("captions.json", {
            i + 1: [text, f"{text} today", f"we see {text.lower()}"] for i, text in enumerate(SENTENCES)})
        self.results = self.captions_file("results.json", {
            i + 1: text.replace("a ", "the ") for i, text in enumerate(SENTENCES)})

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def coco(self, name, captions, **more):
        images = [{"id": i, "file_name": f"val/{i}.png"} for i in captions]
        annotations = [{"id": 10 * n + m, "image_id": i, "caption": text}
                       for n, (i, texts) in enumerate(captions.items()) for m, text in enumerate(texts)]
        return self.write(name, json.dumps({"images": images, "annotations": annotations, **more}))

    def captions_file(self, name, captions):
        return self.write(name, json.dumps([{"image_id": i, "caption": c} for i, c in captions.items()]))

    def run_evaluate(self, *arguments, metrics=NGRAMS, **options):
        chosen = ["--metrics", metrics] if metrics else []
        return support.run("evaluate", *map(os.fspath, arguments), *chosen, **options)

    def evaluate(self, *arguments, **options):
        """The JSON object; nothing may be said on stderr."""
        result = self.expect(self.run_evaluate("--json", *arguments, **options), 0)
        self.assertEqual(result.stderr, b"")
        self.assertEqual(result.stdout.count(b"\n"), 1)
        return json.loads(result.stdout)

    def refuse(self, message, *arguments, code=3, **options):
        result = self.expect(self.run_evaluate(*arguments, **options), code, stdout=b"", stderr=message)
        self.assertLess(len(result.stderr), 1000)

    # What is printed

    def test_json_has_all_scores(self):
        answer = self.evaluate("--references", self.references, "--results", self.results)
        self.assertEqual(list(answer["scores"]), NGRAM_KEYS)
        self.assertEqual((answer["references"], answer["name"]), ("captions.json", "results.json"))
        self.assertEqual((answer["pictures"], answer["reference_captions"]), (6, 18))
        self.assertIs(answer["raw"], False)
        of_pycocoevalcap = {"bleu_1": 0.8421052631135735, "bleu_2": 0.7433919416340683,
                            "bleu_3": 0.6676212146620917, "bleu_4": 0.6049238741499767,
                            "rouge_l": 0.8396825396825397, "cider_d": 5.8826771535731694}  # 1.2
        for key, score in of_pycocoevalcap.items():
            self.assertAlmostEqual(answer["scores"][key], score, delta=1e-9 * score)
        self.assertEqual(answer["diversity"]["captions"], 6)

    def test_equal_captions_score_best(self):
        same = self.captions_file("same.json", dict(enumerate(SENTENCES, 1)))
        scores = self.evaluate(self.references, same)["scores"]
        for key in ("bleu_1", "bleu_4", "rouge_l"):
            self.assertAlmostEqual(scores[key], 1, places=6)

    def test_default_is_every_metric(self):
        if not os.path.exists("/usr/share/wordnet/index.noun"):
            self.skipTest("needs WordNet")
        empty = support.environment(XDG_DATA_HOME=os.fspath(self.folder), BLIP_METRIC_DATA=None)
        answer = self.evaluate(self.references, self.results, metrics=None, env=empty)
        self.assertEqual(list(answer["scores"]), ["bleu_1", "bleu_2", "bleu_3", "bleu_4", "meteor",
                                                  "rouge_l", "cider_d", "cider", "spice"])
        self.assertTrue(all(score > 0 for score in answer["scores"].values()), answer)
        self.assertIn("WordNet", answer["notes"]["meteor"])
        self.assertIn("WordNet", answer["notes"]["spice"])
        table = self.run_evaluate(self.references, self.results, metrics=None, env=empty).stdout.decode()
        self.assertRegex(table, r"(?m)^METEOR +0\.\d{4}$")
        self.assertRegex(table, r"(?m)^SPICE +0\.\d{4}$")
        self.assertRegex(table, r"(?m)^METEOR: .*WordNet")
        self.assertRegex(table, r"(?m)^SPICE: .*WordNet")

    def test_meteor_lists_of_a_folder(self):
        lists = support.SOURCE / "tests" / "metrics" / "golden" / "meteor_lists"
        answer = self.evaluate(self.references, self.results, "--metric-data", lists, metrics="meteor")
        self.assertIn("not METEOR 1.5's", answer["notes"]["meteor"])
        environment = support.environment(BLIP_METRIC_DATA=os.fspath(lists))
        self.assertEqual(self.evaluate(self.references, self.results, metrics="meteor", env=environment),
                         answer)

    def test_table_has_the_same_numbers(self):
        answer = self.evaluate(self.references, self.results)
        result = self.expect(self.run_evaluate(self.references, self.results), 0)
        lines = dict(line.rsplit(None, 1) for line in result.stdout.decode().splitlines()[3:10])
        titles = ["BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr-D", "CIDEr"]
        self.assertEqual(lines, {title: f"{answer['scores'][key]:.4f}"
                                 for title, key in zip(titles, NGRAM_KEYS)})

    def test_raw_is_named_everywhere(self):
        per_image = self.folder / "images.jsonl"
        tokens = self.evaluate(self.references, self.results)
        raw = self.evaluate(self.references, self.results, "--raw", "--per-image", per_image)
        self.assertIs(raw["raw"], True)
        self.assertNotEqual(raw["scores"], tokens["scores"])  # capitals and full stops count
        self.assertTrue(all(json.loads(line)["raw"] for line in per_image.read_text().splitlines()))
        table = self.run_evaluate(self.references, self.results, "--raw").stdout.decode()
        self.assertIn("raw: split at spaces", table.splitlines()[0])
        table = self.run_evaluate(self.references, self.results).stdout.decode()
        self.assertIn("Penn Treebank tokens", table.splitlines()[0])

    def test_per_image_lines(self):
        path = self.folder / "images.jsonl"
        answer = self.evaluate(self.references, self.results, "--per-image", path)
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        self.assertEqual([line["image_id"] for line in lines], [1, 2, 3, 4, 5, 6])
        self.assertEqual(lines[1]["caption"], SENTENCES[1].replace("a ", "the "))
        self.assertEqual(lines[1]["references"][0], SENTENCES[1])
        for key in ("rouge_l", "cider_d", "cider"):  # means of the pictures'
            mean = sum(line["scores"][key] for line in lines) / 6
            self.assertAlmostEqual(mean, answer["scores"][key], places=12)

    def test_metrics_are_chosen(self):
        self.assertEqual(list(self.evaluate(self.references, self.results, metrics="rouge_l")["scores"]),
                         ["rouge_l"])
        self.assertEqual(self.evaluate(self.references, self.results, metrics="diversity")["scores"], {})
        self.refuse("bleu_4", self.references, self.results, metrics="bleu_4", code=2)
        self.refuse("--metrics als: no reference has attributes", self.references, self.results,
                    metrics="als", code=2)
        self.refuse("--metrics sls: ", self.references, self.results, metrics="sls", code=2)

    # Several files, and how sure the numbers are

    def many(self):
        """300 pictures; results that copy a reference more or less often."""
        numbers = random.Random(7)
        words = [f"w{i}" for i in range(30)]
        texts = {i: " ".join(numbers.choices(words, k=8)) for i in range(300)}
        def copies(share):
            return {i: text if numbers.random() < share else " ".join(numbers.choices(words, k=8))
                    for i, text in texts.items()}
        references = self.coco("many.json", {i: [text] for i, text in texts.items()})
        return references, *[self.captions_file(f"{name}.json", copies(share))
                             for name, share in (("half", 0.5), ("most", 0.9), ("also", 0.5))]

    def test_several_files_are_compared_with_the_first(self):
        references, half, most, also = self.many()
        answer = self.evaluate(references, half, most, also)
        self.assertEqual([r["name"] for r in answer["results"]], ["half.json", "most.json", "also.json"])
        self.assertNotIn("scores", answer)
        first, better, equal = answer["results"]
        self.assertNotIn("comparison", first)
        for key in NGRAM_KEYS:
            test = better["comparison"][key]
            self.assertAlmostEqual(test["difference"], better["scores"][key] - first["scores"][key], places=12)
            self.assertLess(test["p_value"], 0.01)
            self.assertGreater(test["interval"][0], 0)
            self.assertGreater(equal["comparison"][key]["p_value"], 0.05)
        alone = self.evaluate(references, most)
        self.assertEqual(alone["scores"], better["scores"])
        table = self.run_evaluate(references, half, most, also).stdout.decode()
        row = next(line for line in table.splitlines() if line.startswith("BLEU-4"))
        self.assertEqual(row.count("***"), 1)
        self.assertRegex(table, r"\*\*\* p < 0\.001: differs from half\.json")

    def test_a_file_against_itself_differs_in_nothing(self):
        references, half, _, _ = self.many()
        second = self.evaluate(references, half, half)["results"][1]
        for key in NGRAM_KEYS:
            self.assertEqual(second["comparison"][key],
                             {"difference": 0.0, "interval": [0.0, 0.0], "p_value": 1.0})

    def test_names_tell_files_apart(self):
        (self.folder / "a").mkdir()
        (self.folder / "b").mkdir()
        paths = [self.captions_file(f"{f}/r.json", dict(enumerate(SENTENCES, 1))) for f in "ab"]
        names = [r["name"] for r in self.evaluate(self.references, *paths)["results"]]
        self.assertEqual(names, [os.fspath(path) for path in paths])

    def test_intervals_repeat_with_their_seed(self):
        references, half, _, _ = self.many()
        def intervals(*options):
            return self.evaluate(references, half, "--bootstrap", "200", *options)
        answer = intervals("--seed", "3")
        for key in NGRAM_KEYS:
            low, high = answer["intervals"][key]
            self.assertTrue(low < answer["scores"][key] < high, key)
        self.assertEqual(intervals("--seed", "3", "--threads", "1"), answer)
        self.assertEqual(intervals("--seed", "3", "--threads", "5"), answer)
        self.assertNotEqual(intervals("--seed", "4")["intervals"], answer["intervals"])
        table = self.run_evaluate(references, half, "--bootstrap", "200", "--seed", "3").stdout.decode()
        low, high = answer["intervals"]["bleu_4"]
        self.assertIn(f"[{low:.4f}, {high:.4f}]", table)
        self.assertIn("95 % of 200 bootstrap sets", table)

    def test_document_frequencies_of_a_file(self):
        saved = self.folder / "df.bin"
        answer = self.evaluate(self.references, self.results, "--save-document-frequencies", saved)
        again = self.evaluate(self.references, self.results, "--document-frequencies", saved)
        self.assertEqual(again["scores"], answer["scores"])
        self.assertEqual(again["notes"]["cider_d"], "word weights of 6 pictures (df.bin)")
        self.assertEqual(answer["notes"]["cider_d"], "word weights of 6 pictures")
        single = self.captions_file("single.json", {2: SENTENCES[1]})
        scores = self.evaluate(self.coco("one.json", {2: [SENTENCES[1]]}), single,
                               "--document-frequencies", saved)["scores"]
        self.assertAlmostEqual(scores["cider"], 10, places=9)
        self.refuse("results.json", self.references, self.results, "--document-frequencies", self.results)

    def test_document_frequencies_of_other_tokens_are_told(self):
        saved, raw = self.folder / "df", self.folder / "raw-df"
        self.evaluate(self.references, self.results, "--save-document-frequencies", saved)
        self.evaluate(self.references, self.results, "--raw", "--save-document-frequencies", raw)
        self.evaluate(self.references, self.results, "--raw", "--document-frequencies", raw)
        for options, message in [([saved, "--raw"], "df: the word weights were counted over Penn Treebank tokens"),
                                 ([raw], "raw-df: the word weights were counted with --raw")]:
            result = self.run_evaluate(self.references, self.results, "--json", "--document-frequencies", *options)
            self.expect(result, 0, stderr=message)
            self.assertIn(message, json.loads(result.stdout)["warnings"][0])
        # Files of an earlier program do not say, and so nothing is said of them.
        lines = saved.read_text().splitlines(keepends=True)
        old = self.write("old-df", "CIDEr document frequencies 1\n" + "".join(lines[2:]))
        self.assertEqual(self.evaluate(self.references, self.results, "--document-frequencies", old)["scores"],
                         self.evaluate(self.references, self.results)["scores"])

    def test_a_single_picture_warns_of_cider(self):
        references = self.coco("one.json", {2: [SENTENCES[1]]})
        result = self.run_evaluate(references, self.captions_file("single.json", {2: SENTENCES[1]}), "--json")
        self.expect(result, 0, stderr="over a single picture it is 0")
        self.assertEqual(json.loads(result.stdout)["scores"]["cider_d"], 0)

    # Which caption is whose

    def test_numbers_as_python_and_tables_write_them(self):
        expected = self.evaluate(self.references, self.results)["scores"]
        captions = {i + 1: text.replace("a ", "the ") for i, text in enumerate(SENTENCES)}
        floats = ",".join(f'{{"image_id": {i}.0, "caption": {json.dumps(c)}, "score": NaN, "x": [-Infinity]}}'
                          for i, c in captions.items())
        rows = "".join(f"{i}.0,{c}\n" for i, c in captions.items())
        for name, content in [("floats.json", f"[{floats}]"), ("floats.csv", "image_id,caption\n" + rows)]:
            self.assertEqual(self.evaluate(self.references, self.write(name, content))["scores"], expected)
        self.refuse('"image_id" is NaN, expected', self.references,
                    self.write("nan.json", '[{"image_id": NaN, "caption": "a"}]'))

    def test_results_of_standard_input_and_pipes(self):
        expected = self.evaluate(self.references, self.results)
        content = self.results.read_bytes()
        for arguments in (["--references", self.references, "--results", "-"], [self.references, "-"]):
            answer = self.evaluate(*arguments, input=content)
            self.assertEqual(answer["name"], "standard input")
            self.assertEqual(answer["scores"], expected["scores"])
        answer = self.evaluate("-", self.results, input=self.references.read_bytes())
        self.assertEqual((answer["references"], answer["scores"]), ("standard input", expected["scores"]))
        read, write = os.pipe()
        with os.fdopen(write, "wb") as pipe:
            pipe.write(content)
        self.addCleanup(os.close, read)
        answer = self.evaluate(self.references, f"/dev/fd/{read}", pass_fds=[read])
        self.assertEqual((answer["name"], answer["scores"]), (f"/dev/fd/{read}", expected["scores"]))
        self.refuse("more than once", "-", "-", code=2)
        self.refuse("standard input: the file is empty", self.references, "-", input=b"")
        self.refuse("standard input: cannot read", self.references, "-", stdin=os.open(self.folder, os.O_RDONLY))

    def test_partial_leaves_out_pictures_without_references(self):
        references = json.loads(self.references.read_bytes())
        references["images"] += [{"id": 70, "file_name": "x.png"}, {"id": 71, "file_name": "y.png"}]
        more = self.write("more.json", json.dumps(references))
        self.refuse("more.json: 2 of 8 pictures have no captions: 70, 71 (--partial scores the others alone)",
                    more, self.results)
        expected = self.evaluate(self.references, self.results)["scores"]
        captions = {entry["image_id"]: entry["caption"] for entry in json.loads(self.results.read_bytes())}
        for results in (self.results, self.captions_file("all.json", {**captions, 70: "a kettle"})):
            result = self.run_evaluate(more, results, "--partial", "--json")
            self.expect(result, 0, stderr="warning: more.json: 2 of 8 pictures have no captions: 70, 71; they are left out")
            answer = json.loads(result.stdout)
            self.assertEqual((answer["pictures"], answer["scores"]), (6, expected))
        other = self.captions_file("other.json", {70: "a kettle"})
        self.refuse("no picture has references and a caption", more, other, "--partial")

    def test_forms_agree(self):
        expected = self.evaluate(self.references, self.results)["scores"]
        references = json.loads(self.references.read_text())
        texts = {image["id"]: [a["caption"] for a in references["annotations"] if a["image_id"] == image["id"]]
                 for image in references["images"]}
        karpathy = self.write("k.json", json.dumps({"images": [
            {"imgid": 0, "cocoid": i, "filename": "x.jpg", "split": "val" if i == 6 else "test",
             "sentences": [{"raw": text} for text in captions]} for i, captions in texts.items()]}))
        lines = self.write("r.jsonl", "".join(json.dumps({"id": str(i), "captions": captions}) + "\r\n"
                                              for i, captions in texts.items()))
        table = self.folder / "r.csv"
        with open(table, "w", newline="", encoding="utf-8-sig") as file:
            csv.writer(file).writerows([["image_id", "caption"]] + [[i, text] for i, captions in texts.items()
                                                                     for text in captions])
        for form in (karpathy, lines, table):
            self.assertEqual(self.evaluate(form, self.results)["scores"], expected, form)
        self.refuse("1 of 6 captions are of no picture of k.json: 6",
                    karpathy, self.results, "--split", "test")

    def test_paths_find_their_pictures(self):
        expected = self.evaluate(self.references, self.results)["scores"]
        captions = {r["image_id"]: r["caption"] for r in json.loads(self.results.read_text())}
        for name in ("val/{}.png", "/data/coco/val/{}.png", "./{}.png", "{}.png", "elsewhere/{}.png"):
            lines = "".join(json.dumps({"path": name.format(i), "caption": c, "score": -1.0}) + "\n"
                            for i, c in captions.items())
            self.assertEqual(self.evaluate(self.references, self.write("p.jsonl", lines))["scores"], expected)

    def test_names_of_several_pictures_find_none(self):
        references = self.write("two.json", json.dumps({
            "images": [{"id": 1, "file_name": "a/x.png"}, {"id": 2, "file_name": "b/x.png"}],
            "annotations": [{"image_id": i, "caption": "a cat"} for i in (1, 2)]}))
        def results(*paths):
            return self.write("p.jsonl", "".join(json.dumps({"path": p, "caption": "a cat"}) + "\n" for p in paths))
        self.assertEqual(self.evaluate(references, results("z/b/x.png", "a/x.png"))["pictures"], 2)
        self.refuse("p.jsonl: 1 of 2 captions are of no picture of two.json: x.png", references,
                    results("a/x.png", "x.png"))
        self.refuse("p.jsonl: a/x.png and z/a/x.png are the same picture of two.json", references,
                    results("a/x.png", "z/a/x.png"))

    def test_missing_and_extra_ids(self):
        some = self.captions_file("some.json", {i: SENTENCES[int(i)] for i in (2, "4", 5)})
        self.refuse("some.json: 3 of 6 pictures have no caption: 1, 3, 6 (--partial", self.references, some)
        result = self.expect(self.run_evaluate(self.references, some, "--partial", "--json"), 0,
                             stderr="3 of 6 pictures have no caption: 1, 3, 6; they are left out")
        answer = json.loads(result.stdout)
        self.assertEqual(answer["pictures"], 3)
        self.assertEqual(len(answer["warnings"]), 1)
        extra = self.captions_file("extra.json", {i: "a" for i in range(1, 14)})
        for partial in ([], ["--partial"]):
            self.refuse("7 of 13 captions are of no picture of captions.json: 7, 8, 9, 10, 11 and 2 more",
                        self.references, extra, *partial)
        self.refuse("no picture has references and a caption", self.references, self.write("none.json", "[]"), "--partial")

    def test_partial_scores_what_every_file_has(self):
        a = self.captions_file("a.json", {i: SENTENCES[i - 1] for i in (1, 2, 3)})
        b = self.captions_file("b.json", {i: SENTENCES[i - 1] for i in (2, 3, 4)})
        result = self.expect(self.run_evaluate(self.references, a, b, "--partial", "--json"), 0)
        self.assertEqual(json.loads(result.stdout)["pictures"], 2)

    def test_an_id_twice(self):
        twice = self.write("twice.json", json.dumps([{"image_id": 1, "caption": "a"},
                                                     {"image_id": "1", "caption": "b"}]))
        self.refuse("twice.json: entry 2: duplicate picture 1", self.references, twice)

    # Bad input

    def test_files_the_wrong_way_round(self):
        self.refuse("results.json: a JSON list is a file of results; references are", self.results,
                    self.references)
        self.refuse("captions.json: {\"images\": ...} is a file of references; results are",
                    self.references, self.references)

    def test_broken_files(self):
        for content, message in ((b"", "bad.json: the file is empty"),
                                 (b'[{"image_id": 1, "caption": "\xff"}]', "bad.json:1: not valid JSON"),
                                 (b"[" * 10000 + b"]" * 10000, "bad.json: JSON is nested more than"),
                                 (b'[{"image_id": 1, "caption": 5}]', "entry 1 (picture 1)"),
                                 (b'[{"image_id": null, "caption": "a"}]', "entry 1: \"image_id\" is null"),
                                 (b'image_id,caption\n1,"a\n', "bad.json:2: a quote is opened")):
            self.refuse(message, self.references, self.write("bad.json", content))
        self.refuse("absent.json", self.references, self.folder / "absent.json")
        self.refuse("pictures have no captions: 1", self.coco("silent.json", {1: [], 2: ["a"]}), self.results)

    def test_odd_captions_are_captions(self):
        odd = {1: "", 2: "|||", 3: "a\tb\nc\r\nd", 4: "\u0000 zero", 5: "... !?", 6: "\U0001F600 e\u0301"}
        answer = self.evaluate(self.references, self.captions_file("odd.json", odd))
        self.assertTrue(all(0 <= score <= 1 for score in answer["scores"].values()), answer)
        answer = self.evaluate(self.coco("odd-references.json", {i: [c] for i, c in odd.items()}), self.results,
                               "--raw")
        self.assertTrue(all(0 <= score <= 10 for score in answer["scores"].values()), answer)

    def test_a_caption_of_100000_words(self):
        long = self.captions_file("long.json", {**dict(enumerate(SENTENCES, 1)), 3: "a red bus " * 33334})
        answer = self.evaluate(self.references, long)
        self.assertEqual(answer["diversity"]["longest"], 100002)
        self.assertLess(answer["scores"]["bleu_1"], 0.01)

    def test_captions_too_long_for_meteor_are_named(self):
        references = self.coco("long.json", {1: ["a cat"], 7: ["word " * 200]})
        results = self.captions_file("longer.json", {1: "a cat", 7: "word " * 100000})
        self.refuse("longer.json: picture 7: meteor: a caption of 100000 words", references, results,
                    metrics="meteor")

    def test_outputs_that_cannot_be(self):
        for option in ("--per-image", "--report", "--save-document-frequencies"):
            self.refuse("there is no folder", self.references, self.results, option, self.folder / "no" / "o")
            before = self.results.read_bytes()
            self.refuse(f"{option}: ", self.references, self.results, option, self.results, code=2)
            self.assertEqual(self.results.read_bytes(), before)
            self.refuse(f"{self.folder}: cannot write: is a folder", self.references, self.results, option, self.folder)
        both = self.folder / "both"
        self.refuse("--report: ", self.references, self.results, "--report", both, "--per-image", both, code=2)
        self.refuse("needs cider_d or cider", self.references, self.results, "--save-document-frequencies",
                    both, metrics="bleu", code=2)
        self.refuse("is an input", self.references, self.results, "--report",
                    self.folder / "." / "captions.json", code=2)

    def test_wrong_use(self):
        self.refuse("--results", self.references, code=2)
        self.refuse("references", code=2)
        self.refuse("--bootstrap", self.references, self.results, "--bootstrap", "0", code=2)
        self.refuse("--rule", self.references, self.results, "--rule", "other", code=2)
        self.refuse("no split", self.references, self.results, "--split", "test")
        self.refuse("no METEOR data", self.references, self.results, "--metric-data", self.folder,
                    metrics="meteor")
        environment = support.environment(BLIP_METRIC_DATA=os.fspath(self.folder))
        self.refuse("no METEOR data", self.references, self.results, metrics="meteor", env=environment)
        self.refuse("7", self.references,
                    self.results, "--explain", "7", code=2)

    def test_messages_in_words_of_its_own(self):
        both = [self.references, self.results]
        for message, arguments in [
                ('--bootstrap: "0", expected a whole number from 1 to 1000000', [*both, "--bootstrap", "0"]),
                ('--bootstrap: "x", expected a whole number from 1 to 1000000', [*both, "--bootstrap", "x"]),
                ("--seed x: expected a number", [*both, "--seed", "x"]),
                ('--rule: "other", expected corrected or literal', [*both, "--rule", "other"]),
                ("--explain: the value is empty", [*both, "--explain", ""]),
                ("--split needs a value (NAME)", [*both, "--split"]),
                ("--references is missing", []),
                ("--json and --explain cannot be given together", [*both, "--explain", "1", "--json"]),
                ("--raw takes no value", [*both, "--raw=3"])]:
            with self.subTest(message):
                result = support.run("evaluate", *map(os.fspath, arguments))
                self.expect(result, 2, stdout=b"", stderr=message)
        broken = self.write("broken.json", '[{"image_id": 1,')
        self.refuse("broken.json:1: not valid JSON (it ends too early)", self.references, broken)

    def test_category_words_that_are_none(self):
        references = self.coco("fashion.json", {1: ["a red dress"]})
        for content, message in [("[]", "words.json: the file is a list, expected {"),
                                 ('{"15": [3]}', "words.json: category 15 has a word that is a number, expected {"),
                                 ('{"15": []}', "words.json: category 15 has no words, expected {")]:
            self.refuse(message, references, self.captions_file("r.json", {1: "a dress"}), "--category-words",
                        self.write("words.json", content), metrics="bleu,sls")

    def test_a_list_takes_one_argument(self):
        answer = self.evaluate("--metrics", "bleu,cider_d", self.references, self.results, metrics=None)
        self.assertEqual(list(answer["scores"]), ["bleu_1", "bleu_2", "bleu_3", "bleu_4", "cider_d"])
        answer = self.evaluate("--metrics", "bleu", "--metrics", "cider", self.references, self.results, metrics=None)
        self.assertEqual(list(answer["scores"]), ["bleu_1", "bleu_2", "bleu_3", "bleu_4", "cider"])

    def test_options_without_effect_are_refused(self):
        both = [self.references, self.results]
        of_captions = "the captions are those of --results"
        for option, why, metrics in [
                (["--model", os.path.join(support.MODEL, "")], of_captions, "bleu"), (["--prompt", "a"], of_captions, "bleu"),
                (["--batch", "3"], of_captions, "bleu"), (["--num-beams", "3"], of_captions, "bleu"),
                (["--do-sample"], of_captions, "bleu"), (["--images", self.folder], "no --report", "bleu"),
                (["--seed", "3"], "nothing is drawn", "bleu"),
                (["--metric-data", self.folder], "neither meteor nor spice", "bleu"),
                (["--document-frequencies", self.results], "neither cider_d nor cider", "bleu"),
                (["--rule", "literal"], "neither als nor sls", "bleu"),
                (["--category-words", self.results], "sls is not among", "bleu"),
                (["--bootstrap", "9"], "diversity has no intervals", "diversity"),
                (["--explain", "1"], "none of them is among the --metrics", "cider")]:
            with self.subTest(option):
                self.refuse(f"{option[0]} has no effect: ", *both, *option, metrics=metrics, code=2)
                self.refuse(why, *both, *option, metrics=metrics, code=2)
        self.refuse("--bootstrap has no effect: an explanation", *both, "--explain", "1", "--bootstrap", "9", code=2)
        # What the environment says is meant for every command.
        self.evaluate(*both, env=support.environment(BLIP_METRIC_DATA=os.fspath(self.folder)), metrics="bleu")
        self.evaluate(*both, "--seed", "3", "--bootstrap", "20", metrics="bleu")

    # Explanations, reports, models

    def test_explains_a_picture(self):
        result = self.expect(self.run_evaluate(self.references, self.results, "--explain", "3"), 0)
        text = result.stdout.decode()
        self.assertIn("a red bus on the street", text.replace("the red", "a red"))
        self.assertIn("BLEU", text)
        self.assertNotIn("two dogs", text)

    def test_writes_a_report(self):
        report = self.folder / "report.html"
        result = self.expect(self.run_evaluate(self.references, self.results, "--report", report), 0)
        self.assertIn(b"BLEU-4", result.stdout)
        page = report.read_text()
        for text in ("</html>", "BLEU-4", "children fly"):
            self.assertIn(text, page)

    def garments(self):
        """References with pictures, attributes and categories."""
        self.expect(support.run("garments", self.folder / "drawn", "--count", "8"), 0)
        return self.folder / "drawn" / "captions.json", self.folder / "drawn" / "images"

    def test_captions_and_scores_in_one_go(self):
        references, images = self.garments()
        captions = support.run("caption", "--json", images).stdout
        from_file = self.evaluate(references, self.write("r.jsonl", captions))
        answer = self.evaluate(references, "--images", images)
        self.assertEqual(answer["name"], "blip-clothing-tiny")
        self.assertEqual(answer["scores"], from_file["scores"])
        beams = self.evaluate("--references", references, "--images", images, "--model", support.MODEL,
                              "--num-beams", "3", "--batch", "3", "--prompt", "a photo of")
        self.assertNotEqual(beams["scores"], answer["scores"])
        def sampled(seed):
            return self.evaluate(references, "--images", images, "--do-sample", "--seed", seed)["scores"]
        self.assertEqual(sampled("1"), sampled("1"))
        self.assertNotEqual(sampled("1"), sampled("2"))

    def test_pictures_that_cannot_be_read(self):
        references, images = self.garments()
        victim = sorted(images.iterdir())[2]
        victim.write_bytes(b"no picture")
        self.refuse("1 of 8 pictures have no caption: 3", references, "--images", images)
        result = self.run_evaluate(references, "--images", images, "--partial", "--json")
        self.expect(result, 1, stderr=victim.name)
        self.assertEqual(json.loads(result.stdout)["pictures"], 7)
        self.refuse("/nowhere", references, "--images", images, "--model", "/nowhere")

    def test_pictures_without_captions_are_not_captioned(self):
        references, images = self.garments()
        content = json.loads(references.read_text())
        content["images"].append({"id": 99, "file_name": "absent.png"})
        more = self.write("more.json", json.dumps(content))
        result = self.run_evaluate("--json", more, "--images", images, "--partial")
        self.expect(result, 0, stderr="1 of 9 pictures have no captions: 99")
        self.assertEqual(result.stderr.count(b"\n"), 1)
        scored = json.loads(result.stdout)
        self.assertEqual(scored["scores"], self.evaluate(references, "--images", images)["scores"])
        self.refuse("1 of 9 pictures have no captions: 99 (--partial", more, "--images", self.folder / "absent")

    def test_attributes_and_categories(self):
        references, _ = self.garments()
        own = {a["image_id"]: a["caption"] for a in json.loads(references.read_text())["annotations"]}
        answer = self.evaluate(references, self.captions_file("own.json", own), metrics="als,sls")
        self.assertEqual(answer["scores"]["sls"], 1)
        self.assertGreater(answer["scores"]["als"], 0.7)  # what the tagger takes for adjectives
        other = self.evaluate(references, self.captions_file("other.json", {i: "a thing" for i in own}),
                              metrics="als,sls")
        self.assertEqual(other["scores"], {"als": 0, "sls": 0})
        literal = self.evaluate(references, self.captions_file("own.json", own), "--rule", "literal",
                                metrics="als,sls")
        self.assertIn("literal", literal["notes"]["als"])

    def test_the_literal_rule_counts_attributes_as_often_as_they_are_listed(self):
        annotation = {"image_id": 1, "caption": "a red scarf", "attributes": ["red", "red", "wool"]}
        references = self.write(
            "repeated.json", json.dumps({"images": [{"id": 1}], "annotations": [annotation, annotation]})
        )
        results = self.captions_file("scarf.json", {1: "a red scarf"})
        for rule, als in [("corrected", 1 / 2), ("literal", 1 / 3)]:
            answer = self.evaluate(references, results, "--rule", rule, metrics="als")
            self.assertAlmostEqual(answer["scores"]["als"], als)

    def test_category_words_of_a_file(self):
        annotations = [{"image_id": 1, "caption": "a gown", "category": 4},
                       {"image_id": 2, "caption": "a t-shirt", "category": 15}]
        references = self.write("r.json", json.dumps({"images": [{"id": 1}, {"id": 2}], "annotations": annotations}))
        results = self.captions_file("c.json", {1: "a gown", 2: "a shirt"})
        self.refuse("category 15 is a number; --category-words says its word", references, results,
                    metrics="sls", code=2)
        words = self.write("words.json", json.dumps({"4": ["dress", "gown"], "11": "shirt", "15": "t-shirt"}))
        answer = self.evaluate(references, results, "--category-words", words, metrics="sls")
        self.assertEqual(answer["scores"]["sls"], 0.5)
        words.rename(self.folder / "good.json")
        for content in ('[]', '{"1": 2}', '{"1": []}', '{"1": ["a", null]}'):
            self.refuse("words.json: ", references, results, "--category-words",
                        self.write("words.json", content), metrics="sls")
        self.refuse("the references have no categories", self.references, self.results, "--category-words",
                    self.folder / "good.json", metrics="bleu,sls", code=2)


if __name__ == "__main__":
    unittest.main()
