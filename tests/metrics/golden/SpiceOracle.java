// What SPICE 1.0 and CoreNLP 3.6.0 answer, for make_spice.py: reads JSON lines, writes JSON lines.
//   {"tokens": [[number, form, tag, lemma]], "edges": [[head, relation, word]]}
//     -> {"graph": [[governor, relation, dependent]], "tuples": [[...]]}
//   {"hypothesis": [tuple], "references": [tuple]}
//     -> {"synonyms": [matched, of hypothesis, of references], "words": [the same without synonyms]}
// A copied word is a negative number. The first argument is a folder with METEOR's word lists.
import edu.anu.spice.*;
import edu.cmu.meteor.aligner.SynonymDictionary;
import edu.stanford.nlp.international.Language;
import edu.stanford.nlp.ling.*;
import edu.stanford.nlp.pipeline.Annotation;
import edu.stanford.nlp.semgraph.*;
import edu.stanford.nlp.trees.*;
import edu.stanford.nlp.util.ArrayCoreMap;
import edu.stanford.nlp.util.CoreMap;
import java.io.*;
import java.util.*;
import org.json.simple.*;
import org.json.simple.parser.JSONParser;

@SuppressWarnings("unchecked")
public class SpiceOracle {
  static SynonymDictionary dictionary;
  static Object parser;

  public static void main(String[] folder) throws Exception {
    var exceptions = new File(folder[0], "english.exceptions").toURI().toURL();
    var synsets = new File(folder[0], "english.synsets").toURI().toURL();
    dictionary = new SynonymDictionary(exceptions, synsets, exceptions);
    // The parser's constructor loads models that are not needed here.
    var unsafe = Class.forName("sun.misc.Unsafe").getDeclaredField("theUnsafe");
    unsafe.setAccessible(true);
    parser = ((sun.misc.Unsafe) unsafe.get(null)).allocateInstance(SpiceParser.class);
    var out = new PrintStream(System.out, true, "UTF-8");
    for (var lines = new Scanner(System.in, "UTF-8"); lines.hasNextLine();) {
      var question = (JSONObject) new JSONParser().parse(lines.nextLine());
      out.println(question.containsKey("tokens") ? tuples(question) : score(question));
    }
  }

  static JSONObject tuples(JSONObject tree) throws Exception {
    var words = new ArrayList<IndexedWord>();
    words.add(word(Arrays.asList(0L, "ROOT", "ROOT", "ROOT")));
    for (Object token : (JSONArray) tree.get("tokens")) words.add(word((List<Object>) token));
    var edges = new ArrayList<TypedDependency>();
    for (Object entry : (JSONArray) tree.get("edges")) {
      var edge = (JSONArray) entry;
      edges.add(new TypedDependency(relation((String) edge.get(1)), at(words, edge.get(0)),
                                    at(words, edge.get(2))));
    }
    var structure = new UniversalEnglishGrammaticalStructure(edges, new TreeGraphNode(new Word("")));
    var graph = SemanticGraphFactory.makeFromTree(structure, SemanticGraphFactory.Mode.CCPROCESSED,
        GrammaticalStructure.Extras.NONE, true, null);
    var listed = new JSONArray();
    for (TypedDependency edge : graph.typedDependencies()) {
      var entry = new JSONArray();
      entry.addAll(Arrays.asList(number(edge.gov()), edge.reln().toString(), number(edge.dep())));
      listed.add(entry);
    }
    CoreMap sentence = new ArrayCoreMap();
    sentence.set(SemanticGraphCoreAnnotations.CollapsedCCProcessedDependenciesAnnotation.class, graph);
    var annotation = new Annotation("");
    annotation.set(CoreAnnotations.SentencesAnnotation.class, List.of(sentence));
    var parse = SpiceParser.class.getDeclaredMethod("parseAnnotation", Annotation.class);
    parse.setAccessible(true);
    Object proposed = parse.invoke(parser, annotation);
    var tuples = proposed.getClass().getField("tuples");
    tuples.setAccessible(true);
    var answer = new JSONObject();
    answer.put("graph", listed);
    answer.put("tuples", array((List<List<String>>) tuples.get(proposed)));
    return answer;
  }

  static IndexedWord word(List<Object> token) {
    var label = new CoreLabel();
    label.setIndex(((Long) token.get(0)).intValue());
    label.setValue((String) token.get(1));
    label.setWord((String) token.get(1));
    label.setTag((String) token.get(2));
    label.setLemma((String) token.get(3));
    label.setDocID("");
    label.setSentIndex(0);
    return new IndexedWord(label);
  }

  static IndexedWord at(List<IndexedWord> words, Object number) {
    return words.get(((Long) number).intValue());
  }

  static long number(IndexedWord word) { return word.copyCount() == 0 ? word.index() : -word.index(); }

  static GrammaticalRelation relation(String name) {
    if (name.equals("root")) return GrammaticalRelation.ROOT;
    var known = UniversalEnglishGrammaticalRelations.shortNameToGRel.get(name);
    if (known != null) return known;
    return new GrammaticalRelation(Language.UniversalEnglish, name, name, GrammaticalRelation.DEPENDENT);
  }

  static JSONArray array(List<List<String>> tuples) {
    var out = new JSONArray();
    for (List<String> tuple : tuples) {
      var entry = new JSONArray();
      entry.addAll(tuple);
      out.add(entry);
    }
    return out;
  }

  static JSONObject score(JSONObject question) {
    var answer = new JSONObject();
    for (boolean synonyms : new boolean[] {true, false}) {
      var hypothesis = graph((JSONArray) question.get("hypothesis"), synonyms);
      var references = graph((JSONArray) question.get("references"), synonyms);
      var score = new Evaluation(new TupleSet(hypothesis), new TupleSet(references), false, synonyms);
      var counts = new JSONArray();
      counts.addAll(Arrays.asList(score.tp, score.tp + score.fp, score.tp + score.fn));
      answer.put(synonyms ? "synonyms" : "words", counts);
    }
    return answer;
  }

  static SceneGraph graph(JSONArray tuples, boolean synonyms) {
    var graph = new SceneGraph(dictionary, synonyms);
    for (Object tuple : tuples) graph.addTuple(new ArrayList<String>((JSONArray) tuple));
    return graph;
  }
}
