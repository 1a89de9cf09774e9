"""blip tokenize: lines of text to ids and back."""

import json
import unittest

import support


class Tokenize(support.Case):
    def results(self, *arguments, text, code=0):
        process = self.expect(support.run("tokenize", *arguments, input=text), code)
        return [json.loads(line) for line in process.stdout.splitlines()], process.stderr.decode(errors="replace")

    def test_text_to_ids_and_pieces(self):
        results, errors = self.results(text="A navy dress\n\n[DEC] a\u0301 [SEP]\r\nno line feed".encode())
        self.assertEqual(errors, "")
        self.assertEqual([list(result) for result in results], [["text", "ids", "pieces"]] * 4)
        self.assertEqual([result["text"] for result in results],
                         ["A navy dress", "", "[DEC] a\u0301 [SEP]", "no line feed"])
        self.assertEqual(results[1]["ids"], [])
        self.assertEqual(results[2]["pieces"], ["[DEC]", "a", "[SEP]"])
        for result in results:
            self.assertEqual(len(result["ids"]), len(result["pieces"]))

    def test_there_and_back(self):
        texts = ["a navy dress", "a black shirt with a white background", ""]
        encoded = self.expect(support.run("tokenize", input="\n".join(texts).encode() + b"\n"), 0).stdout
        results, errors = self.results("--decode", text=encoded)
        self.assertEqual([list(result) for result in results], [["ids", "text"]] * 3)
        self.assertEqual([result["text"] for result in results], texts)
        self.assertEqual(errors, "")

    def test_ways_to_write_ids(self):
        results, _ = self.results("--decode", text=b"5 6,7\n [5, 6, 7]\n{\"ids\": [5, 6, 7]}\n  \n")
        self.assertEqual([result["ids"] for result in results], [[5, 6, 7]] * 3 + [[]])
        self.assertEqual(len({result["text"] for result in results[:3]}), 1)

    def test_bytes_that_are_not_utf8(self):
        results, _ = self.results(text=b"dre\xffss\xc3\n")
        self.assertEqual(results[0]["text"], "dre\ufffdss\ufffd")
        self.assertEqual(results[0]["ids"], self.results(text=b"dress\n")[0][0]["ids"])

    def test_bad_lines_are_named_and_the_others_go_on(self):
        lines = [b"5", b"foo", b"-1", b"[1, 2", b"[1.5]", b"{\"a\": 1}", b"99999999999999999999",
                 b"[18446744073709551615]", b"[\"\xff\"]", b"[" * 5000, b"6"]
        results, errors = self.results("--decode", text=b"\n".join(lines), code=1)
        self.assertEqual([result["ids"] for result in results], [[5], [6]])
        errors = errors.splitlines()
        self.assertEqual(len(errors), 9)
        for number, error in enumerate(errors, 2):
            self.assertTrue(error.startswith(f"blip: line {number}: "), error)
        self.assertIn('"foo" is not a token id', errors[0])
        self.assertIn("token id -1 is negative", errors[1])
        self.assertIn("not valid JSON", errors[2])
        self.assertIn("1.5 is not a token id", errors[3])
        self.assertIn('an object with "ids"', errors[4])
        self.assertIn('"99999999999999999999" is not a token id', errors[5])
        self.assertIn("18446744073709551615 is not a token id", errors[6])
        self.assertIn("nested more than 256 deep", errors[8])

    def test_an_id_beyond_the_vocabulary_is_noted(self):
        results, errors = self.results("--decode", text=b"5 123456\n")
        self.assertEqual(results[0]["text"], self.results("--decode", text=b"5\n")[0][0]["text"])
        self.assertEqual(errors, "blip: line 1: note: id 123456 is beyond the vocabulary and adds "
                                 "nothing to the text\n")

    def test_a_folder_without_vocabulary(self):
        process = self.expect(support.run("tokenize", "--model", self.folder, input=b"a\n"), 3)
        self.assertIn("has neither vocab.txt nor tokenizer.json", process.stderr.decode())
        self.assertEqual(process.stdout, b"")

    def test_wrong_use(self):
        for arguments in ["--nope"], ["text"]:
            self.expect(support.run("tokenize", *arguments, input=b""), 2)

    def test_help_has_examples(self):
        text = self.expect(support.run("tokenize", "--help"), 0).stdout.decode()
        self.assertIn("Examples:", text)
        self.assertIn("--decode", text)

    @unittest.skipUnless(support.GOLDEN.is_dir(), "needs the golden answers (the folder `shared`)")
    def test_golden_answers(self):
        model = str(support.GOLDEN / "captioner" / "model")
        answers = json.loads((support.GOLDEN / "captioner" / "tokenizer.json").read_text())
        answers = [answer for answer in answers if not set("\n\r") & set(answer["text"])]
        text = "\n".join(answer["text"] for answer in answers).encode()
        results, _ = self.results("--model", model, text=text)
        self.assertEqual([r["ids"] for r in results], [answer["ids"][1:-1] for answer in answers])
        ids = "\n".join(json.dumps(answer["ids"]) for answer in answers).encode()
        results, _ = self.results("--model", model, "--decode", text=ids)
        self.assertEqual([r["text"] for r in results], [answer["decoded"] for answer in answers])


if __name__ == "__main__":
    unittest.main()
