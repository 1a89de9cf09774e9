#include "metrics/english/synonyms.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace metrics::english {
namespace {

/// The lines of a text file, with errors that say where.
class Lines {
 public:
  Lines(std::filesystem::path path, std::string_view text) : path_(std::move(path)), rest_(text) {}

  std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    ++number_;
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  template <class... What>
  [[noreturn]] void fail(const What&... what) const {
    throw base::FormatError(base::str(path_.string(), ": line ", number_, ": ", what...));
  }

 private:
  std::filesystem::path path_;
  std::string_view rest_;
  std::uint64_t number_ = 0;
};

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

/// A suffix and what takes its place in the base form.
struct Ending {
  std::string_view suffix, base;
};

constexpr Ending kEndings[] = {
    // Nouns.
    {"s", ""},
    {"ses", "s"},
    {"xes", "x"},
    {"zes", "z"},
    {"ches", "ch"},
    {"shes", "sh"},
    {"men", "man"},
    {"ies", "y"},
    // Verbs.
    {"s", ""},
    {"ies", "y"},
    {"es", "e"},
    {"es", ""},
    {"ed", "e"},
    {"ed", ""},
    {"ing", "e"},
    {"ing", ""},
    // Adjectives.
    {"er", ""},
    {"est", ""},
    {"er", "e"},
    {"est", "e"},
};

/// Part of Tables::ids.
struct Set {
  std::uint32_t begin = 0, size = 0;
};

struct Entry {
  std::string_view word;
  Set own;  ///< synsets of the word itself; empty for a form that is no word
  Set all;  ///< these and those of its base forms
  bool bases_listed = false;
};

/// Words and their entries, numbered as they are added: an open-addressing hash table.
class WordTable {
 public:
  WordTable() { entries_.reserve(slots_.size() * 3 / 5); }
  /// The number of a word, which is added if it is new.
  std::uint32_t number(std::string_view word) {
    if (entries_.size() * 4 >= slots_.size() * 3) grow();
    const std::uint64_t hash = std::hash<std::string_view>()(word);
    Slot& slot = slots_[find_slot(word, hash)];
    if (slot.number == kEmpty) {
      slot = {static_cast<std::uint32_t>(hash >> 32), static_cast<std::uint32_t>(entries_.size())};
      entries_.emplace_back().word = word;
    }
    return slot.number;
  }
  const Entry* find(std::string_view word) const {
    const Slot slot = slots_[find_slot(word, std::hash<std::string_view>()(word))];
    return slot.number == kEmpty ? nullptr : &entries_[slot.number];
  }
  Entry& operator[](std::uint32_t number) { return entries_[number]; }
  std::vector<Entry>& entries() { return entries_; }

 private:
  static constexpr std::uint32_t kEmpty = ~0u;
  struct Slot {
    std::uint32_t high = 0;  ///< half of the word's hash, to tell most others without a look
    std::uint32_t number = kEmpty;
  };

  /// The slot that has the word, or the empty one where it belongs.
  std::size_t find_slot(std::string_view word, std::uint64_t hash) const {
    const auto high = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t at = hash;; ++at) {
      const Slot& slot = slots_[at & (slots_.size() - 1)];
      if (slot.number == kEmpty || (slot.high == high && entries_[slot.number].word == word)) {
        return at & (slots_.size() - 1);
      }
    }
  }
  void grow() {
    slots_.assign(slots_.size() * 2, {});
    for (std::uint32_t number = 0; number < entries_.size(); ++number) {
      const std::uint64_t hash = std::hash<std::string_view>()(entries_[number].word);
      slots_[find_slot(entries_[number].word, hash)] = {static_cast<std::uint32_t>(hash >> 32),
                                                        number};
    }
  }

  // Room for about the words that both sources have.
  std::vector<Slot> slots_ = std::vector<Slot>(std::size_t{1} << 18);
  std::vector<Entry> entries_;
};

}  // namespace

struct Synonyms::Tables {
  std::vector<std::shared_ptr<const base::MappedFile>> files;  ///< the words are views into them
  WordTable words;
  std::vector<Synset> ids;

  std::span<const Synset> at(Set set) const {
    return std::span<const Synset>(ids).subspan(set.begin, set.size);
  }
  const Entry* base_by_ending(std::string_view form) const;
};

/// The word that a form comes from by a regular ending; null for none. METEOR meant to look at what
/// stands before "ful", but compares the whole form, which then has none of the endings.
const Entry* Synonyms::Tables::base_by_ending(std::string_view form) const {
  if (form.size() <= 2 || form.ends_with("ss")) return nullptr;  // is its own base
  std::string base;
  for (const Ending& ending : kEndings) {
    if (!form.ends_with(ending.suffix)) continue;
    base.assign(form.substr(0, form.size() - ending.suffix.size())).append(ending.base);
    if (const Entry* entry = words.find(base); entry && entry->own.size > 0) return entry;
  }
  return nullptr;
}

