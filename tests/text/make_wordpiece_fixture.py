"""Writes fixtures/wordpiece.json: what transformers' BertTokenizer answers, for wordpiece_test.cpp.

Run it with transformers 5.23 and tokenizers 0.23; the answers change with neither seed nor machine.
"""
import json
import pathlib
import random
import tempfile
import unicodedata

from transformers import BertTokenizer

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = "the shirt dress photo navy blue of and a t co ##s ##ing ##ed ##t ##colo ##lour ##r ' n't 's . , ! ?".split()
CHARACTERS = [chr(c) for c in range(0x21, 0x7F)] + list("éüñçß日本語한국αβγσςжщіا中々“”—…€π²½") + ["\u0307", "\U0001D165"]
TOKEN = dict(single_word=False, lstrip=False, rstrip=False)


def vocabulary():
    pieces = SPECIAL + WORDS + CHARACTERS + ["##" + c for c in CHARACTERS]
    return list(dict.fromkeys(pieces))


def load(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content)
            pathlib.Path(folder, name).write_text(text, encoding="utf-8")
        return BertTokenizer.from_pretrained(folder)


def encode(tokenizer, text):
    return tokenizer(text, add_special_tokens=False).input_ids


def hash_of(data):
    """FNV-1a, 32 bits."""
    value = 2166136261
    for byte in data:
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return value


def code_points(tokenizer):
    """For each 4096 code points a hash of their normal forms and of the ids of "a?b"."""
    normalizer = tokenizer.backend_tokenizer.normalizer
    hashes = []
    for block in range(0, 0x110000, 0x1000):
        characters = [chr(c) for c in range(block, block + 0x1000) if not 0xD800 <= c < 0xE000]
        between = encode(tokenizer, [f"a{c}b" for c in characters]) if characters else []
        data = bytearray()
        for character, ids in zip(characters, between):
            data += normalizer.normalize_str(character).encode() + b"\xff"
            data += bytes(i & 0xFF for i in ids) + b"\xff"
        hashes.append(hash_of(data))
    return hashes


def random_texts(count):
    random.seed(5)
    marks = [chr(c) for c in range(0x110000) if unicodedata.combining(chr(c))]
    decomposable = [chr(c) for c in range(0xC0, 0x30000) if unicodedata.normalize("NFD", chr(c)) != chr(c)]
    blanks = [" ", "\t", "\n", "\r", "\u00a0", "\u3000", "\u2028", "\x0b", "\x85", "\u200b", "\0", "\ufffd"]
    near_tokens = ["[SEP]", "[CLS]", "[MASK]", "[UNK]", "[sep]", "[[SEP]]", "[SEP", "[ SEP ]", "[DEC]"]

    def part():
        kind = random.randrange(8)
        if kind < 2:
            return random.choice(WORDS).lstrip("#")
        if kind == 2:
            return random.choice(CHARACTERS)
        if kind == 3:
            return "".join(random.choices(marks, k=random.randrange(1, 5)))
        return random.choice([decomposable, blanks, near_tokens, CHARACTERS + [" "] * 60][kind - 4])

    return ["".join(part() for _ in range(random.randrange(1, 16))) for _ in range(count)]


