"""Phrases of captions as trees: nouns and verbs with what belongs to them (caption_grammar.py)."""
import random

from caption_words import (
    ADJECTIVES, COLOURS, INTRANSITIVE, IRREGULAR_PLURALS, MASS, MOTION, NOUN_PREPOSITIONS, NOUNS,
    NUMBERS, PAIR_PREPOSITIONS, PASSIVE, PATH_PREPOSITIONS, PATTERNS, PLACE_PREPOSITIONS,
    PREPOSITIONAL, SCENES, SHADES, TRANSITIVE)


class Word:
    """A word and the words that depend on it, in the order of the caption."""

    def __init__(self, form, tag, lemma=None, plural=False):
        self.form, self.tag, self.lemma = form, tag, lemma or form
        self.plural = plural
        self.left, self.right = [], []

    def front(self, relation, word):
        """Puts `word` before everything that stands before this word."""
        self.left.insert(0, (relation, word))
        return self

    def before(self, relation, word):
        """Puts `word` right before this word."""
        self.left.append((relation, word))
        return self

    def after(self, relation, word):
        self.right.append((relation, word))
        return self

    def in_order(self, head=None, relation="root"):
        for name, word in self.left:
            yield from word.in_order(self, name)
        yield self, head, relation
        for name, word in self.right:
            yield from word.in_order(self, name)


def plural_of(noun):
    if noun in IRREGULAR_PLURALS:
        return IRREGULAR_PLURALS[noun]
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


