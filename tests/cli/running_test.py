"""What happens around a run: limits of the system, signals, other runs at the same time."""

import json
import os
import resource
import shutil
import signal
import subprocess
import time
import unittest

import support


def start(*arguments, **options):
    return subprocess.Popen([support.PROGRAM, *map(os.fspath, arguments)], env=support.environment(),
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


@unittest.skipIf(os.environ.get("BLIP_SANITIZE"), "sanitizers need memory without limits")
class Threads(support.Case):
    def setUp(self):
        super().setUp()
        for i in range(4):
            self.picture(f"{i}.png", seed=i)
        self.plain = self.expect(support.run("caption", self.folder), 0).stdout

    def test_that_cannot_be_started(self):
        def limits():  # three stacks fit into the addresses, and all the rest
            resource.setrlimit(resource.RLIMIT_STACK, (4 << 30, resource.RLIM_INFINITY))
            resource.setrlimit(resource.RLIMIT_AS, (14 << 30,) * 2)
        result = support.run("caption", "--threads", "16", self.folder, preexec_fn=limits)
        self.expect(result, 0, stdout=self.plain)
        self.assertRegex(result.stderr.decode(), r"^note: the system starts [0-3] of (4|15) more threads")
        self.assertEqual(result.stderr.count(b"\n"), 1)

    def test_that_take_the_memory(self):
        for megabytes in (60, 90, 120, 150, 180, 210, 300):
            def limit():
                resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20,) * 2)
            result = support.run("caption", "--threads", "16", self.folder, preexec_fn=limit)
            messages = result.stderr.decode()
            with self.subTest(megabytes, messages=messages):
                if result.returncode == 0:
                    self.assertEqual(result.stdout, self.plain)
                else:  # not even the model has room, or a picture has none
                    self.assertIn(result.returncode, (1, 3))
                    self.assertIn("not enough memory", messages)

    def test_with_a_limit_on_processes(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
        someone = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}  # root has no limit
        self.folder.chmod(0o755)
        try:
            result = support.run("caption", "--threads", "4", self.folder, preexec_fn=limit, **someone)
        except PermissionError as error:
            self.skipTest(f"another user cannot run the program: {error}")
        if b"not a folder" in result.stderr:
            self.skipTest("another user cannot read the model")
        self.expect(result, 0, stdout=self.plain, stderr="the system starts 0 of ")

    def test_more_than_help(self):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.expect(support.run("caption", "--threads", "1000", self.folder), 0, stdout=self.plain,
                    stderr="note: --threads 1000: ")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.assertLess(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 20)


class Lists(support.Case):
    def setUp(self):
        super().setUp()
        self.a = os.fspath(self.picture("a.png"))
        self.list = self.folder / "list.txt"

    def test_byte_order_marks(self):
        self.list.write_bytes(b"\xef\xbb\xbf" + self.a.encode() + b"\ta photo\n")
        result = self.expect(support.run("caption", "--list", self.list), 0)
        self.assertTrue(result.stdout.startswith(self.a.encode() + b"\ta photo"), result.stdout)
        for encoding in ("utf-16-le", "utf-16-be"):
            for text in ("\ufeff" + self.a + "\n", self.a + "\n"):
                self.list.write_bytes(text.encode(encoding))
                self.expect(support.run("caption", "--list", self.list), 3, stdout=b"", stderr="UTF-16")
        # A name of list0 may begin with any bytes.
        result = support.run("caption", "--json", "--list0", "-", input=b"\xef\xbb\xbfa.png\0")
        self.assertIn(b"cannot open", self.expect(result, 1).stdout)

    def test_zero_bytes(self):
        self.list.write_bytes(self.a.encode() + b"\nb\0c.png\n")
        self.expect(support.run("caption", "--list", self.list), 3,
                    stderr=f"{self.list}, line 2: has a zero byte")

    def test_standard_input_that_cannot_be_read(self):
        commands = [["caption", "-"], ["caption", "--list", "-"], ["caption", "--list0", "-"], ["tokenize"]]
        for command in commands:
            with self.subTest(command):
                closed = support.run(*command, preexec_fn=lambda: os.close(0))
                self.expect(closed, 3, stdout=b"", stderr="standard input: cannot read: Bad file descriptor")
                folder = os.open(self.folder, os.O_RDONLY)
                self.addCleanup(os.close, folder)
                self.expect(support.run(*command, stdin=folder), 3, stdout=b"",
                            stderr="standard input: cannot read: Is a directory")