def with_folders(result):
    small = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "dec", "[", "]", "##s", "enc", "foo", "bar"]
    vocab = "\n".join(small) + "\n"
    special = dict(TOKEN, normalized=False, special=True)
    beyond = [dict(special, id=13, content="[DEC]"), dict(special, id=14, content="[ENC]")]
    tokenizer_json = {
        "added_tokens": beyond,
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                       "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": None,
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": {p: i for i, p in enumerate(small)}},
    }  # fmt: skip
    loose = [dict(TOKEN, id=13, content="Foo Bar", normalized=True, special=False),
             dict(TOKEN, id=14, content="Baz", normalized=False, special=False)]  # fmt: skip
    config = {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
    names = dict(config, bos_token="[DEC]", extra_special_tokens=["[ENC]"])
    added = {"[ENC]": 14, "[DEC]": 13}
    forms = {
        "vocab.txt alone": {"vocab.txt": vocab},
        "no line feed at the end": {"vocab.txt": vocab[:-1]},
        "CR LF": {"vocab.txt": vocab.replace("\n", "\r\n")},
        "space at the ends of lines": {"vocab.txt": vocab.replace("\n", " \u3000\n")},
        "no special tokens but [UNK]": {"vocab.txt": "[UNK]\na\n"},
        "tokenizer_config.json": {"vocab.txt": vocab, "tokenizer_config.json": names},
        "additional_special_tokens": {"vocab.txt": vocab, "tokenizer_config.json": dict(
            config, additional_special_tokens=["[ENC]"], bos_token="[DEC]", eos_token="[EOS]")},
        "a name of its own": {"vocab.txt": vocab, "tokenizer_config.json": dict(
            config, enc_token="[ENC]", mask_token="[DEC]")},
        "other names": {"vocab.txt": vocab, "tokenizer_config.json": dict(
            config, unk_token="a", sep_token="dec", pad_token="foo", cls_token="[CLS]")},
        "named extra tokens": {"vocab.txt": vocab, "tokenizer_config.json": dict(
            config, extra_special_tokens={"enc_token": "[ENC]"})},
        "added_tokens_decoder": {"vocab.txt": vocab, "tokenizer_config.json": dict(
            config, added_tokens_decoder={"14": dict(special, content="[DEC]"), "13": dict(special, content="[ENC]")})},
        "special_tokens_map.json": {"vocab.txt": vocab, "special_tokens_map.json": {
            "bos_token": "[DEC]", "additional_special_tokens": ["[ENC]"], "cls_token": "[CLS]"}},
        "special_tokens_map.json with objects": {"vocab.txt": vocab, "special_tokens_map.json": {
            "bos_token": dict(TOKEN, content="[DEC]", normalized=False)}},
        "added_tokens.json": {"vocab.txt": vocab, "added_tokens.json": added},
        "added_tokens.json and names": {"vocab.txt": vocab, "added_tokens.json": added, "tokenizer_config.json": names},
        "added_tokens.json and special_tokens_map.json": {
            "vocab.txt": vocab, "added_tokens.json": added,
            "special_tokens_map.json": {"bos_token": "[DEC]", "additional_special_tokens": ["[ENC]"]}},
        "tokenizer.json alone": {"tokenizer.json": tokenizer_json},
        "tokenizer.json and vocab.txt": {"tokenizer.json": tokenizer_json, "vocab.txt": vocab},
        "tokens that are not special": {"tokenizer.json": dict(tokenizer_json, added_tokens=loose)},
        "cased": {"vocab.txt": vocab + "A\nÉ\n", "tokenizer_config.json": dict(config, do_lower_case=False)},
        "accents kept": {"vocab.txt": vocab + "é\n##\u0307\ni\n", "tokenizer_config.json": dict(config, strip_accents=False)},
        "ideographs kept together": {"vocab.txt": vocab + "日\n##本\n", "tokenizer_config.json": dict(
            config, tokenize_chinese_chars=False)},
        "spaces cleaned up": {"vocab.txt": vocab + "'\n.\nn't\ns\ndo not\n", "tokenizer_config.json": dict(
            config, clean_up_tokenization_spaces=True)},
    }  # fmt: skip
    texts = ["[DEC] a", "a[dec]a", "[ENC]a[ENC", "[SEP]as [ SEP ] [sep]", "[MASK].", "A É é İ", "日本", "foo bar Foo Bar",
             "fóo bar", "afoo bara", "Baz baz aBaza", "a ' s . n't do not"]  # fmt: skip
    for name, files in forms.items():
        tokenizer = load(files)
        size = len(tokenizer)
        every = list(range(size)) + list(range(size, -1, -1))
        result["folders"].append({
            "name": name,
            "files": {n: c if isinstance(c, str) else json.dumps(c) for n, c in files.items()},
            "tokens": tokenizer.convert_ids_to_tokens(list(range(size))),
            "named": [tokenizer.unk_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id, tokenizer.cls_token_id],
            "texts": [{"text": t, "ids": encode(tokenizer, t)} for t in texts],
            "decoded": tokenizer.decode(every, skip_special_tokens=True),
            "decoded_with_special": tokenizer.decode(every),
        })  # fmt: skip


def main():
    pieces = vocabulary()
    tokenizer = load({"vocab.txt": "\n".join(pieces) + "\n"})
    fixed = ["", " ", "a navy t-shirt", "the colours, the photo: of a DRESS!", "Straße ŒUVRE ÎLE ΣΊΣΥΦΟΣ", "don't, isn't; it's",
             "日本語テキスト한국", "a" * 100, "a" * 101, "é" * 100, "é" * 101, "e\u0301" * 100, "日" * 101,
             "a\u200bb\u00adc\ufeffd", "İstanbul", "ﬁne", "\U0001F600", "xx\u0301\u0327\u0323yy", "-" * 120]  # fmt: skip
    texts = fixed + random_texts(250)
    result = {"vocabulary": pieces, "texts": [], "code_points": code_points(tokenizer), "folders": []}
    random.seed(6)
    for text in texts:
        ids = encode(tokenizer, text)
        some = random.choices(range(len(pieces) + 3), k=random.randrange(9))
        result["texts"].append({
            "text": text, "ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=True),
            "some_ids": some, "some": tokenizer.decode(some)})  # fmt: skip
    with_folders(result)
    path = pathlib.Path(__file__).parent / "fixtures" / "wordpiece.json"
    path.write_text(json.dumps(result, indent=0) + "\n")


if __name__ == "__main__":
    main()
