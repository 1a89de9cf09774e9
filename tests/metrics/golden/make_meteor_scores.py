"""Makes meteor_scores.json: what METEOR 1.5 answers with the small word lists of meteor_lists (our
own) for lines and captions that are made up here.

    python make_meteor_scores.py METEOR_FOLDER > meteor_scores.json

where METEOR_FOLDER holds meteor-1.5.jar: that of pycocoevalcap, where pip put it.
"""

import gzip
import json
import pathlib
import random
import subprocess
import sys
import tempfile

JAR = pathlib.Path(sys.argv[1]) / "meteor-1.5.jar"
LISTS = pathlib.Path(__file__).parent / "meteor_lists"

LINES = [
    "A dog, two cats; and (maybe) a goose!", "Mr. Fox met Dr. Wolf at noon.", "The end.", "end",
    "U.S. trains vs. U.K. trains", "e.g. this", "No. 7 and no. 8", "No. sir", "pp. 3-4, pp. x",
    "wait... what.. now.", "... .. .", "3.14 is 3,14 or 3, 14 or three,14 or 3,three",
    "1,2,3,4", "a,b,c,d", "the dog's tail isn't the cat's", "'tis the boys' ball", "rock 'n' roll",
    "a'b'c'd", "the 1990's and 1990'x", "7'6 ''quoted'' `single' \u2018curly\u2019 \u201cdouble\u201d",
    "'''", "well-known t-shirt -- and --- more \u2013 dash\u2014em", "-a a- - -1 1-1 U.S.-based a--b",
    "50% of $5 & #1 @home a/b c_d", "caf\u00e9 na\u00efve \u00c9COLE \u0416\u0423\u041a \u03a9mega \u65e5\u672c",
    "x\u00a0y \u3000 z", "\u00d7\u00f7 \u0178 \u0130stanbul", "\U0001f600 smile\U0001f600", "", "   ",
    "tab\there", "a.b.c", "a.b.", "1.2.", "..a", "a..", "Upper. Lower. lower", "i.e. x. Yy. 5.",
    "don't can't o'clock '", "x '. y", "\"'\"", "a\u2019s b\u2018c", "a |||b", "\x7f\x01mid\x01",
]

# Hypothesis and references.
SAMPLES = [
    ("a dog runs on the street", ["the hound is running on the road", "a puppy"]),
    ("a dog runs on the street", ["a dog runs on the street"]),
    ("the the the the", ["the cat the dog", "the the the the"]),
    ("the dog bites the man", ["the man bites the dog"]),
    ("", ["a dog", ""]), ("a dog", [""]), ("", [""]), (". , !", [". , !", "!"]),
    ("a lot of people sit next to the street", ["many persons beside the road", "people sat"]),
    ("a man takes a photo of a dog", ["a guy photographs the hound", "a man shoots a picture"]),
    ("big big big dog", ["large great huge hound", "very big dog"]),
    ("geese flew", ["a goose flies", "the geese are flying"]),
    ("the children 's couch", ["his kid 's sofa", "the child 's settee"]),
    ("an old tram", ["c0 old tram"]),  # the hashes of "an" and "c0" are equal
    ("running runs ran run", ["run ran runs running", "sprint operate jog trot"]),
    ("hound x y", ["x y dog z dog", "x y dog"]),
    ("no word in common", ["something else entirely"]),
    ("a dog |||and ||||||a cat", ["a dog ||| a cat and a dog", "a|||b"]),
]

ALIKE = [group.split(", ") for group in [
    "dog, dogs, hound, the dog", "cat, cats, feline", "run, runs, running, ran, sprint, is running", "sofa, couch, settee",
    "street, the street, road, the road, roads", "man, men, guy, man 's", "big, huge, very big, large, great, bigger",
    "small, little", "happy, glad, happily", "next to, beside, close to, near", "a lot of, many, lots of",
    "in front of, before, facing", "people, persons, a group of people, person", "takes a photo of, photographs",
    "takes a photo, takes a picture", "woman, lady, women", "child, children, kid, kids", "goose, geese", "a, the",
    "of, of the, from the", "on, on top of, riding", "by, at the side of, by the", ",", ".", "is"]]


