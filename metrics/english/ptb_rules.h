// The rules of the Penn Treebank tokenizer. The original is a lexer made by JFlex: at every
// position all rules are tried, and the one that reads farthest wins; of equals, the one that comes
// first. What a rule only looks at, behind the token that it makes, counts as read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_set>

#include "metrics/english/ptb_text.h"

namespace metrics::english::ptb {

/// In the order in which they win; the text behind the arrow is what becomes of an example.
enum class Rule : std::uint8_t {
  kProgrammingLanguage,       ///< c++ -> c++, f# -> f#
  kAssimilation,              ///< cannot -> can not, gonna -> gon na, 'tis -> 't is
  kTag,                       ///< <a href="x"> -> one token, spaces become U+00A0
  kLongDash,                  ///< en and em dash, &mdash; -> --
  kAmpersand,                 ///< &amp; -> &
  kEntity,                    ///< &#39; -> &#39;
  kWord,                      ///< letters and digits with dots inside: jeans, and can in can't
  kApostropheWord,            ///< o'clock, 'em, d'
  kAddress,                   ///< http://a.com, a.com/b, mail@a.com, @name, #tag
  kContraction,               ///< 's 'd 'm 're 've 'll n't, with a right quote as '
  kDate,                      ///< 12/31/2014
  kNumber,                    ///< -1,299.99
  kSuperscript,               ///< superior and inferior digits
  kFraction,                  ///< 5 1/2 -> one token, the space becomes U+00A0
  kFractionCharacter,         ///< U+00BD -> 1/2
  kTreebankWord,              ///< -LRB-, S&P-500
  kSlashedWord,               ///< black/white/red
  kDollar,                    ///< US$, #
  kCurrency,                  ///< the euro sign -> $, the pound sign -> #
  kLetterEndsSentence,        ///< plan B. The -> B . The
  kAbbreviationEndsSentence,  ///< Inc. The -> Inc. . The
  kAbbreviation,              ///< Dr. Inc. U.S. fig. (before a number)
  kYear,                      ///< '90 before a space
  kFileName,                  ///< photo.12.jpg
  kWordWithDot,               ///< seq., -> seq. , (a word's dot before a comma)
  kPhoneNumber,               ///< (555) 123-4567 -> one token, spaces become U+00A0
  kOpeningDoubleQuote,        ///< " before a letter, a digit or $ -> ``
  kDoubleQuote,               ///< " -> ''
  kAngle,                     ///< &lt; -> <
  kSmiley,                    ///< :-) -> :--RRB-
  kBracket,                   ///< ( -> -LRB-
  kHyphens,                   ///< --- -> --
  kEllipsis,                  ///< ....., . . ., U+2026 -> ...
  kMarks,                     ///< @@ ## __ ** ?! , ; : and other characters that stand alone
  kHyphenatedWord,            ///< t-shirt, size-8.5-plus
  kThing,                     ///< 2x4, snake_case, l'oreal-style
  kAmpersandWord,             ///< H&M, AT&T
  kOpeningQuote,              ///< ' before a letter -> `
  kQuote,                     ///< curly quotes, ' -> `` '' ` '
  kNothing,                   ///< spaces, and characters that no rule knows: no token
};

struct Match {
  Rule rule = Rule::kNothing;
  std::size_t end = 0;    ///< of the token
  std::size_t reach = 0;  ///< how far the rule has read
};

/// Finds the rule that wins at each position of a text, in linear time if positions do not go back:
/// where a rule looks farther than its token reaches (for the @ of an address, say), what it found
/// is kept.
class Scanner {
 public:
  /// The text must outlive the scanner.
  explicit Scanner(const Text& text) : text_(text) {}
  Match longest(std::size_t at);

 private:
  /// What is known from every position of [begin, end).
  struct Run {
    std::size_t begin = 0, end = 0;
    std::size_t decisive = 0;   // the last position at which the decisive part stands; 0: nowhere
    std::size_t match_end = 0;  // of a match with that part
    std::size_t decisive_with_path = 0, match_end_with_path = 0;  // the same, with a path behind

    bool knows(std::size_t at) const { return begin <= at && at < end; }
    void keep(std::size_t part, std::size_t part_end) {
      decisive = part;
      match_end = part_end;
    }
    /// Where a match that begins at `at` ends, 0 without one.
    std::size_t match(std::size_t at) const {
      if (decisive_with_path > at) return match_end_with_path;
      return decisive > at ? match_end : 0;
    }
  };

  void offer(Rule rule, std::size_t end, std::size_t reach);
  void offer(Rule rule, std::size_t end) { offer(rule, end, end); }

  // The rules, by what a token begins with or looks like.
  void words(std::size_t at);
  void contracted_word(std::size_t at);
  void known_words(std::size_t at);
  void apostrophe_words(std::size_t at);
  void abbreviations(std::size_t at);
  void acronym(std::size_t at, std::size_t end);
  void final_abbreviation(std::size_t behind);
  void compounds(std::size_t at);
  void slashed_word(std::size_t at);
  void ampersand_word(std::size_t at);
  void numbers(std::size_t at);
  void phone_numbers(std::size_t at);
  void entities(std::size_t at);
  void quotes(std::size_t at);
  void smileys(std::size_t at);
  void brackets_and_dots(std::size_t at);
  void marks(std::size_t at);
  void addresses(std::size_t at);
  void hyphenated_word(std::size_t at);
  void file_name(std::size_t at);

  // Each gives the end of what stands at `at`, or 0 if it does not stand there.
  std::size_t spelled(std::size_t at, std::string_view pattern) const;
  std::size_t apostrophe(std::size_t at) const;
  std::size_t any_apostrophe(std::size_t at) const;
  std::size_t letter(std::size_t at) const;
  std::size_t word(std::size_t at) const;
  std::size_t thing(std::size_t at) const;
  std::size_t thing_part(std::size_t at) const;
  std::size_t contraction(std::size_t at) const;
  std::size_t negation(std::size_t at) const;
  std::size_t some(Kind kind, std::size_t at, std::size_t least, std::size_t most) const;
  std::size_t date(std::size_t at) const;
  std::size_t number(std::size_t at) const;
  std::size_t fraction(std::size_t at) const;
  std::size_t phone_number_tail(std::size_t at) const;
  std::size_t space_or_break(std::size_t at) const;
  std::size_t sentence_start(std::size_t at);
  std::size_t tag(std::size_t at);
  std::size_t opening_tag(std::size_t at);
  std::size_t spaces(std::size_t at) const;  // `at` without any
  std::size_t tag_name(std::size_t at) const;
  std::size_t quoted(std::size_t at) const;
  std::size_t tag_end(std::size_t at) const;
  std::size_t mail_address(std::size_t at);
  std::size_t url(std::size_t at) const;
  std::size_t site(std::size_t at);
  std::size_t host(std::size_t at);
  std::size_t path(std::size_t slash);
  bool has_two(std::size_t begin, std::size_t end) const;
  void keep_with_path(Run& run, std::size_t part, std::size_t domain);

  char32_t code(std::size_t at) const { return text_[at].code; }
  bool is(std::size_t at, unsigned any_of) const { return text_[at].is(any_of); }
  bool is_in_sentence(std::size_t at) const;

  const Text& text_;
  Match best_;
  Run mail_, site_, host_, path_, file_, hyphenated_, declaration_;
  std::unordered_set<std::size_t> no_attributes_;  // positions inside tags that lead nowhere
};

}  // namespace metrics::english::ptb