class Phrases:
    """Makes up phrases; a generator of random numbers chooses."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, share):
        return self.random.random() < share

    def pick(self, choices):
        return self.random.choice(choices)

    # Noun phrases

    def noun(self, kind, plural=False):
        """The noun alone, with the nouns that it is compounded of."""
        if kind == "plural_garment":
            form = self.pick(NOUNS[kind])
            return Word(form, "NNS", form[:-2 if form.endswith("sses") else -1], plural=True)
        words = self.pick(NOUNS[kind]).split()
        plural = plural and words[-1] not in MASS and " ".join(words) not in MASS
        head = Word(plural_of(words[-1]) if plural else words[-1], "NNS" if plural else "NN",
                    words[-1], plural)
        for word in words[:-1]:
            if word in ("hot", "remote"):
                head.before("amod", Word(word, "JJ"))
            else:
                head.before("compound", Word(word, "NN"))
        return head

    def colour(self):
        """One colour or two; the second depends on the first."""
        word = Word(self.pick(COLOURS), "JJ")
        if self.chance(0.25):
            word.after("cc", Word("and", "CC")).after("conj", Word(self.pick(COLOURS), "JJ"))
        return word

    def adjectives(self, head, kind):
        """Adjectives before `head`, in the order they are put in English: size, shade, colour."""
        choices = ADJECTIVES.get(kind)
        at = [] if not choices or self.chance(0.5) else [Word(self.pick(choices), "JJ")]
        if at and self.chance(0.15):
            at.append(Word(self.pick(choices), "JJ"))
        if kind not in ("person", "nature") and self.chance(0.25):
            if self.chance(0.2):
                at.append(Word(self.pick(SHADES), "JJ"))
            at.append(self.colour())
        for word in reversed(at):
            if word.form == "parked":
                word.tag, word.lemma = "VBN", "park"
            if word.form == "smiling":
                word.tag, word.lemma = "VBG", "smile"
            if word.form in ("metal", "glass", "plastic"):
                head.front("compound", Word(word.form, "NN"))
            else:
                head.front("amod", word)

    def determiner(self, head):
        mass = head.form in MASS or (head.left and head.left[-1][1].form == "ice")
        if head.plural:
            draw = self.random.random()
            if draw < 0.35:
                number = self.pick(NUMBERS)
                if number == "some":
                    head.front("det", Word(number, "DT"))
                elif number in ("several", "many", "few"):
                    head.front("amod", Word(number, "JJ"))
                    if number == "few":
                        head.front("det", Word("a", "DT"))
                else:
                    head.front("nummod", Word(number, "CD"))
            elif draw < 0.5:
                head.front("det", Word(self.pick(["the", "some", "both", "these", "all"]), "DT"))
            elif draw < 0.6:
                head.front("nmod:poss", self.possessive())
        elif self.chance(0.08):
            head.front("nmod:poss", self.possessive())
        elif self.chance(0.05):
            word = self.pick(["another", "this", "each", "no"])
            head.front("neg" if word == "no" else "det", Word(word, "DT"))
        elif mass:
            if self.chance(0.5):
                head.front("det", Word(self.pick(["the", "some"]), "DT"))
        elif self.chance(0.03):
            head.front("nummod", Word("one", "CD"))
        elif self.chance(0.9):
            head.front("det", Word(self.pick(["a", "a", "a", "the"]), "DT"))

    def possessive(self):
        pronoun = self.pick(["his", "her", "their", "its", ""])
        if pronoun:
            lemma = {"his": "he", "her": "she", "their": "they", "its": "its"}[pronoun]
            return Word(pronoun, "PRP$", lemma)
        owner = self.noun("person", plural=self.chance(0.2))
        if not owner.plural:
            owner.front("det", Word(self.pick(["a", "the"]), "DT"))
        return owner.after("case", Word("'" if owner.form.endswith("s") else "'s", "POS", "'s"))

    def noun_phrase(self, kinds, depth=0):
        """A noun with what belongs to it; `depth` keeps phrases inside phrases short."""
        kind = self.pick(kinds.split())
        head = self.noun(kind, plural=self.chance(0.3))
        self.adjectives(head, kind)
        if kind == "garment" and self.chance(0.3):
            head.front("amod", Word(self.pick(PATTERNS), "JJ"))
        draw = self.random.random()
        if depth < 2 and draw < 0.12:
            head = self.quantity(head)
        else:
            self.determiner(head)
        if depth < 1 and self.chance(0.12):
            self.coordinate(head, kind, depth)
        elif depth < 2 and self.chance(0.1):
            self.noun_attribute(head, kind, depth)
        return head

    def quantity(self, head):
        """"a group of dogs", "a pair of pants", "lots of food": the quantity is the head."""
        if head.plural:
            word = self.pick(["group", "couple", "lot", "bunch", "pair", "row", "lots", "number",
                              "herd", "line", "pile", "set", "variety", "collection"])
        else:
            word = self.pick(["piece", "picture", "photo", "bowl", "plate", "close-up", "lot",
                              "image", "view", "slice", "kind", "bunch", "painting"])
            if head.form not in MASS and (self.chance(0.7) or word in ("picture", "photo")):
                head.front("det", Word("a", "DT"))
        if word == "lots":
            quantity = Word(word, "NNS", "lot", plural=True)
        else:
            quantity = Word(word, "NN", plural=head.plural and self.chance(0.5))
            if word in ("group", "bunch", "pile", "collection") and self.chance(0.2):
                quantity.front("amod", Word(self.pick(["large", "small", "huge"]), "JJ"))
            quantity.front("det", Word("a", "DT"))
        return quantity.after("nmod", head.front("case", Word("of", "IN")))

    def coordinate(self, head, kind, depth):
        number = 2 if self.chance(0.2) else 1
        others = [self.noun(kind, plural=self.chance(0.3)) for _ in range(number)]
        for other in others:
            self.adjectives(other, kind)
            self.determiner(other)
        for other in others[:-1]:
            head.after("conj", other)
        head.after("cc", Word(self.pick(["and", "and", "and", "or"]), "CC"))
        head.after("conj", others[-1])
        head.plural = True

    def noun_attribute(self, head, kind, depth):
        """"with a hat", "full of food", "in blue" after a noun."""
        draw = self.random.random()
        if kind == "person" and draw < 0.4:
            wearing = self.noun_phrase("garment plural_garment", depth + 2)
            head.after("nmod", wearing.front("case", Word(self.pick(["with", "in"]), "IN")))
        elif kind in ("person", "animal") and draw < 0.8:
            part = self.noun_phrase("part", depth + 2)
            head.after("nmod", part.front("case", Word("with", "IN")))
            if self.chance(0.15):
                part.after("amod", Word(self.pick(["open", "wide", "bare"]), "JJ"))
            elif self.chance(0.15):
                form, lemma = self.pick([("raised", "raise"), ("crossed", "cross"),
                                         ("closed", "close"), ("tied", "tie")])
                part.after("acl", Word(form, "VBN", lemma))
        elif kind in ("furniture", "place") and draw < 0.5:
            full = Word("full", "JJ")
            inside = self.noun("thing", plural=True)
            full.after("nmod", inside.front("case", Word("of", "IN")))
            head.after("amod", full)
        elif kind in ("garment", "plural_garment") and draw < 0.5:
            head.after("nmod", Word(self.pick(COLOURS), "NN").front("case", Word("in", "IN")))
        else:
            other = self.noun_phrase("thing furniture food", depth + 2)
            head.after("nmod", other.front("case", Word("with", "IN")))

    # What says where

    def place(self, kinds="place furniture vehicle nature", depth=1):
        """A prepositional phrase of place: what depends on the noun or verb before it as nmod."""
        draw = self.random.random()
        if draw < 0.06:
            inner = Word("each", "DT").after("mwe", Word("other", "JJ"))
        elif draw < 0.08 or 0.95 < draw:
            inner = Word(*self.pick([("it", "PRP"), ("him", "PRP", "he"), ("her", "PRP", "she"),
                                     ("them", "PRP", "they")]))
        else:
            inner = self.noun_phrase(kinds, depth)
        if draw < 0.03 or 0.08 <= draw < 0.2:
            preposition, article, noun = self.pick(NOUN_PREPOSITIONS)
            middle = Word(noun, "NN").before("case", Word(preposition, "IN"))
            if article:
                middle.before("det", Word(article, "DT"))
            return middle.after("nmod", inner.front("case", Word("of", "IN")))
        if draw < 0.35:
            first, second = ("next", "to") if draw < 0.28 else self.pick(PAIR_PREPOSITIONS)
            return inner.front("case", Word(second, "IN")).front("case", Word(first, "IN"))
        return inner.front("case", Word(self.pick(PLACE_PREPOSITIONS), "IN"))

    def path(self):
        inner = self.noun_phrase("place nature", 1)
        return inner.front("case", Word(self.pick(PATH_PREPOSITIONS), "IN"))

    def add_place(self, verb, share):
        if self.chance(share * 0.04):
            beside = self.noun_phrase("furniture animal thing", 1)
            verb.after("advmod", Word("close", "RB").after(
                "nmod", beside.front("case", Word("to", "IN"))))
        elif self.chance(share):
            verb.after("nmod", self.place())
        if self.chance(share * 0.15):
            preposition, article, adjective, noun = self.pick(SCENES)
            scene = Word(noun, "NN")
            if adjective:
                scene.before("amod", Word(adjective, "JJ"))
            if article:
                scene.front("det", Word(article, "DT"))
            verb.after("nmod", scene.front("case", Word(preposition, "IN")))

    # Verbs with what follows them

    def verb_phrase(self, form):
        """A verb in `form` (1: third person, 2: -ing, 0: plural or base) with its objects."""
        draw = self.random.random()
        tag = {0: "VBP", 1: "VBZ", 2: "VBG"}[form]
        if draw < 0.4:
            lemma, *forms, objects, particle = self.pick(TRANSITIVE)
            verb = Word(([lemma] + forms)[form], tag, lemma)
            if particle:
                verb.after("compound:prt", Word(particle, "RP"))
            verb.after("dobj", self.noun_phrase(objects, 0 if self.chance(0.3) else 1))
            self.add_place(verb, 0.4)
        elif draw < 0.65:
            forms = self.pick(INTRANSITIVE)
            verb = Word(forms[form], tag, forms[0])
            self.add_adverb(verb, 0.2, "together down outside nearby alone up inside outdoors")
            self.add_place(verb, 0.85)
            if self.chance(0.12):
                self.add_participle(verb)
        elif draw < 0.83:
            forms = self.pick(MOTION)
            verb = Word(forms[form], tag, forms[0])
            self.add_adverb(verb, 0.1, "away quickly together along")
            verb.after("nmod", self.path())
        elif draw < 0.95:
            *forms, preposition = self.pick(PREPOSITIONAL)
            verb = Word(forms[form], tag, forms[0])
            inner = self.noun_phrase("thing animal person vehicle", 1)
            verb.after("nmod", inner.front("case", Word(preposition, "IN")))
            self.add_place(verb, 0.2)
        else:
            verb = self.intention(form, tag)
        return verb

    def add_adverb(self, verb, share, adverbs):
        if self.chance(share):
            verb.after("advmod", Word(self.pick(adverbs.split()), "RB"))

    def add_participle(self, verb):
        """"sitting on a bench holding a cup", "... while holding a cup"."""
        participle = self.verb_phrase(2)
        if self.chance(0.4):
            participle.front("mark", Word("while", "IN"))
        verb.after("advcl", participle)

    def intention(self, form, tag):
        """"getting ready to hit a ball", "trying to catch a frisbee"."""
        inner = self.verb_phrase(0)
        inner.tag = "VB"
        inner.front("mark", Word("to", "TO"))
        if self.chance(0.5):
            verb = Word(["get", "gets", "getting"][form], tag, "get")
            return verb.after("xcomp", Word("ready", "JJ").after("xcomp", inner))
        lemma, *forms = self.pick([("try", "tries", "trying"), ("prepare", "prepares", "preparing"),
                                   ("attempt", "attempts", "attempting")])
        return Word(([lemma] + forms)[form], tag, lemma).after("xcomp", inner)

    def passive(self, subjects=None):
        """A participle with what follows it, and the kind of noun it can be said of."""
        form, lemma, kinds, prepositions, others = self.pick(PASSIVE)
        verb = Word(form, "VBN", lemma)
        inner = self.noun_phrase(others, 1)
        if self.chance(0.1) and form in ("parked", "placed", "displayed", "seated"):
            verb.after("nmod", self.place())
        else:
            verb.after("nmod", inner.front("case", Word(self.pick(prepositions.split()), "IN")))
        return verb, kinds

    def second_verb(self, verb, form):
        if self.chance(0.12):
            verb.after("cc", Word("and", "CC")).after("conj", self.verb_phrase(form))
