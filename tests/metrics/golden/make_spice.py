"""Makes spice_tuples.jsonl and spice_graphs.jsonl: what SPICE 1.0 finds in trees, and how it compares
graphs, with the word lists of meteor_lists (our own).

    python make_spice.py CLASSPATH

where CLASSPATH holds the jars of pycocoevalcap/spice, CoreNLP 3.6.0 (without models) and, before
them, a class edu.stanford.nlp.dcoref.Dictionaries with nothing but the set `singularPronouns`: the
original's also reads word lists from the models. Needs Java 17.
"""

import json
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
numbers = random.Random(1)
TAGS = {"NN": "cat dog man front top lot bunch number table case place", "NNS": "cats dozens lots men",
        "NNP": "John London", "VBZ": "sits is runs", "VBG": "sitting wearing", "VBN": "taken seen",
        "VBP": "are run", "JJ": "red close next many several", "CC": "and or but And",
        "IN": "in of by on with from as out near", "TO": "to", "DT": "a an the some all",
        "PRP": "it they him", "PRP$": "his their", "CD": "two 12 one", "RB": "well not rather also",
        "RP": "up"}
WORDS = [(word, tag) for tag, words in TAGS.items() for word in words.split()]
TAG_OF = dict(WORDS)
LEMMAS = {"cats": "cat", "men": "man", "sits": "sit", "is": "be", "are": "be", "runs": "run",
          "sitting": "sit", "wearing": "wear", "taken": "take", "seen": "see"}
PHRASES = ["in front of", "on top of", "next to", "close to", "out of", "as well as", "but not",
           "but also", "a lot of", "lots of", "some of the", "all of", "12 of the", "a bunch of"]
RELATIONS = """nsubj dobj iobj nmod nmod nmod nmod:poss case case det amod cc conj conj acl acl:relcl
               advcl nummod compound compound:prt cop aux auxpass nsubjpass advmod xcomp ccomp mwe
               mark""".split()
USUAL = {"IN": "case", "TO": "case", "CC": "cc", "DT": "det", "CD": "nummod", "JJ": "amod",
         "RB": "advmod", "RP": "compound:prt"}


def random_tree(name):
    words = []
    while len(words) < numbers.choice([4, 6, 8, 12]):
        phrase = numbers.choice(PHRASES) if numbers.random() < 0.3 else numbers.choice(WORDS)[0]
        words += [(word, TAG_OF.get(word, "RB")) for word in phrase.split()]
    order = list(range(1, len(words) + 1))
    numbers.shuffle(order)
    edges = [[0, "root", order[0]]]
    for i, word in enumerate(order[1:], 1):
        head = min(numbers.sample(order[:i], min(i, 2)), key=lambda other: abs(other - word))
        usual = USUAL.get(words[word - 1][1]) if numbers.random() < 0.6 else None
        edges.append([head, usual or numbers.choice(RELATIONS), word])
    tokens = [[i, word, tag, LEMMAS.get(word, word)] for i, (word, tag) in enumerate(words, 1)]
    return {"id": name, "tokens": tokens, "edges": sorted(edges, key=lambda edge: edge[2])}


def random_tuples(phrases, count):
    def any_phrase():
        return numbers.choice(phrases).replace("_", " ")
    relations = ["in", "be in", "in front of", "on", "sit on", any_phrase()]
    tuples = []
    for _ in range(count):
        one = [any_phrase()]
        other = [[], [any_phrase()], [any_phrase(), numbers.choice(relations)]]
        tuples.append(one + numbers.choice(other))
    return tuples


def ask(questions):
    command = ["java", "-cp", sys.argv[1], str(HERE / "SpiceOracle.java"), str(HERE / "meteor_lists")]
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    answers = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in answers.splitlines()]


def write(name, questions, answers):
    with open(HERE / name, "w", encoding="utf-8") as file:
        for question, answer in zip(questions, answers, strict=True):
            file.write(json.dumps({**question, **answer}, separators=(",", ":")) + "\n")


captions = [json.loads(line) for line in (HERE / "caption_trees.jsonl").open(encoding="utf-8")]
trees = [{key: caption[key] for key in ("id", "tokens", "edges")} for caption in captions]
trees += [random_tree(f"random-{i:03}") for i in range(1, 151)]
write("spice_tuples.jsonl", trees, ask(trees))

lists = (HERE / "meteor_lists" / "english.synsets").read_text().split()
phrases = [word for word in lists if not word[0].isdigit()] + ["zebra", "red"]
cases = []
for i in range(150):
    few = numbers.sample(phrases, 12)
    cases.append({"hypothesis": random_tuples(few, numbers.randint(0, 8)),
                  "references": random_tuples(few, numbers.randint(0, 20))})
# The original's graphs list nodes by address: only what it always answers is an answer.
runs = [ask(cases) for _ in range(5)]
stable = [i for i in range(len(cases)) if all(run[i] == runs[0][i] for run in runs)]
write("spice_graphs.jsonl", [cases[i] for i in stable], [runs[0][i] for i in stable])
print(len(stable), "of", len(cases), "graph cases are stable")
