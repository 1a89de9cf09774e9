"""blip evaluate --report: one HTML file that is well formed, self-contained and safe whatever the
captions hold, and that says the same numbers as --json."""

import base64
import html.parser
import json
import os
import re
import unittest
import urllib.parse

import support

NGRAMS = "bleu,rouge_l,cider_d"
VOID = {"meta", "img", "br"}
HOSTILE = ["<script>alert(1)</script> a \"quoted\" 'man' & a dog", "</style></span><img src=x onerror=alert(1)>",
           "\u202eright to left override", "\u05d7\u05ea\u05d5\u05dc \u05e9\u05d7\u05d5\u05e8 \u05e2\u05dc \u05e9\u05d5\u05dc\u05d7\u05df",
           "\U0001f468\u200d\U0001f469\u200d\U0001f467 a family \U0001f6b4 \u4e2d\u6587", "nul \x00 bell \x07 escape \x1b[31m c1 \x9b",
           "]]> --> <!-- &lt; &#60;", "word " * 10_000, "x" * 50_000, "\u00e9" * 3000, ""]


class Page(html.parser.HTMLParser):
    """A page whose every element is closed where it has to be; collects what tests ask for."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.images, self.attributes = [], [], []
        self.texts = []  # (number, tag and class of the elements around, text)
        self.tags, self.elements = set(), 0
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes
        attributes = dict(attributes)
        if tag == "img":
            self.images.append(attributes)
        if tag not in VOID:
            self.elements += 1
            self.open.append((tag, (attributes.get("class") or "").split(), self.elements))

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, text):
        self.texts.append((list(self.open), text))

    def text(self, name):
        """The whole text of each element with this tag or class."""
        result = {}
        for around, text in self.texts:
            for tag, classes, element in around:
                if name == tag or name in classes:
                    result[element] = result.get(element, "") + text
        return list(result.values())

    def all_text(self):
        return "".join(text for _, text in self.texts)


class Report(support.Case):
    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def references(self, captions, file_name="{}.png", category=None):
        return self.write("captions.json", {
            "images": [{"id": i, "file_name": file_name.format(i)} for i in captions],
            "annotations": [{"id": 100 * i + n, "image_id": i, "caption": text,
                             **({"category": category(i)} if category else {})}
                            for i, texts in captions.items() for n, text in enumerate(texts)]})

    def results(self, name, captions):
        return self.write(name, [{"image_id": i, "caption": text} for i, text in captions.items()])

    def evaluate(self, *arguments, metrics=NGRAMS):
        return self.expect(support.run("evaluate", "--metrics", metrics, *map(os.fspath, arguments)), 0)

    def report(self, *arguments, **options):
        """The text of the report, which must need nothing from elsewhere, and the parsed page."""
        path = self.folder / "report.html"
        self.evaluate("--report", path, *arguments, **options)
        text = path.read_text()
        page = Page(text)
        self.assertNotIn("script", page.tags)
        self.assertEqual([name for name, _ in page.attributes if name.startswith("on")], [])
        for name, value in page.attributes:
            if name in ("src", "href"):
                self.assertRegex(value, r"^(#|data:image/|[\w./%~-]+$)")
        self.assertNotRegex(text.split("</style>")[0], r"@import|url\(")
        return text, page

    def some(self, count=30):
        nouns = ["dog", "cat", "horse", "bus", "boat", "kite", "cow"]
        places = ["street", "beach", "field", "table"]
        def caption(i, j=0):
            return f"a {nouns[(i + j) % 7]} on a {places[i % 4]}"
        references = {i: [caption(i), f"there is {caption(i)}"] for i in range(1, count + 1)}
        return references, {i: caption(i, i % 3 == 0) for i in range(1, count + 1)}

    def test_numbers_are_those_of_json(self):
        references, captions = self.some()
        arguments = ["--references", self.references(references), "--results",
                     self.results("r.json", captions), "--bootstrap", "50"]
        answer = json.loads(self.evaluate("--json", *arguments).stdout)
        text, page = self.report(*arguments)
        shown = [float(number) for number in page.text("b")[:len(answer["scores"])]]
        self.assertEqual(shown, [round(score, 4) for score in answer["scores"].values()])
        self.assertIn("30 pictures, 60 references", text)
        self.assertEqual(text.count('class="histogram"'), len(answer["scores"]))
        self.assertEqual(len(page.text("interval")), len(answer["scores"]))

    def test_best_and_worst_are_shown_by_cider(self):
        references, captions = self.some()
        captions[17] = "nothing of this is there"
        arguments = ["--references", self.references(references), "--results", self.results("r.json", captions)]
        lines = self.folder / "images.jsonl"
        text, page = self.report(*arguments, "--per-image", lines)
        scores = {str(entry["image_id"]): entry["scores"]["cider_d"]
                  for entry in map(json.loads, lines.read_text().splitlines())}
        ids = [text.split(" · ")[0] for text in page.text("id")]
        self.assertEqual(len(ids), 12)
        order = sorted(scores.values(), reverse=True)
        self.assertEqual([scores[i] for i in ids], order[:6] + order[:-7:-1])
        self.assertEqual(ids[6], "17")
        worst = text.split("<h3>Worst</h3>")[1]
        self.assertIn("<mark>nothing</mark> <mark>of</mark> <mark>this</mark>", worst)
        self.assertIn("is", re.sub(r"<mark>.*?</mark>", "", worst))

    def test_hostile_captions_are_text(self):
        references = {i: [text, "a man and a dog"] for i, text in enumerate(HOSTILE, 1) if text}
        captions = {i: HOSTILE[(i * 7) % len(HOSTILE)] for i in references}
        text, page = self.report("--references", self.references(references), "--results",
                                 self.results("r.json", captions), "--raw")
        shown = page.all_text()
        for hostile in HOSTILE[:5] + HOSTILE[6:7]:
            self.assertIn(hostile, shown)
        self.assertIn("nul \ufffd bell \ufffd escape \ufffd[31m c1 \ufffd", shown)
        self.assertIn("9,880 more words", shown)
        self.assertIn("x" * 2000 + "…", shown)
        self.assertIn("é" * 1000 + "…", shown)
        self.assertIn("(empty)", shown)
        self.assertNotIn("\ufffd…", shown)
        self.assertLess(len(text), 200_000)
        self.assertIn("Raw", shown)
        self.assertEqual(len(page.images), 0)
        # Text from right to left stays in an element of its own.
        for around, part in page.texts:
            if "\u202e" in part:
                self.assertTrue(any("caption" in classes for _, classes, _ in around), around)

    def test_hostile_names(self):
        name = "<img src=x onerror=alert(1)> \"&.json"
        references, captions = self.some(3)
        _, page = self.report("--references", self.references(references, file_name="<b>{}.png"),
                              "--results", self.results(name, captions))
        self.assertIn(name, page.all_text())
        self.assertIn("<b>1.png", page.all_text())
        self.assertNotIn("img", page.tags)

    def test_pictures_are_embedded_or_linked(self):
        references, captions = self.some(4)
        small = self.picture("photos/val/1.png", seed=1)
        large = self.picture("photos/val/2 ü%.png", seed=2)
        large.write_bytes(large.read_bytes() + bytes(600_000))
        self.write("photos/val/3.png", "this is text")
        self.picture("secret.png", seed=3)
        file = self.references(references)
        content = json.loads(file.read_text())
        names = ["val/1.png", "val/2 ü%.png", "val/3.png", "../secret.png"]
        for image, name in zip(content["images"], names):
            image["file_name"] = name
        file.write_text(json.dumps(content))
        _, page = self.report("--references", file, "--results", self.results("r.json", captions),
                              "--images", self.folder / "photos")
        sources = {image["alt"]: image["src"] for image in page.images}
        self.assertEqual(set(sources), {"picture 1", "picture 2"})
        head, data = sources["picture 1"].split(",")
        self.assertEqual(head, "data:image/png;base64")
        self.assertEqual(base64.b64decode(data, validate=True), small.read_bytes())
        link = urllib.parse.unquote(sources["picture 2"])
        self.assertEqual((self.folder / link).resolve(), large.resolve())
        self.assertFalse(os.path.isabs(link))

    def test_base64_of_every_length(self):
        references, captions = self.some(4)
        for i in range(1, 5):
            path = self.picture(f"photos/{i}.png", seed=i)
            path.write_bytes(path.read_bytes() + b"\xff" * i)
        _, page = self.report("--references", self.references(references), "--results",
                              self.results("r.json", captions), "--images", self.folder / "photos")
        for i in range(1, 5):
            source, = [image["src"] for image in page.images if image["alt"] == f"picture {i}"]
            self.assertEqual(base64.b64decode(source.split(",")[1], validate=True),
                             (self.folder / f"photos/{i}.png").read_bytes())

    def test_categories(self):
        references, captions = self.some()
        file = self.references(references, category=lambda i: "odd <kind>" if i % 2 else "even")
        _, page = self.report("--references", file, "--results", self.results("r.json", captions))
        cells = page.text("td")
        self.assertIn("odd <kind>", cells)
        even = cells.index("even")
        self.assertEqual(cells[even + 1], "15")
        half = {i: text for i, text in captions.items() if i % 2 == 0}
        answer = json.loads(self.evaluate("--json", "--partial", "--references", file, "--results",
                                          self.results("half.json", half)).stdout)
        # BLEU of a category is that of its pictures alone (CIDEr weighs words by all pictures).
        for n in range(4):
            self.assertEqual(float(cells[even + 2 + n]), round(answer["scores"][f"bleu_{n + 1}"], 3))

    def test_several_files_side_by_side(self):
        references, captions = self.some()
        other = {i: text.replace("a dog", "two dogs").replace(" on ", " near ") for i, text in captions.items()}
        first, second = self.results("a.json", captions), self.results("b.json", other)
        file = self.references(references)
        answer = json.loads(self.evaluate("--json", "--references", file, "--results", first,
                                          "--results", second).stdout)
        text, page = self.report("--references", file, "--results", first, "--results", second)
        shown = [float(number) for number in page.text("b")[:2 * len(answer["results"][0]["scores"])]]
        self.assertEqual(shown, [round(results["scores"][key], 4) for key in answer["results"][0]["scores"]
                                 for results in answer["results"]])
        self.assertRegex(text, r"worse on 30, equal on 0")
        self.assertIn("<mark>near</mark>", text)
        self.assertIn("<mark>on</mark>", text)
        self.assertNotIn("<mark>a</mark> <mark>cat</mark>", text)
        differences = page.text("worse")
        self.assertEqual(len(differences), 6)
        self.assertTrue(all(d.startswith("−") and d.endswith("***") for d in differences), differences)
        three, _ = self.report("--references", file, "--results", first, "--results", second, "--results",
                               self.results("c.json", captions))
        self.assertIn("worse on 0, equal on 30", three)

    def test_one_picture_and_diversity_alone(self):
        references, captions = self.some(1)
        arguments = ["--references", self.references(references), "--results", self.results("r.json", captions)]
        text, _ = self.report(*arguments)
        self.assertIn("1 picture, 2 references", text)
        text, _ = self.report(*arguments, metrics="diversity")
        self.assertIn("Distinct-4", text)
        self.assertNotIn("histogram\"", text)

    def test_scene_graphs(self):
        references = {1: ["a young man rides a brown horse", "a person on a horse next to a horse"],
                      2: ["two dogs", "a red bus"]}
        captions = {1: "a man rides a black horse", 2: "a tree"}
        arguments = ["--references", self.references(references), "--results", self.results("r.json", captions)]
        text, page = self.report(*arguments, "--explain", "1", metrics="spice,cider_d")
        hypothesis, together = [svg for svg in re.findall(r"<svg class=\"scene\".*?</svg>", text)]
        self.assertEqual(hypothesis.count('class="object hit"'), 2)
        self.assertEqual(hypothesis.count('class="relation hit"'), 1)
        self.assertEqual(hypothesis.count('class="attribute miss"'), 1)
        self.assertIn("black", hypothesis)
        self.assertIn("ride", together)
        for svg in hypothesis, together:
            width, height = map(float, re.search(r'width="([\d.]+)" height="([\d.]+)"', svg).groups())
            for x, y, w, h in re.findall(r'<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"', svg):
                self.assertGreaterEqual(float(x), 0)
                self.assertGreaterEqual(float(y), 0)
                self.assertLessEqual(float(x) + float(w), width)
                self.assertLessEqual(float(y) + float(h), height)

    def test_unwritable(self):
        references, captions = self.some(2)
        arguments = ["--references", self.references(references), "--results", self.results("r.json", captions)]
        self.expect(support.run("evaluate", *map(os.fspath, arguments), "--metrics", NGRAMS, "--report",
                                os.fspath(self.folder / "no" / "r.html")), 3, stdout=b"", stderr="no folder")


if __name__ == "__main__":
    unittest.main()
