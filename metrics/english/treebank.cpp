#include "metrics/english/treebank.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "base/error.h"
#include "base/json_value.h"
#include "base/lines.h"
#include "metrics/english/unicode.h"

namespace metrics::english {
namespace {

using base::JsonValue;
using base::str;

constexpr std::size_t kMostWords = 100'000;

std::string text(const JsonValue& json) {
  if (json.string().empty()) json.refuse("a string with something in it");
  return json.string();
}

/// Every word leads to the one root: no second root, no cycle.
void check_tree(const Sentence& sentence, const JsonValue& json) {
  std::vector<int> seen_from(sentence.size() + 1, 0);
  int root = 0;
  for (int start = 1; start <= static_cast<int>(sentence.size()); ++start) {
    for (int word = start; word != 0 && seen_from[word] != -1; word = sentence[word - 1].head) {
      if (seen_from[word] == start) json.fail(str("word ", word, " depends on itself"));
      seen_from[word] = start;
    }
    for (int word = start; word != 0 && seen_from[word] != -1; word = sentence[word - 1].head) {
      seen_from[word] = -1;  // known to lead to a root
    }
    if (sentence[start - 1].head == 0) {
      if (root != 0) json.fail(str("words ", root, " and ", start, " are both roots"));
      root = start;
    }
  }
}

Sentence read_tree(const JsonValue& json) {
  const auto tokens = json.at("tokens").elements();
  if (tokens.empty() || tokens.size() > kMostWords) {
    json.fail(str("\"tokens\" is not a list of 1 to ", kMostWords, " words"));
  }
  const auto size = static_cast<int64_t>(tokens.size());
  Sentence sentence;
  for (const JsonValue& token : tokens) {
    const auto fields = token.elements(4);
    fields[0].expect(sentence.size() + 1);
    sentence.push_back({.form = text(fields[1]),
                        .tag = text(fields[2]),
                        .lemma = text(fields[3]),
                        .head = 0,
                        .relation = ""});
  }
  for (const JsonValue& edge : json.at("edges").elements()) {
    const auto fields = edge.elements(3);
    const int place = static_cast<int>(fields[2].integer(1, size));
    Word& word = sentence[place - 1];
    if (!word.relation.empty()) json.fail(str("word ", place, " has two heads"));
    word.head = static_cast<int>(fields[0].integer(0, size));
    word.relation = text(fields[1]);
  }
  const auto loose = std::find_if(sentence.begin(), sentence.end(),
                                  [](const Word& word) { return word.relation.empty(); });
  if (loose != sentence.end()) {
    json.fail(str("word ", loose - sentence.begin() + 1, " has no head"));
  }
  check_tree(sentence, json);
  return sentence;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_punctuation(const Word& word) {
  return word.relation == "punct" &&
         std::none_of(word.form.begin(), word.form.end(), is_letter_or_digit);
}

/// The number of edges from a word up to the root.
int depth(const Sentence& sentence, int word) {
  int edges = 0;
  for (; word != 0; word = sentence[word - 1].head) ++edges;
  return edges;
}

/// Joins words [first, last] into one, which takes the place in the tree of the topmost of them
/// (so that no cycle can arise). Heads in the rest of the sentence are left for the caller.
Word join(const Sentence& sentence, int first, int last) {
  int top = first;
  std::string form, lemma;
  for (int word = first; word <= last; ++word) {
    form += sentence[word - 1].form;
    lemma += sentence[word - 1].lemma;
    if (word > first && depth(sentence, word) < depth(sentence, top)) top = word;
  }
  Word joined = sentence[top - 1];
  if (first == last) return joined;
  joined.form = std::move(form);
  joined.lemma = std::move(lemma);
  joined.tag = sentence[last - 1].tag;
  // "long-term plan": the Penn Treebank calls such a word an adjective; "t-shirt design" is none.
  const bool modifies = joined.relation == "amod" || joined.relation == "compound";
  if (modifies && joined.head > last && sentence[first - 1].form.size() > 1) {
    joined.tag = "JJ";
    joined.relation = "amod";
  }
  return joined;
}

/// Where the word that begins here ends: at itself, or behind hyphens.
int end_of_hyphenated(const Sentence& sentence, int word) {
  const int words = static_cast<int>(sentence.size());
  while (word + 2 <= words && sentence[word].tag == "HYPH" && sentence[word].form == "-") word += 2;
  return word;
}

/// The word whose edge to its head is the shortest (the first of equals) among those that span a
/// word which does not descend from that head, so that it crosses another edge; 0 if there is none.
int shortest_crossing(const Sentence& sentence) {
  int best = 0, best_length = 0;
  const int words = static_cast<int>(sentence.size());
  for (int word = 1; word <= words; ++word) {
    const int head = sentence[word - 1].head;
    if (head == 0) continue;
    const int length = std::abs(head - word);
    if (best != 0 && length >= best_length) continue;
    for (int between = std::min(head, word) + 1; between < std::max(head, word); ++between) {
      int above = between;
      while (above != 0 && above != head) above = sentence[above - 1].head;
      if (above != head) {
        best = word;
        best_length = length;
        break;
      }
    }
  }
  return best;
}

}  // namespace

std::vector<Sentence> read_treebank(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw base::FileError(str(path.string(), ": cannot open"));
  std::vector<Sentence> sentences;
  base::StreamLines lines(file, path.string());
  for (std::string line; lines.next(line);) {
    const std::string where = lines.where();
    const base::Json json = base::parse_json(line, where);
    sentences.push_back(read_tree({json, where}));
  }
  return sentences;
}

Sentence as_caption(const Sentence& sentence) {
  const int words = static_cast<int>(sentence.size());
  Sentence caption;                         // heads still by the places of `sentence`
  std::vector<int> place_of(words + 1, 0);  // in `caption`; 0: left out
  for (int word = 1; word <= words; ++word) {
    if (is_punctuation(sentence[word - 1])) continue;
    const int last = end_of_hyphenated(sentence, word);
    caption.push_back(join(sentence, word, last));
    caption.back().form = lower_ascii(caption.back().form);
    for (; word < last; ++word) place_of[word] = static_cast<int>(caption.size());
    place_of[word] = static_cast<int>(caption.size());
  }
  int root = 0;
  for (int place = 1; place <= static_cast<int>(caption.size()); ++place) {
    Word& word = caption[place - 1];
    while (word.head != 0 && place_of[word.head] == 0) word.head = sentence[word.head - 1].head;
    word.head = place_of[word.head];
    if (word.head != 0) continue;
    // Where the root was a punctuation mark, several words hung on it.
    word.head = root;
    if (root == 0) {
      root = place;
      word.relation = "root";
    }
  }
  return caption;
}

bool is_projective(const Sentence& sentence) {
  return shortest_crossing(sentence) == 0;
}

void make_projective(Sentence& sentence) {
  while (const int word = shortest_crossing(sentence)) {
    int& head = sentence[word - 1].head;
    head = sentence[head - 1].head;
  }
}

}  // namespace metrics::english
