"""Makes lemmas.tsv: the lemmas that the Morphology class of CoreNLP 3.4.1 answers for words with
tags. SPICE runs 3.6.0, which answers the same for these; it differs where a word ends in a hyphen or
a plural is tagged NN.

    python make_lemmas.py TOKENIZER_FOLDER > lemmas.tsv

where TOKENIZER_FOLDER holds stanford-corenlp-3.4.1.jar: that of pycocoevalcap, where pip put it.
Needs Java 11.
"""

import pathlib
import subprocess
import sys
import tempfile

NOUNS = """men women housewives children feet geese mice oxen teeth knives wolves leaves loaves scarves
    buses dresses boxes churches dishes quizzes waltzes prizes houses causes viruses horses responses
    vases paths clothes bottles cigarettes flies boys keys potatoes photos shoes horseshoes pianos
    cacti antennae stigmata phenomena polyhedra bacteria axes analyses series sheep species pants
    jeans shorts glasses scissors people dogs cat umbrellas t-shirts runners-up brothers-in-law
    passers-by drs. p.m.s. 1990s café cafés Dogs KNIVES us bronchitis gas news xiii data media""".split()
VERBS = """is am are was were been being has had does did done goes went gone running ran stopped adding
    added sitting sits sat lying lies lay laying dying tying flies flew flown carried carries carrying
    smiled smiling hoped hoping hopped hopping opened opening waited waiting biting bitten eaten ate
    eats played playing plays argued arguing danced dancing jumped jumping dressed dressing buzzed
    gazing called rolling kicked kicking belonged hanging hung stored storing restored covered
    required persuaded guiding completed deleting seated evaluated raised leaving loaded looking
    crawled curling bathed bathing needs feed bring ringing rang writes writing written wrote travelled
    traveling focused focusing housed caused using used grazes grazing grazed surfs surfing leaning
    leapt holds held holding wears wearing wore worn grinding re-reading co-stars Running""".split()
OTHERS = [("'s", "VBZ"), ("'s", "POS"), ("'d", "MD"), ("'d", "VBD"), ("ca", "MD"), ("wo", "MD"), ("n't", "RB"),
          ("an", "DT"), ("The", "DT"), ("Him", "PRP"), ("her", "PRP$"), ("their", "PRP$"), ("I", "PRP"),
          ("London", "NNP"), ("Beatles", "NNPS"), ("Dog", "NN"), ("Bigger", "JJR"), ("RED", "JJ"),
          ("3", "CD"), (".", "."), ("\u00c9clair", "NN"), ("Stra\u00dfe", "JJ")]
PROGRAM = """
import edu.stanford.nlp.process.Morphology;
import java.util.*;

public class Lemmas {
  public static void main(String[] none) {
    var morphology = new Morphology();
    for (var lines = new Scanner(System.in, "UTF-8"); lines.hasNextLine();) {
      String[] word = lines.nextLine().split("\\t");
      System.out.println(word[0] + "\\t" + word[1] + "\\t" + morphology.lemma(word[0], word[1]));
    }
  }
}
"""

words = [(word, tag) for tag in ("NNS", "RB") for word in NOUNS]
words += [(word, tag) for tag in ("VBD", "VBG", "JJ") for word in VERBS] + OTHERS
with tempfile.TemporaryDirectory() as folder:
    program = pathlib.Path(folder, "Lemmas.java")
    program.write_text(PROGRAM)
    sys.stdout.write(subprocess.run(
        ["java", "-Dfile.encoding=UTF-8", "-cp", str(pathlib.Path(sys.argv[1], "stanford-corenlp-3.4.1.jar")),
         str(program)],
        input="".join(f"{word}\t{tag}\n" for word, tag in words), stdout=subprocess.PIPE, check=True,
        encoding="utf-8").stdout)