class Folders(support.Case):
    def setUp(self):
        super().setUp()
        self.picture("a.png")
        self.picture("z.png")

    def test_links_to_themselves_and_to_nothing(self):
        (self.folder / "m.png").symlink_to("m.png")
        (self.folder / "n.png").symlink_to("absent.png")
        (self.folder / "o").symlink_to("o")
        (self.folder / "p").symlink_to(self.folder)
        for options in ([], ["--recursive"]):
            result = support.run("caption", *options, self.folder)
            self.expect(result, 1, stderr="m.png: cannot open: Too many levels of symbolic links")
            self.assertIn(b"n.png: cannot open: No such file or directory", result.stderr)
            self.assertIn(b"2 of 4 pictures failed", result.stderr)
            self.assertEqual(result.stdout.count(b"\n"), 2)

    def test_unreadable_ones_below(self):
        below = self.folder / "below"
        self.picture("below/b.png")
        below.chmod(0)
        self.addCleanup(below.chmod, 0o755)
        someone = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}
        self.folder.chmod(0o755)
        try:
            result = support.run("caption", "--recursive", self.folder, **someone)
        except PermissionError as error:
            self.skipTest(f"another user cannot run the program: {error}")
        if b"not a folder" in result.stderr:
            self.skipTest("another user cannot read the model")
        self.expect(result, 1, stderr=f"{below}: cannot read the folder: Permission denied")
        self.assertEqual(result.stdout.count(b"\n"), 2)


class Sidecars(support.Case):
    def test_long_names(self):
        picture = self.picture("n" * 246 + ".png")
        for _ in range(2):
            self.expect(support.run("caption", "--sidecar", ".text", "--append", picture), 0)
        self.assertEqual(len(picture.with_suffix(".text").read_text().splitlines()), 2)

    def test_a_folder_is_no_caption(self):
        picture = self.picture("a.png")
        (self.folder / "a.txt").mkdir()
        for mode in ("--skip-existing", "--overwrite", "--append"):
            self.expect(support.run("caption", "--sidecar", ".txt", mode, picture), 1, stdout=b"",
                        stderr="a.txt is a folder")

    def test_two_that_append_lose_nothing(self):
        for i in range(12):
            self.picture(f"{i}.png", seed=i)
        runs = [start("caption", "--batch", "1", "--sidecar", ".txt", "--append", self.folder) for _ in range(4)]
        for run in runs:
            output, messages = run.communicate(timeout=300)
            self.assertEqual((run.returncode, messages), (0, b""))
        for path in self.folder.glob("*.png"):
            lines = path.with_suffix(".txt").read_text().splitlines()
            self.assertEqual(len(lines), 4, path)
            self.assertEqual(len(set(lines)), 1, path)

    def test_leftovers_are_removed_by_the_next_run(self):
        for i in range(200):
            self.picture(f"{i:03}.png", seed=i % 5)
        for _ in range(3):
            process = start("caption", "--batch", "1", "--sidecar", ".txt", "--overwrite", self.folder)
            process.stdout.readline()
            process.kill()
            process.communicate(timeout=60)
        (self.folder / "000.png").replace(self.folder / "last.png")
        for path in self.folder.glob("[0-9]*"):
            path.unlink()
        self.expect(support.run("caption", "--sidecar", ".txt", "--overwrite", self.folder), 0)
        self.assertEqual(sorted(os.listdir(self.folder)), ["last.png", "last.txt"])


    def test_leftovers_are_removed_where_nothing_is_written(self):
        picture = self.picture("a.png")
        self.expect(support.run("caption", "--sidecar", ".txt", picture), 0)
        while True:  # until one is killed while it writes
            process = start("caption", "--batch", "1", "--sidecar", ".txt", "--overwrite", *[picture])
            while process.poll() is None and not [n for n in os.listdir(self.folder) if n.startswith(".")]:
                pass
            process.kill()
            process.communicate(timeout=60)
            if [n for n in os.listdir(self.folder) if n.startswith(".")]:
                break
        self.expect(support.run("caption", "--sidecar", ".txt", "--skip-existing", self.folder), 0)
        self.assertEqual(sorted(os.listdir(self.folder)), ["a.png", "a.txt"])


class Signals(support.Case):
    def test_captioning_stops_between_pictures(self):
        for i in range(300):
            self.picture(f"{i:03}.png", seed=i % 5)
        for number in (signal.SIGTERM, signal.SIGHUP):
            process = start("caption", "--batch", "1", "--sidecar", ".txt", "--overwrite", self.folder)
            first = process.stdout.readline()
            process.send_signal(number)
            rest, messages = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 128 + number, messages)
            self.assertIn(f"interrupted: {len((first + rest).splitlines())} of 300", messages.decode())
            self.assertEqual([n for n in os.listdir(self.folder) if n.startswith(".")], [])

    def test_one_that_is_ignored_stays_so(self):
        self.picture("a.png")
        process = start("caption", "--batch", "1", *[self.folder] * 40,
                        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        first = process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        rest, _ = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0)
        self.assertEqual((first + rest).count(b"\n"), 40)

    def test_nothing_is_left_of_a_folder(self):
        vocabulary = self.folder / "vocab.txt"
        vocabulary.write_text("[PAD]\n[UNK]\n[SEP]\n[CLS]\n[MASK]\n" + "".join(f"w{i}\n" for i in range(400_000)))
        home = self.folder / "home"
        home.mkdir()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process = start("init", "--size", "tiny", "--vocab", vocabulary, home / "model")
            while process.poll() is None and not os.listdir(home):
                time.sleep(0.001)
            process.send_signal(number)
            process.communicate(timeout=120)
            if process.returncode != 0:  # else it was faster
                self.assertEqual(process.returncode, 128 + number)
                self.assertEqual(os.listdir(home), [])
            shutil.rmtree(home / "model", ignore_errors=True)


