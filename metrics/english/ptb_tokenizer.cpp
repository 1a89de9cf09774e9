#include "metrics/english/ptb_tokenizer.h"

#include <span>
#include <utility>

#include "metrics/english/ptb_rules.h"

namespace metrics::english {
namespace {

using ptb::Rule;
using Replacement = std::pair<std::string_view, std::string_view>;

constexpr Replacement kNoSoftHyphens[] = {{"\u00AD", ""}};
constexpr Replacement kNoBreakSpaces[] = {{" ", "\u00A0"}};
constexpr Replacement kBrackets[] = {{"(", "-LRB-"}, {")", "-RRB-"}, {"[", "-LSB-"},
                                     {"]", "-RSB-"}, {"{", "-LCB-"}, {"}", "-RCB-"}};
constexpr Replacement kRoundBrackets[] = {{"(", "-LRB-"}, {")", "-RRB-"}};
constexpr Replacement kPhoneSigns[] = {{"(", "-LRB-"}, {")", "-RRB-"}, {" ", "\u00A0"}};
constexpr Replacement kFractions[] = {
    {"\u00BC", "1/4"}, {"\u00BD", "1/2"}, {"\u00BE", "3/4"}, {"\u2153", "1/3"}, {"\u2154", "2/3"}};
constexpr Replacement kCurrencies[] = {{"\u00A2", "cents"}, {"\u00A3", "#"}, {"\u0080", "$"},
                                       {"\u00A4", "$"},     {"\u20A0", "$"}, {"\u20AC", "$"}};
constexpr Replacement kOpeningQuotes[] = {{"'", "`"}, {"\"", "``"}, {"&quot;", "``"}};
constexpr Replacement kQuotes[] = {
    {"\"", "''"},     {"&quot;", "''"}, {"&apos;", "'"},  {"\u0091", "`"},
    {"\u2018", "`"},  {"\u201B", "`"},  {"\u2039", "`"},  {"\u0092", "'"},
    {"\u2019", "'"},  {"\u203A", "'"},  {"\u0093", "``"}, {"\u201C", "``"},
    {"\u00AB", "``"}, {"\u0094", "''"}, {"\u201D", "''"}, {"\u00BB", "''"}};

/// Wherever the first string of a pair stands in the text, the second.
std::string replaced(std::string_view text, std::span<const Replacement> replacements) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const Replacement* found = nullptr;
    for (const Replacement& replacement : replacements) {
      if (text.substr(at).starts_with(replacement.first)) found = &replacement;
    }
    out += found ? found->second : text.substr(at, 1);
    at += found ? found->first.size() : 1;
  }
  return out;
}

/// &amp;, in small or capital letters, becomes &.
std::string without_entity(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    out += text[at];
    if (text[at] == '&' && text.substr(at).size() > 4 && text[at + 4] == ';') at += 4;
  }
  return out;
}

std::string without_soft_hyphens(std::string_view text) {
  const std::string rest = replaced(text, kNoSoftHyphens);
  return rest.empty() ? "-" : rest;
}

/// What becomes of the text that a rule has found.
std::string token(Rule rule, std::string text) {
  switch (rule) {
    case Rule::kWord:
    case Rule::kWordWithDot:
    case Rule::kNumber:
    case Rule::kHyphenatedWord:
      return without_soft_hyphens(text);
    case Rule::kTag:
    case Rule::kFraction:
      return replaced(text, kNoBreakSpaces);
    case Rule::kAmpersand:
    case Rule::kTreebankWord:
    case Rule::kAmpersandWord:
      return without_entity(text);
    case Rule::kLongDash:
      return "--";
    case Rule::kHyphens:
      return text == "---" || text == "----" ? "--" : text;
    case Rule::kEllipsis:
      return "...";
    case Rule::kFractionCharacter:
      return replaced(text, kFractions);
    case Rule::kCurrency:
      return replaced(text, kCurrencies);
    case Rule::kPhoneNumber:
      return replaced(text, kPhoneSigns);
    case Rule::kSmiley:
      return replaced(text, kRoundBrackets);
    case Rule::kBracket:
      return replaced(text, kBrackets);
    case Rule::kAngle:
      return text == "<" || text[1] == 'l' || text[1] == 'L' ? "<" : ">";
    case Rule::kOpeningQuote:
    case Rule::kOpeningDoubleQuote:
      return replaced(text, kOpeningQuotes);
    case Rule::kContraction:
    case Rule::kQuote:
    case Rule::kDoubleQuote:
      return replaced(text, kQuotes);
    default:
      return text;
  }
}

}  // namespace

std::vector<std::string> ptb_tokenize(std::string_view line) {
  const ptb::Text text(line);
  ptb::Scanner scanner(text);
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < text.size();) {
    const ptb::Match match = scanner.longest(at);
    if (match.rule != Rule::kNothing) {
      tokens.push_back(token(match.rule, text.utf8(at, match.end)));
    }
    // The dot of "Inc." that ends the sentence too is read again.
    at = match.rule == Rule::kAbbreviationEndsSentence ? match.end - 1 : match.end;
  }
  return tokens;
}

}  // namespace metrics::english
