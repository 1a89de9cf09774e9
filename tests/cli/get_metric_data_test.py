"""tools/get_metric_data.sh, on a small wheel that pip finds in a folder."""

import gzip
import io
import os
import shutil
import subprocess
import unittest
import zipfile

import support

SCRIPT = support.SOURCE / "tools" / "get_metric_data.sh"
FILES = {"english.synsets": b"dog\n1\n", "english.exceptions": b"ox\noxen\n", "english.words": b"the\n",
         "english.prefixes": b"Mr\n", "COPYING.WORDNET": b"terms\n"}
TABLE = b"0.1\na lot of\nmany\n"


def zipped(files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def wheel(table=TABLE):
    jar = zipped({"synonym/english.synsets": FILES["english.synsets"],
                  "synonym/english.exceptions": FILES["english.exceptions"],
                  "synonym/COPYING.WORDNET": FILES["COPYING.WORDNET"],
                  "function/english.words": FILES["english.words"],
                  "nonbreaking/english.prefixes": FILES["english.prefixes"]})
    about = "pycocoevalcap-1.2.dist-info"
    return zipped({"pycocoevalcap/meteor/meteor-1.5.jar": jar,
                   "pycocoevalcap/meteor/data/paraphrase-en.gz": gzip.compress(table),
                   f"{about}/METADATA": b"Metadata-Version: 2.1\nName: pycocoevalcap\nVersion: 1.2\n",
                   f"{about}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
                   f"{about}/RECORD": b""})


def has_pip():
    return subprocess.run(["python3", "-m", "pip", "--version"], capture_output=True).returncode == 0


class GetMetricData(support.Case):
    def setUp(self):
        super().setUp()
        self.packages = self.folder / "packages"
        self.packages.mkdir()
        self.data = self.folder / "data"

    def provide(self, content):
        (self.packages / "pycocoevalcap-1.2-py3-none-any.whl").write_bytes(content)

    def fetch(self, *arguments, **changes):
        env = support.environment(**{"BLIP_PROGRAM": support.PROGRAM, "BLIP_METRIC_DATA": None, "PIP_NO_INDEX": "1",
                                     "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": str(self.packages), **changes})
        return subprocess.run([SCRIPT, *arguments], env=env, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=300)

    @unittest.skipUnless(has_pip(), "needs pip for Python")
    def test_puts_all_files_where_blip_looks_for_them(self):
        self.provide(wheel())
        result = self.expect(self.fetch(XDG_DATA_HOME=str(self.data)), 0, stdout=b"", stderr="LGPL 2.1")
        self.assertIn(b"COPYING.WORDNET", result.stderr)
        folder = self.data / "blip" / "metrics"
        self.assertEqual({path.name for path in folder.iterdir()}, {*FILES, "paraphrase-en.bin"})
        for name, content in FILES.items():
            self.assertEqual((folder / name).read_bytes(), content)
        self.expect(support.run("paraphrases", self.folder / "table", input=TABLE), 0)
        self.assertEqual((folder / "paraphrase-en.bin").read_bytes(), (self.folder / "table").read_bytes())

    @unittest.skipUnless(has_pip(), "needs pip for Python")
    def test_a_second_run_finds_the_files_and_replaces_lost_ones(self):
        self.provide(wheel())
        self.expect(self.fetch(self.data), 0)
        shutil.move(self.packages, self.folder / "gone")
        self.expect(self.fetch(self.data), 0, stderr="already")
        shutil.move(self.folder / "gone", self.packages)
        (self.data / "english.words").unlink()
        self.expect(self.fetch(self.data), 0, stderr="lies in")
        self.assertEqual((self.data / "english.words").read_bytes(), FILES["english.words"])

    @unittest.skipUnless(has_pip(), "needs pip for Python")
    def test_leaves_nothing_behind_when_it_fails(self):
        for content, message in [(b"no wheel", ""), (wheel(b"0.1\nhalf an entry\n"), "line 2: the text ends")]:
            self.provide(content)
            result = self.fetch(self.data)
            self.assertNotEqual(result.returncode, 0, result)
            self.assertIn(message, result.stderr.decode())
            self.assertEqual(list(self.data.iterdir()), [])

    def test_says_how_to_get_blip(self):
        tools = self.folder / "bin"
        tools.mkdir()
        for name in ("bash", "dirname"):
            (tools / name).symlink_to(shutil.which(name))
        result = self.fetch(self.data, PATH=str(tools), BLIP_PROGRAM=str(self.folder / "none"))
        self.expect(result, 1, stderr="tools/quickstart.sh")
        self.assertFalse(self.data.exists())


if __name__ == "__main__":
    unittest.main()
