#!/usr/bin/env python3
"""Writes captions that a small grammar makes up, with their Penn tags, lemmas and dependencies.

    metrics/english/caption_grammar.py [--count 4000] [--seed 1] > captions.jsonl

Newswire and web text hold few sentences such as "a man riding a wave" or "black leather boots with
side zip"; a tagger and a parser that never saw any take them for something else. One JSON object a
line, in the form of the treebank that they are trained on (metrics/english/treebank.h), with the
labels of Universal Dependencies v1. The captions of tests/metrics/golden/caption_trees.jsonl, which
the trained parser is measured on, are never written.
"""
import argparse
import json
import pathlib

from caption_phrases import Phrases, Word
from caption_words import COLOURS, FEATURE_WORDS, NOUNS, PATTERNS, SHADES, STYLES

TEST_SET = pathlib.Path(__file__).resolve().parents[2] / "tests/metrics/golden/caption_trees.jsonl"


class Grammar(Phrases):
    """Makes up captions; each function below makes one kind."""

    def be(self, subject):
        return Word("are", "VBP", "be") if subject.plural else Word("is", "VBZ", "be")

    def subject(self):
        return self.noun_phrase(self.pick(["person", "person", "animal", "vehicle animal person"]))

    def participle_caption(self):
        """"a man riding a wave": no verb but the participle that tells of the noun."""
        head = self.subject()
        verb = self.verb_phrase(2)
        self.second_verb(verb, 2)
        return head.after("acl", verb)

    def progressive_caption(self):
        head = self.subject()
        verb = self.verb_phrase(2)
        self.second_verb(verb, 2)
        if self.chance(0.04):
            verb.front("neg", Word("not", "RB"))
        return verb.front("aux", self.be(head)).front("nsubj", head)

    def present_caption(self):
        head = self.subject()
        form = 0 if head.plural else 1
        verb = self.verb_phrase(form)
        self.second_verb(verb, form)
        if self.chance(0.1):
            self.add_participle(verb)
        elif self.chance(0.08):
            other = self.subject()
            clause = self.verb_phrase(0 if other.plural else 1).front("nsubj", other)
            verb.after("advcl", clause.front("mark", Word(self.pick(["while", "as"]), "IN")))
        return verb.front("nsubj", head)

    def passive_caption(self):
        verb, kinds = self.passive()
        head = self.noun_phrase(kinds)
        if self.chance(0.5):
            return head.after("acl", verb)
        return verb.front("auxpass", self.be(head)).front("nsubjpass", head)

    def noun_caption(self):
        head = self.noun_phrase("person animal vehicle furniture food thing place")
        for _ in range(self.random.choice([0, 1, 1, 1, 2])):
            head.after("nmod", self.place())
        return head

    def scene_caption(self):
        """"a kitchen with a stove and a table"."""
        head = self.noun_phrase("place furniture vehicle")
        inner = self.noun_phrase("furniture thing person animal", 0)
        head.after("nmod", inner.front("case", Word("with", "IN")))
        if self.chance(0.4):
            inner.after("nmod", self.place())
        return head

    def there_caption(self):
        head = self.noun_phrase("person animal vehicle thing food")
        be = self.be(head)
        if self.chance(0.4):
            head.after("acl", self.verb_phrase(2))
            be.after("nsubj", head)
        else:
            be.after("nsubj", head).after("nmod", self.place())
        return be.front("expl", Word("there", "EX"))

    def copula_caption(self):
        head = self.noun_phrase("person animal vehicle thing furniture")
        draw = self.random.random()
        if draw < 0.5:
            predicate = self.place()
        elif draw < 0.75:
            predicate = self.colour()
        else:
            predicate = self.noun_phrase("person animal vehicle thing place")
            head = Word("this", "DT")
        return predicate.front("cop", self.be(head)).front("nsubj", head)

    def relative_caption(self):
        head = self.subject()
        pronoun = self.pick([Word("that", "WDT"), Word("who", "WP"), Word("which", "WDT")])
        draw = self.random.random()
        if draw < 0.55:
            clause = self.verb_phrase(2).front("aux", self.be(head)).front("nsubj", pronoun)
        elif draw < 0.75:
            clause = self.verb_phrase(0 if head.plural else 1).front("nsubj", pronoun)
        elif draw < 0.9:
            clause = self.place().front("cop", self.be(head)).front("nsubj", pronoun)
        else:
            clause = self.passive()[0].front("auxpass", self.be(head)).front("nsubjpass", pronoun)
        return head.after("acl:relcl", clause)

    def photo_caption(self):
        inner = self.participle_caption() if self.chance(0.5) else self.noun_caption()
        head = Word(self.pick("photo picture image close-up view photograph".split()), "NN")
        if self.chance(0.2):
            white = Word("black", "JJ").after("cc", Word("and", "CC"))
            head.front("amod", white.after("conj", Word("white", "JJ")))
        head.front("det", Word(self.pick(["a", "the"]), "DT"))
        return head.after("nmod", inner.front("case", Word("of", "IN")))

    def garment(self):
        """"women 's light blue striped cotton long-sleeve shirt", without an article."""
        head = self.noun(self.pick(["garment", "garment", "plural_garment"]))
        if self.chance(0.3):
            head.front("compound", Word(self.pick(NOUNS["cut"]), "NN"))
        if self.chance(0.35):
            head.front("compound", Word(self.pick(NOUNS["material"]), "NN"))
        if self.chance(0.08):
            head.front("compound", Word("fit", "NN").front(
                "amod", Word(self.pick(["slim", "regular", "relaxed", "loose"]), "JJ")))
        elif self.chance(0.35):
            head.front("amod", Word(self.pick(STYLES), "JJ"))
        if self.chance(0.2):
            head.front("amod", Word(self.pick(PATTERNS), "JJ"))
        if self.chance(0.55):
            head.front("amod", self.colour())
            if self.chance(0.2):
                head.front("amod", Word(self.pick(SHADES), "JJ"))
        draw = self.random.random()
        if draw < 0.2:
            owner, lemma, mark = self.pick([("women", "woman", "'s"), ("men", "man", "'s"),
                                            ("children", "child", "'s"), ("girls", "girl", "'"),
                                            ("boys", "boy", "'")])
            owner = Word(owner, "NNS", lemma).after("case", Word(mark, "POS", "'s"))
            head.front("nmod:poss", owner)
        elif draw < 0.28:
            head.front("compound", Word("kids", "NNS", "kid"))
        return head

    def feature(self):
        head = self.noun("feature", plural=self.chance(0.4))
        if self.chance(0.3):
            head.front("compound", Word(self.pick(["side", "front", "back", "chest", "ankle",
                                                   "waist", "shoulder", "leather"]), "NN"))
        if self.chance(0.35):
            head.front("amod", Word(self.pick(FEATURE_WORDS + COLOURS), "JJ"))
        if not head.plural and self.chance(0.5):
            head.front("det", Word("a", "DT"))
        return head

    def fashion_caption(self):
        head = self.garment()
        if not head.plural and self.chance(0.4):
            head.front("det", Word("a", "DT"))
        draw = self.random.random()
        if draw < 0.45:
            feature = self.feature()
            if self.chance(0.4):
                feature.after("cc", Word("and", "CC")).after("conj", self.feature())
            if self.chance(0.15):
                head.after("acl", Word("featuring", "VBG", "feature").after("dobj", feature))
            else:
                head.after("nmod", feature.front("case", Word("with", "IN")))
        elif draw < 0.55:
            made = Word("made", "VBN", "make")
            material = Word(self.pick(NOUNS["material"]), "NN")
            if self.chance(0.5):
                material.front("amod", Word(self.pick(["soft", "stretch", "fine", "pure"]), "JJ"))
            made.after("nmod", material.front("case", Word(self.pick(["of", "from"]), "IN")))
            head.after("acl", made)
        if self.chance(0.25):
            colour = Word(self.pick(COLOURS), "NN").front("case", Word("in", "IN"))
            if self.chance(0.2):
                colour.after("cc", Word("and", "CC")).after("conj", Word(self.pick(COLOURS), "NN"))
            head.after("nmod", colour)
        if self.chance(0.1):
            user = Word(*self.pick([("kids", "NNS", "kid"), ("men", "NNS", "man"),
                                    ("women", "NNS", "woman"), ("toddlers", "NNS", "toddler"),
                                    ("summer", "NN", "summer")]))
            head.after("nmod", user.front("case", Word("for", "IN")))
        return head

    def fashion_photo_caption(self):
        inner = self.fashion_caption()
        if inner.plural:
            pair = Word("pair", "NN").front("det", Word("a", "DT"))
            inner = pair.after("nmod", inner.front("case", Word("of", "IN")))
        if self.chance(0.5):
            return inner
        head = Word("photo", "NN").front("det", Word("a", "DT"))
        return head.after("nmod", inner.front("case", Word("of", "IN")))

    CAPTIONS = [(participle_caption, 22), (progressive_caption, 16), (present_caption, 10),
                (passive_caption, 9), (noun_caption, 8), (scene_caption, 5), (there_caption, 5),
                (copula_caption, 5), (relative_caption, 4), (photo_caption, 4),
                (fashion_caption, 14), (fashion_photo_caption, 4)]

    def caption(self):
        make, = self.random.choices([make for make, _ in self.CAPTIONS],
                                    [weight for _, weight in self.CAPTIONS])
        root = make(self)
        # Captions as people type them start with a capital and end with a full stop.
        typed = self.chance(0.1)
        words = list(root.in_order())
        for (word, _, _), (following, _, _) in zip(words, words[1:]):
            if word.form == "a" and following.form[0] in "aeiou":
                word.form = "an"
        if typed:
            words[0][0].form = words[0][0].form.capitalize()
            words.append((Word(".", "."), root, "punct"))
        return words


def as_treebank(number, words):
    place = {id(word): i for i, (word, _, _) in enumerate(words, 1)}
    return {"id": f"caption-{number:05}",
            "text": " ".join(word.form for word, _, _ in words),
            "tokens": [[i, word.form, word.tag, word.lemma]
                       for i, (word, _, _) in enumerate(words, 1)],
            "edges": [[place[id(head)] if head else 0, relation, i]
                      for i, (_, head, relation) in enumerate(words, 1)]}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--count", type=int, default=4000)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    with TEST_SET.open(encoding="utf-8") as file:
        written = {json.loads(line)["text"] for line in file}
    grammar = Grammar(options.seed)
    number = 1
    while number <= options.count:
        sentence = as_treebank(number, grammar.caption())
        text = sentence["text"].removesuffix(" .").lower()
        if text not in written and len(sentence["tokens"]) <= 25:
            written.add(text)
            print(json.dumps(sentence))
            number += 1


if __name__ == "__main__":
    main()
