// The words that the rules of the Penn Treebank tokenizer know one by one. Written in small
// letters, each of which stands for a capital too; `=` before a letter: just as written; `~`: any
// apostrophe.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace metrics::english::ptb {

/// A list of such words, in which those that begin like a text are found at once.
template <std::size_t N>
class Patterns {
 public:
  template <class... Words>
  constexpr explicit Patterns(Words... words) : words_{words...} {
    const auto before = [](std::string_view a, std::string_view b) { return key(a) < key(b); };
    std::sort(words_.begin(), words_.end(), before);
    for (std::size_t c = 0, at = 0; c < begin_.size(); ++c) {
      while (at < N && key(words_[at]) < c) ++at;
      begin_[c] = static_cast<std::uint8_t>(at);
    }
  }

  /// Those that begin with a character: a small letter or a sign, ' for any apostrophe.
  constexpr std::span<const std::string_view> beginning_with(char32_t c) const {
    if (c >= 128) return {};
    return {words_.begin() + begin_[c], words_.begin() + begin_[c + 1]};
  }

 private:
  static constexpr unsigned key(std::string_view word) {
    if (word[0] == '~') return '\'';
    if (word[0] != '=') return static_cast<unsigned char>(word[0]);
    return static_cast<unsigned char>(word[1] | 0x20);
  }

  std::array<std::string_view, N> words_;
  std::array<std::uint8_t, 129> begin_{};
};
template <class... Words>
Patterns(Words...) -> Patterns<sizeof...(Words)>;

/// Cut in two, before the last two or three characters.
inline constexpr Patterns kCutBeforeTwo("gimme", "gonna", "gotta", "lemme", "wanna", "'tis");
inline constexpr Patterns kCutBeforeThree("cannot", "'twas");

inline constexpr Patterns kProgrammingLanguages("c++", "c#", "f#");

/// Whole tokens of the treebank that other rules would cut.
inline constexpr Patterns kTreebankWords("-lrb-", "-rrb-", "-lcb-", "-rcb-", "-lsb-", "-rsb-",
                                         "pro-", "anti-", "s&p-500", "s&amp;p-500", "s&ls",
                                         "s&amp;ls", "c.d.s", "cap~n", "c~est");

/// Words with an apostrophe inside or at an end.
inline constexpr Patterns kApostropheWords("~n", "~n~", "~em", "~cause", "~til", "~till", "l~",
                                           "d~", "j~", "ol~", "dunkin~", "somethin~", "c'mon",
                                           "cont'd", "cont'd.", "e'er", "ev'ry", "li'l", "nat'l",
                                           "nor'easter", "s'mores", "'twas", "~20s", "~30s", "~40s",
                                           "~50s", "~60s", "~70s", "~80s", "~90s");

/// Abbreviations that often end a sentence: before a capital their dot is written twice, once for
/// the abbreviation and once for the sentence. Months, days, states of the USA, companies, others.
inline constexpr Patterns kFinalAbbreviations(
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon",
    "tue", "tues", "wed", "thu", "thurs", "fri", "ala", "ariz", "=Az", "=Ark", "calif", "colo",
    "conn", "ct", "dak", "=Del", "fla", "ga", "=Ill", "ind", "kan", "kans", "ky", "=La", "=Mass",
    "md", "mich", "minn", "=Miss", "mo", "mont", "neb", "nev", "okla", "=Ore", "=Pa", "penn",
    "tenn", "=Tex", "va", "vt", "=Wash", "wis", "wisc", "wyo", "assn", "bancorp", "bhd", "co",
    "corp", "cos", "inc", "intl", "ltd", "plc", "rt", "sys", "univ", "pt=y", "pt=e", "pt=ys",
    "pt=es", "ppt=y", "ppt=e", "ppt=ys", "ppt=es", "blvd", "bros", "ed.d", "esq", "jr", "ph.d",
    "rd", "sr", "al", "bldg", "est", "etc", "ext", "seq", "sq", "tel");

/// Abbreviations that go on: titles before names, and others.
inline constexpr Patterns kTitles("adj", "adm", "adv", "assoc", "asst", "atty", "attys", "ave",
                                  "brig", "capt", "cmdr", "col", "comdr", "cpl", "det", "dr", "drs",
                                  "ens", "ft", "gen", "gov", "govs", "hon", "insp", "lieut", "lt",
                                  "maj", "messrs", "=Miss", "mlle", "mme", "mr", "mrs", "ms",
                                  "msgr", "mt", "pfc", "pres", "prof", "profs", "pvt", "rep",
                                  "reps", "rev", "sen", "sens", "sfc", "sgt", "spc", "st", "ste",
                                  "supt", "supts", "a.k.a", "alex", "cf", "cie", "jos", "ph",
                                  "treas", "vs", "wm", "dept", "elec", "invt", "m=fg", "m=tg",
                                  "natl");

/// Abbreviations before a number only.
inline constexpr Patterns kNumberAbbreviations("art", "bldg", "ca", "fig", "figs", "no", "nos",
                                               "op", "pp", "prop");

/// Of companies, before "Ltd" or "Limited".
inline constexpr Patterns kCompanies("co", "pte", "pty");

/// Acronyms with a hyphen, without their last dot.
inline constexpr Patterns kHyphenAcronyms("canada-u.s", "eu-u.s", "japan-u.s", "korean-u.s",
                                          "non-u.s", "sino-u.s", "u.s.-u.k", "u.s.-u.s.s.r");

/// Words that begin a sentence: an acronym before one of them ends the sentence before.
inline constexpr Patterns kSentenceStarters("=A", "=About", "=According", "=Additionally", "=After",
                                            "=An", "=As", "=At", "=But", "=Earlier", "=He", "=Her",
                                            "=Here", "=However", "=If", "=In", "=It", "=Last",
                                            "=Many", "=More", "=Mr.", "=Ms.", "=Now", "=Once",
                                            "=One", "=Other", "=Our", "=She", "=Since", "=So",
                                            "=Some", "=Such", "=That", "=The", "=Their", "=Then",
                                            "=There", "=These", "=They", "=This", "=We", "=What",
                                            "=When", "=While", "=Yet", "=You");

inline constexpr Patterns kFileExtensions("bat", "bmp", "c", "cgi", "class", "cpp", "dll", "doc",
                                          "docx", "exe", "gif", "gz", "h", "htm", "html", "jar",
                                          "java", "jpeg", "jpg", "mov", "mp3", "pdf", "php", "pl",
                                          "png", "ppt", "ps", "py", "sql", "tar", "txt", "wav", "x",
                                          "xml", "zip");

inline constexpr std::string_view kDomains[] = {"com", "edu", "net", "org"};

/// Entities that stay as they are.
inline constexpr std::string_view kMarkEntities[] = {"&ht;", "&tl;", "&ur;",  "&lr;", "&qc;",
                                                     "&ql;", "&qr;", "&odq;", "&cdq;"};

}  // namespace metrics::english::ptb
