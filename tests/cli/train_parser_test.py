"""blip train-parser: SPICE's tagger and parser from treebanks."""

import json
import unittest

import support


def tree(text):
    """A line of a treebank from "word/TAG/head/relation ..."."""
    words = [word.split("/") for word in text.split()]
    return json.dumps({
        "id": "1", "text": " ".join(word[0] for word in words),
        "tokens": [[i, form, tag, form] for i, (form, tag, _, _) in enumerate(words, 1)],
        "edges": [[int(head), relation, i] for i, (_, _, head, relation) in enumerate(words, 1)],
    }) + "\n"


TREES = (tree("the/DT/2/det dog/NN/3/nsubj barks/VBZ/0/root")
         + tree("black/JJ/2/amod boots/NNS/0/root with/IN/4/case laces/NNS/2/nmod"))


class TrainParser(support.Case):
    def train(self, output, *options):
        return support.run("train-parser", "--train", self.folder / "trees.jsonl", "--output", output,
                           "--epochs", "2", "--network-epochs", "2", *options)

    def test_writes_three_files_and_prints_how_right_they_are(self):
        (self.folder / "trees.jsonl").write_text(TREES)
        done = self.train(self.folder / "out", "--dev", self.folder / "trees.jsonl")
        self.expect(done, 0, stderr="network: epoch 2 of 2, loss a word")
        self.assertRegex(done.stdout.decode(),
                         r"\Atrees\.jsonl: tags [\d.]+  UAS [\d.]+  LAS [\d.]+\n\Z")
        self.assertEqual(sorted(path.name for path in (self.folder / "out").iterdir()),
                         ["arcs.bin", "parser.bin", "tagger.bin"])

    def test_errors_write_nothing(self):
        (self.folder / "trees.jsonl").write_text(TREES.replace("[2, ", "[9, "))
        self.expect(self.train(self.folder / "out"), 3, stdout=b"", stderr="trees.jsonl")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["trees.jsonl"])
        self.expect(self.train(self.folder / "out", "--network-epochs", "0"), 2, stderr="--network-epochs")


if __name__ == "__main__":
    unittest.main()
