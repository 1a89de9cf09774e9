// From a line of text to the words that METEOR counts: punctuation cut off, contractions cut apart,
// hyphens between words dropped, lower case. Source: the normaliser of METEOR 1.5 (English,
// punctuation kept), which itself comes from the tokenizer of Moses.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace metrics::meteor {

/// Abbreviations, written without their last dot, that a dot may follow without ending a sentence.
struct Abbreviations {
  enum class Rule {
    kAlways,        ///< "Mr." keeps its dot
    kBeforeNumber,  ///< "No." keeps it where the next word begins with a digit
  };
  std::unordered_map<std::u32string, Rule> rules;

  /// METEOR's `english.prefixes`: an abbreviation a line, `#NUMERIC_ONLY#` behind the second kind,
  /// comments begin with '#'. FileError.
  static Abbreviations load(const std::filesystem::path& path);
};

/// The words of a line as METEOR 1.5 answers, but for two kinds of input: bytes that are not UTF-8
/// are a word "\uFFFD" each, and the upper-case letters "DOTMULTI", which the original uses as a
/// mark of its own, mean nothing special. Time is linear in the length of the line.
std::vector<std::string> normalized_words(std::string_view line,
                                          const Abbreviations& abbreviations);

}  // namespace metrics::meteor
