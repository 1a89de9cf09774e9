"""Makes synonyms.tsv: the synsets that METEOR 1.5 finds for words, with the word lists of
meteor_lists (our own).

    python make_synonyms.py METEOR_FOLDER > synonyms.tsv

where METEOR_FOLDER holds meteor-1.5.jar: that of pycocoevalcap, where pip put it. Needs Java 11.
"""

import pathlib
import random
import subprocess
import sys
import tempfile

LISTS = pathlib.Path(__file__).parent / "meteor_lists"
ENDINGS = ["", "s", "ses", "es", "xes", "zes", "ches", "shes", "men", "ies", "ed", "ing", "er", "est",
           "ful", "fuls", "ss", "'s"]
PROGRAM = """
import edu.cmu.meteor.aligner.SynonymDictionary;
import java.io.*;
import java.util.*;

public class Look {
  public static void main(String[] folder) throws Exception {
    var exceptions = new File(folder[0], "english.exceptions").toURI().toURL();
    var synsets = new File(folder[0], "english.synsets").toURI().toURL();
    var dictionary = new SynonymDictionary(exceptions, synsets, exceptions);
    for (var words = new Scanner(System.in, "UTF-8"); words.hasNextLine();) {
      String word = words.nextLine();
      var found = new TreeSet<Integer>(dictionary.getSynSets(word));
      found.addAll(dictionary.getStemSynSets(word));
      StringBuilder line = new StringBuilder(word + "\\t");
      for (int synset : found) line.append(synset).append(' ');
      System.out.println(line.toString().stripTrailing());
    }
  }
}
"""


def words():
    known = [line.split() for name in ("english.synsets", "english.exceptions")
             for line in (LISTS / name).read_text().splitlines() if not line[0].isdigit()]
    known = sorted({word for line in known for word in line})
    numbers = random.Random(1)
    yield from known
    for word in known:
        for ending in ENDINGS:
            if numbers.random() < 0.4:
                yield word + ending
            for last in ("e", "y", "ch", "sh", "x", "s", "man"):
                if word.endswith(last):
                    yield word[:len(word) - len(last)] + ending
    yield from ["a", "is", "us", "men", "ing", "ies", "-", "caf\u00e9s"]


with tempfile.TemporaryDirectory() as folder:
    program = pathlib.Path(folder, "Look.java")
    program.write_text(PROGRAM)
    sys.stdout.write(subprocess.run(
        ["java", "-Dfile.encoding=UTF-8", "-cp", str(pathlib.Path(sys.argv[1], "meteor-1.5.jar")),
         str(program), str(LISTS)],
        input="\n".join(dict.fromkeys(words())) + "\n", stdout=subprocess.PIPE, check=True,
        encoding="utf-8").stdout)