def made_up_pairs(count):
    random.seed(4)
    for _ in range(count):
        pool = random.sample(ALIKE, random.choice([2, 3, 5, len(ALIKE)]))
        groups = random.choices(pool, k=random.randint(1, 12))
        hypothesis = [random.choice(group) for group in groups]
        reference = [said if random.random() < 0.4 else random.choice(group)
                     for said, group in zip(hypothesis, groups)]
        for _ in range(random.randrange(4)):
            at, to = random.randrange(len(reference)), random.randrange(len(reference))
            reference.insert(to, reference.pop(at))
        if random.random() < 0.3:
            reference = reference[random.randrange(len(reference)):] + random.choice(pool)
        yield " ".join(hypothesis), " ".join(reference)


def java(*arguments, text=""):
    run = subprocess.run(["java", "-Xmx1G", *map(str, arguments)], input=text.encode(), check=True,
                         stdout=subprocess.PIPE)
    return run.stdout.decode().split("\n")


def normalised():
    text = "".join(line + "\n" for line in LINES)
    answers = java("-cp", JAR, "edu.cmu.meteor.util.Normalizer", "en", "true", text=text)
    return [{"line": line, "words": answer.lower().split()} for line, answer in zip(LINES, answers)]


def aligned(pairs, options, folder):
    for name, side in ("hypotheses", 0), ("references", 1):
        (folder / name).write_text("".join(pair[side] + "\n" for pair in pairs))
    java("-jar", JAR, folder / "hypotheses", folder / "references", *options, "-writeAlignments", "-f", folder / "out")
    blocks = (folder / "out-align.out").read_text().split("Alignment\t")[1:]
    for (hypothesis, reference), block in zip(pairs, blocks):
        head, _, _, _, *rows = block.split("\n")
        precision, recall, penalty, score = (0 if x == "NaN" else float(x) for x in head.split("\t")[1:])
        matches = []
        for row in filter(None, rows):
            in_reference, in_hypothesis, matcher, _ = row.split()
            matches.append([int(n) for n in (*in_hypothesis.split(":"), *in_reference.split(":"), matcher)])
        yield {"hypothesis": hypothesis, "reference": reference, "score": score, "precision": precision,
               "recall": recall, "penalty": penalty, "matches": matches}


def scored(options):
    requests = ""
    for hypothesis, references in SAMPLES:
        # As pycocoevalcap sends them.
        hypothesis = hypothesis.replace("|||", "").replace("  ", " ")
        requests += " ||| ".join(["SCORE", *references, hypothesis]) + "\n"
    statistics = java("-jar", JAR, "-", "-", "-stdio", *options, text=requests)[:len(SAMPLES)]
    *scores, corpus = java("-jar", JAR, "-", "-", "-stdio", *options,
                           text=" ||| ".join(["EVAL", *statistics]) + "\n")[:len(SAMPLES) + 1]
    samples = [{"hypothesis": hypothesis, "references": references, "score": float(score),
                "statistics": [float(x) for x in row.split()]}
               for (hypothesis, references), row, score in zip(SAMPLES, statistics, scores)]
    return {"samples": samples, "corpus": float(corpus)}


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        table = folder / "paraphrases.gz"
        table.write_bytes(gzip.compress((LISTS / "paraphrases.txt").read_bytes()))
        options = ["-l", "en", "-norm", "-s", LISTS / "english.words", "-d", LISTS, "-a", table]
        answers = {"lines": normalised(), "pairs": list(aligned(list(made_up_pairs(200)), options, folder)),
                   **scored(options)}
    rows = {key: value if isinstance(value, float) else "[\n" + ",\n".join(map(json.dumps, value)) + "\n]"
            for key, value in answers.items()}
    print("{" + ",\n".join(f"{json.dumps(key)}: {value}" for key, value in rows.items()) + "}")


main()