class Convert(support.Case):
    """Two models whose files fit together only with their own: the seeds tell them apart."""

    def setUp(self):
        super().setUp()
        self.models = []
        for seed in ("1", "2"):
            model = self.folder / f"model{seed}"
            self.expect(support.run("init", "--size", "tiny", "--seed", seed, model), 0)
            config = json.loads((model / "config.json").read_text())
            config["made_from"] = seed
            (model / "config.json").write_text(json.dumps(config))
            self.models.append(model)
        self.home = self.folder / "home"
        self.out = self.home / "out"

    def which(self):
        """The seed of the model in OUT, whose files must all be of one."""
        seed = json.loads((self.out / "config.json").read_text())["made_from"]
        self.assertEqual((self.out / "model.safetensors").read_bytes(),
                         (self.models[int(seed) - 1] / "model.safetensors").read_bytes())
        return seed

    def test_of_two_into_one_folder_one_succeeds(self):
        for turn in range(6):
            shutil.rmtree(self.home, ignore_errors=True)
            runs = [start("convert", model, self.out) for model in self.models]
            codes = [run.wait(timeout=120) for run in runs]
            for run in runs:
                self.addCleanup(run.stderr.close), self.addCleanup(run.stdout.close)
            self.assertEqual(codes.count(0), 1, codes)
            self.assertIn(max(codes), (2, 3))
            self.assertEqual(self.which(), str(codes.index(0) + 1))
            self.assertEqual(os.listdir(self.home), ["out"])

    def test_killed_while_it_replaces(self):
        self.expect(support.run("convert", self.models[0], self.out), 0)
        begin = time.monotonic()
        self.expect(support.run("convert", "--overwrite", self.models[1], self.out), 0)
        whole = time.monotonic() - begin
        for turn in range(24):
            process = start("convert", "--overwrite", self.models[turn % 2], self.out)
            time.sleep(whole * (0.4 + turn / 30))
            process.kill()
            process.communicate(timeout=60)
            self.which()
        self.expect(support.run("convert", "--overwrite", self.models[0], self.out), 0)
        self.assertEqual(self.which(), "1")
        self.assertEqual(os.listdir(self.home), ["out"])

    def test_old_files_do_not_mix_with_new_ones(self):
        self.expect(support.run("convert", self.models[0], self.out), 0)
        for name in ("tokenizer.json", "added_tokens.json", "special_tokens_map.json"):
            (self.out / name).write_text("{}")
        (self.out / "notes").mkdir()
        (self.out / "notes/mine.txt").write_text("mine")
        self.expect(support.run("convert", "--overwrite", self.models[1], self.out), 0)
        self.assertEqual(sorted(os.listdir(self.out)),
                         ["config.json", "generation_config.json", "model.safetensors", "notes",
                          "preprocessor_config.json", "processor_config.json", "tokenizer_config.json",
                          "vocab.txt"])
        self.assertEqual((self.out / "notes/mine.txt").read_text(), "mine")

    def test_in_place(self):
        self.expect(support.run("convert", "--overwrite", "--dtype", "bf16", self.models[0], self.models[0]), 0)
        types = {t[0] for t in support.read_safetensors(self.models[0] / "model.safetensors").values()}
        self.assertEqual(types, {"BF16"})

    def test_names_that_are_empty(self):
        self.expect(support.run("convert", self.models[0], ""), 2, stderr="the folder to write has an empty name")
        self.expect(support.run("convert", "", self.out), 3, stderr="an empty name")


class Output(support.Case):
    def test_help_and_version(self):
        for arguments in (["--help"], ["--version"], ["caption", "--help"]):
            with self.subTest(arguments), open("/dev/full", "wb") as full:
                self.expect(support.run(*arguments, stdout=full), 3,
                            stderr="cannot write standard output: No space left on device")
                self.expect(support.run(*arguments, preexec_fn=lambda: os.close(1)), 3,
                            stderr="cannot write standard output")


if __name__ == "__main__":
    unittest.main()
