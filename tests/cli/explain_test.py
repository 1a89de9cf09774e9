"""blip evaluate --explain: the arithmetic that is printed gives the numbers that are printed, and
these are the ones of --per-image."""

import json
import math
import os
import random
import re
import unittest

import support

LISTS = support.SOURCE / "tests" / "metrics" / "golden" / "meteor_lists"
WORDS = "a the man woman dog dogs rides riding ride horse on in of street red black and bus two".split()


def value(expression, **names):
    """What a printed formula gives: numbers, + - * / ^, brackets, exp and `names`."""
    text = expression.replace("[", "(").replace("]", ")").replace("^", "**")
    text = re.sub(r"(?<=[\d)]) (?=[(])|(?<=[\d)PR]) (?=[PR(])", " * ", text)  # "0.6 (..." and "P R"
    if not re.fullmatch(r"[-+*/(). \deEPRFxp]+", text):
        raise ValueError(f"not a formula: {expression}")
    return eval(text, {"__builtins__": {}, "exp": math.exp, **names})  # the characters are checked


class Explain(support.Case):
    def write(self, name, content):
        path = self.folder / name
        path.write_text(json.dumps(content))
        return path

    def files(self, pictures):
        """References and results of {id: (caption, [reference, ...])}."""
        references = self.write("captions.json", {
            "images": [{"id": i, "file_name": f"{i}.png"} for i in pictures],
            "annotations": [{"id": n, "image_id": i, "caption": text}
                            for i, (_, texts) in pictures.items() for n, text in enumerate(texts)]})
        return ["--references", references, "--results",
                self.write("r.json", [{"image_id": i, "caption": c} for i, (c, _) in pictures.items()])]

    def run_evaluate(self, *arguments, metrics="bleu,rouge_l,cider_d,meteor", code=0):
        lists = ["--metric-data", os.fspath(LISTS)] if re.search("meteor|spice", metrics) else []
        return self.expect(support.run("evaluate", *lists, "--metrics", metrics, *map(os.fspath, arguments)), code)

    def explain(self, files, picture, **options):
        text = self.run_evaluate(*files, "--explain", str(picture), **options).stdout.decode()
        # Paragraphs in one line each: what goes on is indented deeper than what begins.
        return text, re.sub(r"\n {10,}(?=[^ ])", " ", text)

    def scores(self, files, **options):
        path = self.folder / "images.jsonl"
        self.run_evaluate(*files, "--per-image", path, **options)
        return {line["image_id"]: line["scores"] for line in map(json.loads, path.read_text().splitlines())}

    def assert_follows(self, printed, expected, computed=None, delta=6e-5):
        self.assertAlmostEqual(float(printed), expected, delta=delta + 1e-3 * abs(expected) * (expected < 1e-4))
        if computed is not None:
            self.assertAlmostEqual(computed, expected, delta=5e-3 * max(abs(expected), 0.01) + 1e-6)

    def check(self, text, scores):
        """Every formula of an explanation."""
        for n in range(1, 5):
            formula, number = re.search(rf"BLEU-{n} = (.*) = (\S+)\n", text).groups()
            self.assert_follows(number, scores[f"bleu_{n}"], value(formula))
        rouge = re.search(r"ROUGE-L = .* R / \(R \+ 1\.44 P\) = (.*) = (\S+)\n", text)
        if rouge:
            self.assert_follows(rouge[2], scores["rouge_l"], value(rouge[1]))
        else:
            self.assertRegex(text, rf"in common: ROUGE-L = {scores['rouge_l']:.4f}\n")
        formula, number = re.search(r"CIDEr-D = the mean of the scores = (.*) = (\S+)\n", text).groups()
        self.assert_follows(number, scores["cider_d"], value(formula))
        rows = re.findall(r"\n  reference \d+ +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)", text)
        for *cosines, penalty, score in [map(float, row) for row in rows]:
            self.assertAlmostEqual(10 * sum(cosines) / 4 * penalty, score, delta=2e-3)
        self.check_meteor(text[text.index("\nMETEOR\n"):], scores["meteor"])

    def check_meteor(self, text, score):
        if "Nothing matches" in text:
            self.assertEqual(score, 0)
            return
        shares = {}
        for name in "PR":
            formula, number = re.search(rf"\n  {name} = (.*) = (\S+)\n", text).groups()
            shares[name] = value(formula)
            self.assert_follows(number, shares[name])
        formula, number = re.search(r"\n  F = (.*) = (\S+)\n", text).groups()
        self.assert_follows(number, value(formula, **shares))
        formula, number = re.search(r"METEOR = F \* .*? = (.*) = (\S+)\n", text).groups()
        self.assert_follows(number, score, value(formula))
        drawn = [int(n) for line in re.findall(r"\n  chunk +([\d ]+)", text) for n in line.split()]
        self.assertEqual(drawn, sorted(drawn))
        chunks, matched = re.search(r"chunks / matched words = (\d+)/([\d.]+) =", text).groups() \
            if "matched words =" in text else ("1", None)
        self.assertEqual(max(drawn), int(chunks))
        if matched:
            links = sum(len(line.split()) for line in re.findall(r"(?m)^ {13}((?:=|stem|syn|para| )+)$", text))
            self.assertLessEqual(links, float(matched) * 2)

    def test_formulas_of_random_captions(self):
        numbers = random.Random(4)

        def caption(most):
            return " ".join(numbers.choice(WORDS) for _ in range(numbers.randint(1, most)))
        pictures = {i: (caption(12), [caption(14) for _ in range(numbers.randint(1, 5))])
                    for i in range(1, 31)}
        pictures[31] = (pictures[3][1][0], pictures[3][1])  # the reference itself
        pictures[32] = ("zebra", ["two dogs"])
        pictures[33] = ("", ["two dogs", "a bus"])
        files = self.files(pictures)
        scores = self.scores(files)
        for i in pictures:
            with self.subTest(picture=i, captions=pictures[i]):
                text, joined = self.explain(files, i)
                self.check(joined, scores[i])
                self.assertLessEqual(max(map(len, text.splitlines())), 100)

    def test_what_is_matched_is_named(self):
        files = self.files({7: ("a man rides a red horse", ["the man is riding a horse", "a man and a bus"]),
                            8: ("a bus", ["a black bus"])})
        text, joined = self.explain(files, 7)
        self.assertTrue(text.startswith("Picture 7, 7.png, in "))
        self.assertIn("\n  caption       a man rides a red horse\n", text)
        self.assertIn("n = 1   4 of 6    matched: a (2 of 2), man, horse missed:  rides, red", joined)
        self.assertIn("n = 2   1 of 5    matched: a man ", joined)
        self.assertIn("reference 1   3 of 6 and 6 words:       man a horse\n", text)
        self.assertRegex(text, r"\n    horse +1 +1  0\.6931  0\.6931  1 of 2\n")
        self.assertRegex(text, r"\n  caption    .*rides .*\n +.*stem.*\n  reference  .*riding\[4\].*\n  chunk ")

    def test_clipping(self):
        files = self.files({1: ("the the the the the the the",
                                ["the cat is on the mat", "there is a cat on the mat"]), 2: ("a", ["a"])})
        _, joined = self.explain(files, 1)
        self.assertIn("n = 1   2 of 7    matched: the (2 of 7)\n", joined)
        self.assertIn("7 words, 7 in the reference closest in length: not too short, no penalty.", joined)
        self.assertIn("0 counts as 1e-15", joined)

    def test_several_files_and_raw(self):
        pictures = {1: ("A man.", ["a man"]), 2: ("a bus", ["the bus"])}
        files = self.files(pictures)
        more = self.write("other.json", [{"image_id": i, "caption": "two dogs"} for i in pictures])
        text, _ = self.explain(files + ["--results", more], 1)
        self.assertEqual(re.findall(r"(?m)^Picture 1, 1.png, in (.*)$", text), ["r.json", "other.json"])
        self.assertEqual(text.count("\nBLEU\n"), 2)
        text, _ = self.explain(files + ["--raw"], 1)
        self.assertIn("raw: split at spaces", text)
        self.assertIn("  caption       A man.\n", text)

    def test_a_file_of_word_weights_is_named(self):
        files = self.files({1: ("a man", ["a man"]), 2: ("a bus", ["the bus"])})
        weights = self.folder / "weights.txt"
        self.run_evaluate(*files, "--save-document-frequencies", weights, metrics="cider_d")
        _, joined = self.explain(files + ["--document-frequencies", weights], 1, metrics="cider_d")
        self.assertIn("idf = log(2 / the pictures of weights.txt whose references have it)", " ".join(joined.split()))
        _, joined = self.explain(files, 1, metrics="cider_d")
        self.assertIn("idf = log(2 / the pictures whose references have it)", " ".join(joined.split()))

    def test_only_the_metrics_that_were_asked_for(self):
        files = self.files({1: ("a man", ["a man"]), 2: ("a bus", ["the bus"])})
        text, _ = self.explain(files, 1, metrics="bleu,rouge_l")
        self.assertNotIn("METEOR", text)
        self.assertNotIn("SPICE", text)
        more = self.write("other.json", [{"image_id": 1, "caption": "a dog"}, {"image_id": 2, "caption": ""}])
        for metric, title in [("bleu", "BLEU"), ("rouge_l", "ROUGE-L"), ("cider_d", "CIDEr-D")]:
            text, _ = self.explain(files + ["--results", more], 1, metrics=metric)
            self.assertEqual(re.findall(r"(?m)^(BLEU|ROUGE-L|CIDEr-D|METEOR|SPICE)$", text), [title] * 2)
            self.assertEqual(re.findall(r"(?m)^Picture 1, 1.png, in (.*)$", text), ["r.json", "other.json"])

    def test_odd_captions(self):
        odd = "esc \x1b[31m nul \x00 c1 \x9b tab\tline\n \u05d7\u05ea\u05d5\u05dc \U0001f6b4 " + "x" * 500
        files = self.files({1: (odd, [odd, "a man"]), 2: ("word " * 10_000, ["word " * 9_000]),
                            3: ("a bus", ["the bus"] * 29)})
        text, _ = self.explain(files + ["--raw"], 1, metrics="bleu,rouge_l,cider_d")
        self.assertFalse(set(map(chr, [*range(10), *range(11, 32), 127, *range(128, 160)])) & set(text))
        self.assertIn("x" * 60 + "...", text)
        text, joined = self.explain(files, 2, metrics="bleu,rouge_l,cider_d")
        self.assertIn("... 9,940 more", text)
        self.assertIn("matched: word (9000 of 10000)", joined)
        self.assertIn("9000 of 10000 and 9000 words", joined)
        self.assertLess(len(text), 10_000)
        text, _ = self.explain(files, 3, metrics="bleu,rouge_l,cider_d")
        self.assertIn("  and 19 more references\n", text)

    def test_an_unknown_picture(self):
        files = self.files({1: ("a man", ["a man"]), 2: ("a bus", ["the bus"])})
        result = self.run_evaluate(*files, "--explain", "77", code=2)
        self.assertIn("there is no picture 77 among the 2 to be scored", result.stderr.decode())
        self.assertEqual(result.stdout, b"")

    def test_spice_tuples(self):
        pictures = {1: ("a young man rides a black horse", ["a man rides a horse", "two red dogs"]),
                    2: ("a bus", ["a zebra"])}
        files = self.files(pictures)
        scores = self.scores(files, metrics="spice")
        text, joined = self.explain(files, 1, metrics="spice")
        self.assertIn("(man) ", joined)
        self.assertIn("(man, ride, horse)", re.search(r"caption, matched (.*)\n", joined)[1])
        self.assertIn("(horse, black)", re.search(r"caption, not matched (.*)\n", joined)[1])
        p, precision, r, recall, f = re.search(
            r"P = (\d+/\d+) = (\S+), R = (\d+/\d+) = (\S+), SPICE = 2 P R / \(P \+ R\) = (\S+)\n", joined).groups()
        self.assert_follows(precision, value(p))
        self.assert_follows(recall, value(r))
        self.assert_follows(f, scores[1]["spice"], 2 * value(p) * value(r) / (value(p) + value(r)))
        _, joined = self.explain(files, 2, metrics="spice")
        self.assertIn("Nothing matches: SPICE = 0.0000", joined)


if __name__ == "__main__":
    unittest.main()
