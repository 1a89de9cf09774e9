// What is behind Synonyms: words with their synsets, in tables.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "metrics/english/synonyms.h"

namespace metrics::english {

class SynonymTables {
 public:
  /// Synonyms::synsets().
  std::span<const Synset> synsets(std::string_view word) const;

 private:
  friend class SynonymTablesBuilder;

  /// Part of ids_.
  struct Set {
    std::uint32_t begin = 0, size = 0;
  };
  struct Entry {
    std::string_view word;
    Set own;  ///< synsets of the word itself; empty for a form that is no word
    Set all;  ///< these and those of its base forms
    bool bases_listed = false;
  };
  /// Of a hash table with open addressing.
  struct Slot {
    std::uint32_t high = 0;  ///< half of the word's hash, to tell most others without a look
    std::uint32_t number = kEmpty;
  };
  static constexpr std::uint32_t kEmpty = ~0u;

  SynonymTables() { entries_.reserve(slots_.size() * 3 / 5); }
  std::size_t find_slot(std::string_view word, std::uint64_t hash) const;
  const Entry* find(std::string_view word) const;
  const Entry* base_by_ending(std::string_view form) const;
  std::uint32_t number(std::string_view word);
  void grow();

  std::vector<std::shared_ptr<const base::MappedFile>> files_;  // the words are views into them
  // A power of two, with room for about the words that METEOR and WordNet have.
  std::vector<Slot> slots_ = std::vector<Slot>(std::size_t{1} << 18);
  std::vector<Entry> entries_;
  std::vector<Synset> ids_;
};

/// Collects what files say, in any order, then lays the tables out.
class SynonymTablesBuilder {
 public:
  /// Maps a file; the words given to the other functions are views into what it returns.
  std::string_view read(const std::filesystem::path& path);

  /// The number of a word, known or new.
  std::uint32_t number(std::string_view word) { return tables_->number(word); }
  bool has_synsets(std::uint32_t word) const { return tables_->entries_[word].own.size > 0; }
  void add_synset(std::uint32_t word, Synset synset);
  void add_base(std::string_view form, std::string_view base);
  /// Whether no word has a synset.
  bool empty() const { return synsets_.empty(); }

  std::shared_ptr<const SynonymTables> finish() &&;

 private:
  using Set = SynonymTables::Set;
  void lay_out_own_sets();
  void sort(Set& set);
  Set unite(const std::vector<Set>& sets);

  std::shared_ptr<SynonymTables> tables_{new SynonymTables};
  std::vector<std::pair<std::uint32_t, Synset>> synsets_;       // of a word
  std::vector<std::pair<std::uint32_t, std::uint32_t>> bases_;  // of a form
};

}  // namespace metrics::english
