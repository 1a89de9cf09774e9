#include "metrics/english/morphology.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>

#include "metrics/english/irregular_forms.h"
#include "metrics/english/unicode.h"

namespace metrics::english {
namespace {

/// A rule: a word of this shape loses its last `cut` letters and gets `add` instead.
///
/// A shape is read like a glob, over a word in lower case:
///   *  any letters                V  a vowel            D  one consonant (not y) twice
///   +  at least one letter        W  a vowel or y       [...]  one of these letters
///   ^  the beginning of the word  C  a consonant        ~  the class before it, once or more
///   P  nothing but prefixes       X  a consonant, not y
/// and small letters are themselves. The first rule that fits a word is the one that counts.
struct Rule {
  std::string_view shape;
  std::size_t cut;
  std::string_view add;
};

/// Instead of letters to add: the last letter goes too if the verb is one that doubles it.
constexpr std::string_view kUndouble = "-";

constexpr Rule kNounRules[] = {
    {"*men", 2, "an"},        // women -> woman
    {"*wives", 3, "fe"},      // housewives -> housewife
    {"+hedra", 2, "ron"},     // polyhedra -> polyhedron
    {"+zoa", 1, "on"},        // spermatozoa -> spermatozoon
    {"+iia", 2, "um"},        // -iia -> -ium
    {"+itis", 0, ""},         // bronchitis
    {"*phobia", 0, ""},       // claustrophobia
    {"+philia", 0, ""},       // haemophilia
    {"+e[mn]ia", 0, ""},      // anaemia, schizophrenia
    {"+ia", 1, "um"},         // bacteria -> bacterium
    {"+la", 1, "um"},         // cerebella -> cerebellum
    {"^[dmclxvi]~i", 0, ""},  // xiii
    {"+i", 1, "us"},          // cacti -> cactus
    {"+ae", 2, "a"},          // antennae -> antenna
    {"+ata", 3, "a"},         // stigmata -> stigma
};

constexpr Rule kAbbreviationRules[] = {
    {"+.s.", 0, ""},    // p.m.s.
    {"+.'s.", 4, "."},  // m.p.'s. -> m.p.
    {"+s.", 2, "."},    // drs. -> dr.
};

/// Plurals of nouns and third persons of verbs.
constexpr Rule kRulesForS[] = {
    {"*[hlmp]ouses", 1, ""},  // houses -> house
    {"*[af]uses", 1, ""},     // causes -> cause
    {"*shoes", 1, ""},        // horseshoes -> horseshoe
    {"+uses", 2, ""},         // viruses -> virus
    {"*us", 0, ""},           // focus
    {"*ss", 0, ""},           // dress
    {"*sis", 0, ""},          // emphasis
    {"*Vses", 1, ""},         // vases -> vase
    {"+Xzes", 2, ""},         // waltzes -> waltz
    {"*Wzes", 1, ""},         // prizes -> prize
    {"+sses", 2, ""},         // dresses -> dress
    {"+zzes", 2, ""},         // buzzes -> buzz
    {"+Vrses", 1, ""},        // horses -> horse
    {"+onses", 1, ""},        // responses -> response
    {"+[sxz]es", 2, ""},      // boxes -> box
    {"+[cs]hes", 2, ""},      // dishes -> dish
    {"+thes", 1, ""},         // bathes -> bathe
    {"+X[cglsv]es", 1, ""},   // bottles -> bottle
    {"+ettes", 1, ""},        // cigarettes -> cigarette
    {"+Cies", 3, "y"},        // flies -> fly
    {"*Xoes", 2, ""},         // potatoes -> potato
    {"+s", 1, ""},            // dogs -> dog
};

/// Past tenses and participles. A doubled consonant before the ending comes first: whether it
/// belongs to the verb is for a list to say.
constexpr Rule kRulesForEd[] = {
    {"*[hlmp]oused", 1, ""},   // housed -> house
    {"*[af]used", 1, ""},      // caused -> cause
    {"+used", 2, ""},          // focused -> focus
    {"*eed", 0, ""},           // feed
    {"+Xzed", 2, ""},          // waltzed -> waltz
    {"*Wzed", 1, ""},          // gazed -> gaze
    {"+ssed", 2, ""},          // dressed -> dress
    {"+zzed", 2, ""},          // buzzed -> buzz
    {"^C~Vlled", 2, ""},       // called -> call
    {"*CVDed", 2, kUndouble},  // stopped -> stop, added -> add
    {"^X~ed", 0, ""},          // shed
    {"PCVnged", 2, ""},        // belonged -> belong
    {"+icked", 2, ""},         // kicked -> kick
    {"*Cined", 1, ""},         // lined -> line
    {"*CV[npwx]ed", 2, ""},    // opened -> open
    {"PC~ored", 1, ""},        // stored -> store
    {"+ctored", 2, ""},        // doctored -> doctor
    {"*C[clnt]ored", 1, ""},   // restored -> restore
    {"+[eo]red", 2, ""},       // covered -> cover
    {"+Cied", 3, "y"},         // carried -> carry
    {"*quVCed", 1, ""},        // required -> require
    {"+uVded", 1, ""},         // persuaded -> persuade
    {"*Cleted", 1, ""},        // completed -> complete
    {"PC~[ei]ted", 1, ""},     // recited -> recite
    {"+[ei]ted", 2, ""},       // visited -> visit
    {"*VXXeated", 1, ""},      // permeated -> permeate
    {"+[eo]ated", 2, ""},      // seated -> seat
    {"+Vated", 1, ""},         // evaluated -> evaluate
    {"*VV[cgsv]ed", 1, ""},    // raised -> raise
    {"*VVCed", 2, ""},         // loaded -> load
    {"+[rw]led", 2, ""},       // crawled -> crawl
    {"+thed", 1, ""},          // bathed -> bathe
    {"+ued", 1, ""},           // argued -> argue
    {"+X[cglsv]ed", 1, ""},    // danced -> dance
    {"+XXed", 2, ""},          // jumped -> jump
    {"+WWed", 2, ""},          // played -> play
    {"+ed", 1, ""},            // smiled -> smile
};

constexpr Rule kRulesForIng[] = {
    {"*[hlmp]ousing", 3, "e"},  // housing -> house
    {"*[af]using", 3, "e"},     // causing -> cause
    {"+using", 3, ""},          // focusing -> focus
    {"+Xzing", 3, ""},          // waltzing -> waltz
    {"*Wzing", 3, "e"},         // gazing -> gaze
    {"+ssing", 3, ""},          // crossing -> cross
    {"+zzing", 3, ""},          // buzzing -> buzz
    {"^C~Vlling", 3, ""},       // rolling -> roll
    {"*CVDing", 3, kUndouble},  // sitting -> sit, adding -> add
    {"^X~ing", 0, ""},          // bring
    {"PCVnging", 3, ""},        // hanging -> hang
    {"+icking", 3, ""},         // kicking -> kick
    {"*Cining", 3, "e"},        // dining -> dine
    {"*CV[npwx]ing", 3, ""},    // showing -> show
    {"*quVCing", 3, "e"},       // requiring -> require
    {"+uVding", 3, "e"},        // guiding -> guide
    {"*Cleting", 3, "e"},       // deleting -> delete
    {"PC~[ei]ting", 3, "e"},    // biting -> bite
    {"+[ei]ting", 3, ""},       // waiting -> wait
    {"*VXXeating", 3, "e"},     // permeating -> permeate
    {"+[eo]ating", 3, ""},      // floating -> float
    {"+Vating", 3, "e"},        // evaluating -> evaluate
    {"*VV[cgsv]ing", 3, "e"},   // leaving -> leave
    {"*VVCing", 3, ""},         // looking -> look
    {"+[rw]ling", 3, ""},       // curling -> curl
    {"+thing", 3, "e"},         // bathing -> bathe
    {"+X[cglsv]ing", 3, "e"},   // dancing -> dance
    {"+XXing", 3, ""},          // jumping -> jump
    {"+uing", 3, "e"},          // arguing -> argue
    {"+WWing", 3, ""},          // playing -> play
    {"+ying", 3, ""},           // flying -> fly
    {"*Xoing", 3, ""},          // going -> go
    {"PC~oring", 3, "e"},       // storing -> store
    {"+ctoring", 3, ""},        // doctoring -> doctor
    {"*C[clt]oring", 3, "e"},   // restoring -> restore
    {"+[eo]ring", 3, ""},       // covering -> cover
    {"+ing", 3, "e"},           // smiling -> smile
};

bool in_class(char letter, char kind) {
  const bool vowel = std::string_view("aeiou").find(letter) != std::string_view::npos;
  const bool alphabetic = letter >= 'a' && letter <= 'z';
  switch (kind) {
    case 'V':
      return vowel;
    case 'W':
      return vowel || letter == 'y';
    case 'C':
      return alphabetic && !vowel;
    case 'X':
      return alphabetic && !vowel && letter != 'y';
    default:
      return letter == kind;
  }
}

/// Whether a word is nothing but prefixes, or nothing at all. From its end on, where it is rarely
/// one: rules ask this of many beginnings of a word.
bool is_prefixes(std::string_view word) {
  constexpr std::string_view kPrefixes[] = {"be", "de", "ex", "in", "mis", "pre", "pro", "re"};
  while (!word.empty()) {
    const auto last = std::find_if(std::begin(kPrefixes), std::end(kPrefixes),
                                   [&](std::string_view prefix) { return word.ends_with(prefix); });
    if (last == std::end(kPrefixes)) return false;
    word.remove_suffix(last->size());
  }
  return true;
}

/// Goes through word and shape from their ends.
bool fits(std::string_view word, std::string_view shape) {
  for (;;) {
    if (shape == "*") return true;
    if (shape == "+") return !word.empty();
    if (shape == "^") return word.empty();
    if (shape == "P") return is_prefixes(word);
    if (word.empty()) return false;

    const bool repeated = shape.back() == '~';
    if (repeated) shape.remove_suffix(1);
    std::string_view letters = shape.substr(shape.size() - 1);
    if (letters == "]") {
      const std::size_t open = shape.rfind('[');
      letters = shape.substr(open + 1, shape.size() - open - 2);
      shape = shape.substr(0, open);
    } else {
      shape.remove_suffix(1);
    }
    const auto last_letter_fits = [&] {
      return !word.empty() && std::any_of(letters.begin(), letters.end(),
                                          [&](char kind) { return in_class(word.back(), kind); });
    };
    if (repeated) {
      while (last_letter_fits()) {
        word.remove_suffix(1);
        if (fits(word, shape)) return true;
      }
      return false;
    }
    if (letters == "D") {
      if (word.size() < 2 || word[word.size() - 2] != word.back() || !in_class(word.back(), 'X'))
        return false;
      word.remove_suffix(2);
      continue;
    }
    if (!last_letter_fits()) return false;
    word.remove_suffix(1);
  }
}

/// The word after the first rule that fits; none if none does.
std::optional<std::string> apply_rules(std::span<const Rule> rules, std::string_view word) {
  for (const Rule& rule : rules) {
    if (!fits(word, rule.shape)) continue;
    const std::string_view stem = word.substr(0, word.size() - rule.cut);
    if (rule.add != kUndouble) return std::string(stem).append(rule.add);
    const std::string_view single = stem.substr(0, stem.size() - 1);
    const std::span<const std::string_view> doubling = doubling_verbs();
    const bool doubled = std::binary_search(doubling.begin(), doubling.end(), single);
    return std::string(doubled ? single : stem);
  }
  return std::nullopt;
}

/// Whether the rules are for this word: letters of English, digits, apostrophes and plus signs.
bool is_plain(std::string_view word, std::string_view also) {
  return std::all_of(word.begin(), word.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || c == '+' ||
           also.find(c) != also.npos;
  });
}

enum class Part { kNoun, kVerb };

const IrregularForm* find_irregular(std::string_view word, Part part) {
  const std::span<const IrregularForm> forms =
      part == Part::kNoun ? irregular_nouns() : irregular_verbs();
  const auto found = std::lower_bound(forms.begin(), forms.end(), word,
                                      [](const IrregularForm& irregular, std::string_view wanted) {
                                        return irregular.form < wanted;
                                      });
  return found != forms.end() && found->form == word ? &*found : nullptr;
}

std::string lemma_by_rule(std::string_view word, Part part) {
  std::optional<std::string> lemma;
  if (part == Part::kNoun && word.ends_with('.') && is_plain(word, ".")) {
    lemma = apply_rules(kAbbreviationRules, word);
  } else if (is_plain(word, "")) {
    if (part == Part::kNoun) lemma = apply_rules(kNounRules, word);
    if (!lemma && word.ends_with('s')) lemma = apply_rules(kRulesForS, word);
    if (part == Part::kVerb && word.ends_with("ed")) lemma = apply_rules(kRulesForEd, word);
    if (part == Part::kVerb && word.ends_with("ing")) lemma = apply_rules(kRulesForIng, word);
  }
  return lemma.value_or(std::string(word));
}

/// Of a word in lower case. Only what follows the last hyphen is inflected, unless a part with
/// hyphens is irregular as a whole ("runners-up").
std::string lemma_of(std::string_view word, Part part, std::string_view tag) {
  std::string lemma;
  for (;;) {
    if (const IrregularForm* irregular = find_irregular(word, part)) {
      return lemma.append(irregular->lemma);
    }
    const std::size_t hyphen = word.find('-');
    if (hyphen == word.npos) return lemma.append(lemma_by_rule(word, part));
    lemma.append(word.substr(0, hyphen + 1));
    word.remove_prefix(hyphen + 1);
    // The original reads on after the hyphen, and what comes next there is the tag.
    if (word.empty()) return lemma.append("_").append(tag);
  }
}

/// Words that a tag (or the beginning of one) decides.
struct TaggedForm {
  std::string_view form, tag, lemma;
};

constexpr TaggedForm kTaggedForms[] = {
    {"'s", "VBZ", "be"},   {"s", "VBZ", "be"},    {"'d", "VBD", "have"},  {"ai", "VB", "be"},
    {"'d", "MD", "would"}, {"d", "MD", "would"},  {"ca", "MD", "can"},    {"sha", "MD", "shall"},
    {"wo", "MD", "will"},  {"'ll", "MD", "will"}, {"ll", "MD", "will"},   {"wilt", "MD", "will"},
    {"n't", "RB", "not"},  {"n", "RB", "not"},    {"him", "P", "he"},     {"his", "P", "he"},
    {"her", "P", "she"},   {"them", "P", "they"}, {"their", "P", "they"}, {"me", "P", "I"},
    {"us", "P", "we"},     {"our", "P", "we"},    {"your", "P", "you"},   {"an", "A", "a"},
    {"an", "D", "a"},
};

}  // namespace

std::string lemma(std::string_view word, std::string_view tag) {
  if (tag.starts_with("NNP")) return std::string(word);
  if (tag.starts_with('P') && (word == "I" || word == "i")) return std::string(word);
  const std::string lowered = lower(word);
  for (const TaggedForm& form : kTaggedForms) {
    if (form.form == lowered && tag.starts_with(form.tag)) return std::string(form.lemma);
  }
  if (tag.starts_with('V')) return lemma_of(lowered, Part::kVerb, tag);
  // A bare "NN" is singular.
  if (tag.starts_with("NN") && tag.size() > 2) return lemma_of(lowered, Part::kNoun, tag);
  return lowered;
}

}  // namespace metrics::english
