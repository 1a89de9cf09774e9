#include "metrics/english/synonyms.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "base/lines.h"
#include "metrics/english/synonym_tables.h"

namespace metrics::english {
namespace {

using base::Lines;

/// Takes the first word off a line; empty at its end.
std::string_view take_word(std::string_view& line) {
  while (line.starts_with(' ')) line.remove_prefix(1);
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

constexpr Synset kLargestPlace = (1u << 30) - 1;  // leaves two bits for a part of speech

Synset number(std::string_view digits, const Lines& lines) {
  Synset value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || rest != end || value > kLargestPlace) {
    lines.fail("expected a number, found \"", digits.substr(0, 40), "\"");
  }
  return value;
}

Lines read(const std::filesystem::path& path, SynonymTablesBuilder& builder) {
  return {builder.read(path), path.string()};
}

}  // namespace

Synonyms Synonyms::from_meteor(const std::filesystem::path& folder) {
  SynonymTablesBuilder builder;

  // Two lines a word: the word, the numbers of its synsets.
  Lines lines = read(folder / "english.synsets", builder);
  while (const auto line = lines.next()) {
    const std::uint32_t word = builder.number(*line);
    if (builder.has_synsets(word)) {
      lines.fail("the word \"", *line, "\" stands here a second time");
    }
    std::string_view numbers = lines.next().value_or("");
    std::string_view digits = take_word(numbers);
    if (digits.empty()) lines.fail("expected the synsets of the word \"", *line, "\"");
    for (; !digits.empty(); digits = take_word(numbers)) {
      builder.add_synset(word, number(digits, lines));
    }
  }
  if (builder.empty()) lines.fail("there are no words");

  // Two lines a word: the base form, the irregular forms that it has.
  lines = read(folder / "english.exceptions", builder);
  while (const auto base = lines.next()) {
    std::string_view forms = lines.next().value_or("");
    std::string_view form = take_word(forms);
    if (form.empty()) lines.fail("expected the irregular forms of \"", *base, "\"");
    for (; !form.empty(); form = take_word(forms)) builder.add_base(form, *base);
  }
  return Synonyms(std::move(builder).finish());
}

Synonyms Synonyms::from_wordnet(const std::filesystem::path& folder) {
  SynonymTablesBuilder builder;
  constexpr std::string_view kPartsOfSpeech[] = {"noun", "verb", "adj", "adv"};
  for (Synset part = 0; part < std::size(kPartsOfSpeech); ++part) {
    const std::string name(kPartsOfSpeech[part]);

    // lemma pos synset_cnt p_cnt [ptr_symbol...] sense_cnt tagsense_cnt synset_offset...
    Lines lines = read(folder / ("index." + name), builder);
    while (auto line = lines.next()) {
      if (line->starts_with(' ')) continue;  // the licence
      const std::uint32_t word = builder.number(take_word(*line));
      take_word(*line);
      const Synset synsets = number(take_word(*line), lines);
      const Synset pointers = number(take_word(*line), lines);
      for (Synset i = 0; i < pointers + 2 && !line->empty(); ++i) take_word(*line);
      if (synsets == 0) lines.fail("a word without synsets");
      for (Synset i = 0; i < synsets; ++i) {
        builder.add_synset(word, number(take_word(*line), lines) * 4 + part);
      }
      if (!take_word(*line).empty()) lines.fail("more synsets than the ", synsets, " announced");
    }

    // form base...
    lines = read(folder / (name + ".exc"), builder);
    while (auto line = lines.next()) {
      const std::string_view form = take_word(*line);
      std::string_view base = take_word(*line);
      if (base.empty()) lines.fail("expected an irregular form and its base forms");
      for (; !base.empty(); base = take_word(*line)) builder.add_base(form, base);
    }
  }
  if (builder.empty()) {
    throw base::FormatError(base::str(folder.string(), ": there are no words in index.noun, ..."));
  }
  return Synonyms(std::move(builder).finish());
}

std::span<const Synset> Synonyms::synsets(std::string_view word) const {
  return tables_->synsets(word);
}

bool share_synset(std::span<const Synset> a, std::span<const Synset> b) {
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    if (*i == *j) return true;
    ++(*i < *j ? i : j);
  }
  return false;
}

}  // namespace metrics::english
