#!/usr/bin/env python3
"""The COCO caption toolkit on COCO annotations and COCO results: one JSON object with `scores`,
`images` (the scores of each id) and `seconds` for each step. Needs pycocoevalcap and java; SPICE is
left out, because the toolkit must download its models.

    pycocoevalcap_evaluate.py REFERENCES RESULTS [--metrics bleu rouge_l cider_d meteor]
"""

import argparse
import collections
import contextlib
import json
import sys
import time

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.meteor.meteor import Meteor
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

SCORERS = {
    "bleu": (lambda: Bleu(4), ["bleu_1", "bleu_2", "bleu_3", "bleu_4"]),
    "rouge_l": (Rouge, "rouge_l"),
    "cider_d": (Cider, "cider_d"),  # the toolkit's "CIDEr" is CIDEr-D
    "meteor": (Meteor, "meteor"),
}


def evaluate(references, results, metrics):
    seconds, scores = {}, {}
    images = collections.defaultdict(dict)

    def timed(name, function, *arguments):
        begin = time.perf_counter()
        answer = function(*arguments)
        seconds[name] = time.perf_counter() - begin
        return answer

    def tokenize():
        return PTBTokenizer().tokenize(references), PTBTokenizer().tokenize(results)

    references, results = timed("tokenizer", tokenize)
    for metric in metrics:
        make, keys = SCORERS[metric]
        corpus, each = timed(metric, lambda: make().compute_score(references, results))
        if isinstance(keys, str):
            keys, corpus, each = [keys], [corpus], [each]
        for key, score, of_images in zip(keys, corpus, each):
            scores[key] = float(score)
            for image, value in zip(references, of_images):
                images[image][key] = float(value)
    return {"scores": scores, "images": images, "seconds": seconds}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("references")
    parser.add_argument("results")
    parser.add_argument("--metrics", nargs="+", choices=SCORERS, default=list(SCORERS))
    options = parser.parse_args()
    references = collections.defaultdict(list)
    with open(options.references) as file:
        for annotation in json.load(file)["annotations"]:
            references[str(annotation["image_id"])].append({"caption": annotation["caption"]})
    with open(options.results) as file:
        by_id = {str(result["image_id"]): [{"caption": result["caption"]}] for result in json.load(file)}
    with contextlib.redirect_stdout(sys.stderr):  # the scorers print as they go
        answer = evaluate(references, {image: by_id[image] for image in references}, options.metrics)
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
