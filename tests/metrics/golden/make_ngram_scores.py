"""Makes ngram_scores.json: what pycocoevalcap's BLEU, ROUGE-L and CIDEr(-D) answer for captions that
are made up here. Plain CIDEr is not in that package: it is computed from its definition below.

    pip install pycocoevalcap && python make_ngram_scores.py > ngram_scores.json
"""

import json
import math
from collections import Counter

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge

USUAL = [
    ("a green kettle on a gas stove",
     ["a green kettle stands on the stove", "the kettle on the stove is green",
      "someone boils water in a kettle"]),
    ("two boys fly a kite on the beach",
     ["two boys on a beach with a red kite", "a kite flies over two boys",
      "children play with a kite near the sea"]),
    ("an old tram",
     ["an old yellow tram climbs a steep street", "a tram goes up the hill past a bakery"]),
    ("the the the the the the",
     ["the cat sits on the mat", "there is the cat on the mat by the door"]),
    ("a woman reads a newspaper while a dog sleeps under the table next to her chair in a small cafe",
     ["a woman reads in a cafe", "a dog sleeps under the table"]),
    ("penguins", ["a bowl of soup", "soup with noodles and a spoon"]),
    ("a man plays the accordion", ["a man plays the accordion", "a man plays the accordion"]),
]

ODD = [
    ("", ["a lamp", "a lamp on a desk"]),  # nothing said
    ("a lamp on a desk", [""]),
    ("", [""]),
    ("a  lamp", ["a lamp", "a  lamp"]),  # two spaces
    (" a lamp ", ["a lamp on a\tdesk"]),
    ("a\u3042 desk | lamp", ["a\u3042 desk | lamp", "desk"]),
    ("one two three", ["one two three four", "one two"]),  # equally far from two lengths
]

CORPORA = {
    "usual": USUAL,
    "odd": ODD,
    "odd among usual": USUAL + ODD,
    "one picture": USUAL[:1],
    "equal pictures": USUAL[:1] * 3,
}


def ngrams(text):
    words = text.split()
    return [Counter(tuple(words[i:i + n]) for i in range(len(words) - n + 1)) for n in (1, 2, 3, 4)]


def plain_cider(samples):
    seen_in = Counter()
    for _, references in samples:
        seen_in.update({ngram for text in references for counts in ngrams(text) for ngram in counts})

    def vector(counts):
        return {ngram: count * (math.log(len(samples)) - math.log(max(1, seen_in[ngram])))
                for ngram, count in counts.items()}

    def cosine(a, b):
        norms = math.sqrt(sum(x * x for x in a.values()) * sum(x * x for x in b.values()))
        return sum(x * b.get(ngram, 0) for ngram, x in a.items()) / norms if norms else 0

    scores = []
    for hypothesis, references in samples:
        cosines = [cosine(vector(h), vector(r)) for text in references
                   for h, r in zip(ngrams(hypothesis), ngrams(text))]
        scores.append(10 * sum(cosines) / len(cosines))
    return sum(scores) / len(scores), scores


def score(samples):
    references = {i: texts for i, (_, texts) in enumerate(samples)}
    hypotheses = {i: [text] for i, (text, _) in enumerate(samples)}
    corpus, images = Bleu(4).compute_score(references, hypotheses, verbose=0)
    answers = {f"bleu_{n + 1}": (corpus[n], images[n]) for n in range(4)}
    answers["rouge_l"] = Rouge().compute_score(references, hypotheses)
    answers["cider_d"] = Cider().compute_score(references, hypotheses)
    answers["cider"] = plain_cider(samples)
    return {name: {"corpus": float(corpus), "images": [float(x) for x in images]}
            for name, (corpus, images) in answers.items()}


print(json.dumps([{"corpus": name,
                   "samples": [{"hypothesis": h, "references": r} for h, r in samples],
                   "scores": score(samples)} for name, samples in CORPORA.items()], indent=1))