namespace {

/// Collects what the files say, in any order, then lays the tables out.
template <class Tables>
class Builder {
 public:
  Lines read(const std::filesystem::path& path) {
    const base::MappedFile& file = *tables_->files.emplace_back(base::MappedFile::open(path));
    return {path, {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()}};
  }
  bool empty() const { return synsets_.empty(); }
  /// The number of a word, known or new.
  std::uint32_t word(std::string_view word) { return tables_->words.number(word); }
  bool has_synsets(std::uint32_t word) { return tables_->words[word].own.size > 0; }
  void add_synset(std::uint32_t word, Synset id) {
    synsets_.push_back({word, id});
    ++tables_->words[word].own.size;
  }
  void add_base(std::string_view form, std::string_view base) {
    const std::uint32_t number = word(form);
    tables_->words[number].bases_listed = true;
    bases_.push_back({number, word(base)});
  }

  std::shared_ptr<const Tables> finish() && {
    lay_out_own_sets();
    std::sort(bases_.begin(), bases_.end());
    for (auto begin = bases_.begin(); begin != bases_.end();) {
      const auto end = std::find_if(begin, bases_.end(),
                                    [&](const auto& pair) { return pair.first != begin->first; });
      std::vector<Set> sets{tables_->words[begin->first].own};
      for (auto pair = begin; pair != end; ++pair) sets.push_back(tables_->words[pair->second].own);
      tables_->words[begin->first].all = unite(sets);
      begin = end;
    }
    for (Entry& entry : tables_->words.entries()) {
      if (entry.bases_listed) continue;
      const Entry* base = tables_->base_by_ending(entry.word);
      entry.all = base ? unite({entry.own, base->own}) : entry.own;
    }
    return tables_;
  }

 private:
  void lay_out_own_sets() {
    std::uint32_t begin = 0;
    for (Entry& entry : tables_->words.entries()) {
      entry.own.begin = begin;
      begin += std::exchange(entry.own.size, 0);
    }
    tables_->ids.resize(begin);
    for (const auto& [word, id] : synsets_) {
      Set& own = tables_->words[word].own;
      tables_->ids[own.begin + own.size++] = id;
    }
    for (Entry& entry : tables_->words.entries()) sort(entry.own);
  }

  /// Sorts a set and drops repetitions.
  void sort(Set& set) {
    const auto begin = tables_->ids.begin() + set.begin;
    std::sort(begin, begin + set.size);
    set.size = static_cast<std::uint32_t>(std::unique(begin, begin + set.size) - begin);
  }

  Set unite(const std::vector<Set>& sets) {
    std::vector<Synset>& ids = tables_->ids;
    Set all{static_cast<std::uint32_t>(ids.size()), 0};
    for (const Set& set : sets) {
      for (std::uint32_t i = 0; i < set.size; ++i) ids.push_back(ids[set.begin + i]);
      all.size += set.size;
    }
    sort(all);
    ids.resize(all.begin + all.size);
    return all;
  }

  std::shared_ptr<Tables> tables_ = std::make_shared<Tables>();
  std::vector<std::pair<std::uint32_t, Synset>> synsets_;       // of a word
  std::vector<std::pair<std::uint32_t, std::uint32_t>> bases_;  // of a form
};

}  // namespace

Synonyms Synonyms::from_meteor(const std::filesystem::path& folder) {
  Builder<Tables> builder;

  // Two lines a word: the word, the numbers of its synsets.
  Lines lines = builder.read(folder / "english.synsets");
  while (const auto line = lines.next()) {
    const std::uint32_t word = builder.word(*line);
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
  lines = builder.read(folder / "english.exceptions");
  while (const auto base = lines.next()) {
    std::string_view forms = lines.next().value_or("");
    std::string_view form = take_word(forms);
    if (form.empty()) lines.fail("expected the irregular forms of \"", *base, "\"");
    for (; !form.empty(); form = take_word(forms)) builder.add_base(form, *base);
  }
  return Synonyms(std::move(builder).finish());
}

Synonyms Synonyms::from_wordnet(const std::filesystem::path& folder) {
  Builder<Tables> builder;
  constexpr std::string_view kPartsOfSpeech[] = {"noun", "verb", "adj", "adv"};
  for (Synset part = 0; part < std::size(kPartsOfSpeech); ++part) {
    const std::string name(kPartsOfSpeech[part]);

    // lemma pos synset_cnt p_cnt [ptr_symbol...] sense_cnt tagsense_cnt synset_offset...
    Lines lines = builder.read(folder / ("index." + name));
    while (auto line = lines.next()) {
      if (line->starts_with(' ')) continue;  // the licence
      const std::uint32_t word = builder.word(take_word(*line));
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
    lines = builder.read(folder / (name + ".exc"));
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
  if (const Entry* entry = tables_->words.find(word)) return tables_->at(entry->all);
  const Entry* base = tables_->base_by_ending(word);
  return base ? tables_->at(base->own) : std::span<const Synset>();
}

bool Synonyms::similar(std::string_view a, std::string_view b) const {
  const std::span<const Synset> of_a = synsets(a), of_b = synsets(b);
  for (auto i = of_a.begin(), j = of_b.begin(); i != of_a.end() && j != of_b.end();) {
    if (*i == *j) return true;
    ++(*i < *j ? i : j);
  }
  return false;
}

}  // namespace metrics::english
