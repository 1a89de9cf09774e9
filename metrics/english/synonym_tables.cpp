#include "metrics/english/synonym_tables.h"

#include <algorithm>
#include <functional>
#include <string>

namespace metrics::english {
namespace {

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

std::uint64_t hash_of(std::string_view word) {
  return std::hash<std::string_view>()(word);
}

std::uint32_t high_half(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash >> 32);
}

}  // namespace

std::span<const Synset> SynonymTables::synsets(std::string_view word) const {
  Set set;
  if (const Entry* entry = find(word)) {
    set = entry->all;
  } else if (const Entry* base = base_by_ending(word)) {
    set = base->own;
  }
  return std::span<const Synset>(ids_).subspan(set.begin, set.size);
}

/// The slot that has the word, or the empty one where it belongs.
std::size_t SynonymTables::find_slot(std::string_view word, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.number == kEmpty) return at;
    if (slot.high == high_half(hash) && entries_[slot.number].word == word) return at;
  }
}

const SynonymTables::Entry* SynonymTables::find(std::string_view word) const {
  const Slot& slot = slots_[find_slot(word, hash_of(word))];
  return slot.number == kEmpty ? nullptr : &entries_[slot.number];
}

/// The number of a word, which is added if it is new.
std::uint32_t SynonymTables::number(std::string_view word) {
  if (entries_.size() * 4 >= slots_.size() * 3) grow();
  const std::uint64_t hash = hash_of(word);
  Slot& slot = slots_[find_slot(word, hash)];
  if (slot.number == kEmpty) {
    slot = {high_half(hash), static_cast<std::uint32_t>(entries_.size())};
    entries_.emplace_back().word = word;
  }
  return slot.number;
}

void SynonymTables::grow() {
  slots_.assign(slots_.size() * 2, {});
  for (std::uint32_t number = 0; number < entries_.size(); ++number) {
    const std::uint64_t hash = hash_of(entries_[number].word);
    slots_[find_slot(entries_[number].word, hash)] = {high_half(hash), number};
  }
}

/// The word that a form comes from by a regular ending; null for none. METEOR meant to look at what
/// stands before "ful", but compares the whole form, which then has none of the endings.
const SynonymTables::Entry* SynonymTables::base_by_ending(std::string_view form) const {
  if (form.size() <= 2 || form.ends_with("ss")) return nullptr;  // is its own base
  std::string base;
  for (const Ending& ending : kEndings) {
    if (!form.ends_with(ending.suffix)) continue;
    base.assign(form.substr(0, form.size() - ending.suffix.size())).append(ending.base);
    if (const Entry* entry = find(base); entry && entry->own.size > 0) return entry;
  }
  return nullptr;
}

std::string_view SynonymTablesBuilder::read(const std::filesystem::path& path) {
  const std::span<const std::byte> bytes =
      tables_->files_.emplace_back(base::MappedFile::open(path))->bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void SynonymTablesBuilder::add_synset(std::uint32_t word, Synset synset) {
  synsets_.push_back({word, synset});
  ++tables_->entries_[word].own.size;
}

void SynonymTablesBuilder::add_base(std::string_view form, std::string_view base) {
  const std::uint32_t word = number(form);
  tables_->entries_[word].bases_listed = true;
  bases_.push_back({word, number(base)});
}

std::shared_ptr<const SynonymTables> SynonymTablesBuilder::finish() && {
  std::vector<SynonymTables::Entry>& entries = tables_->entries_;
  lay_out_own_sets();
  std::sort(bases_.begin(), bases_.end());
  for (auto begin = bases_.begin(); begin != bases_.end();) {
    const auto end = std::find_if(begin, bases_.end(),
                                  [&](const auto& pair) { return pair.first != begin->first; });
    std::vector<Set> sets{entries[begin->first].own};
    for (auto pair = begin; pair != end; ++pair) sets.push_back(entries[pair->second].own);
    entries[begin->first].all = unite(sets);
    begin = end;
  }
  for (SynonymTables::Entry& entry : entries) {
    if (entry.bases_listed) continue;
    const SynonymTables::Entry* base = tables_->base_by_ending(entry.word);
    entry.all = base ? unite({entry.own, base->own}) : entry.own;
  }
  return std::move(tables_);
}

void SynonymTablesBuilder::lay_out_own_sets() {
  std::uint32_t begin = 0;
  for (SynonymTables::Entry& entry : tables_->entries_) {
    entry.own.begin = begin;
    begin += std::exchange(entry.own.size, 0);
  }
  tables_->ids_.resize(begin);
  for (const auto& [word, id] : synsets_) {
    Set& own = tables_->entries_[word].own;
    tables_->ids_[own.begin + own.size++] = id;
  }
  for (SynonymTables::Entry& entry : tables_->entries_) sort(entry.own);
}

/// Sorts a set and drops repetitions.
void SynonymTablesBuilder::sort(Set& set) {
  const auto begin = tables_->ids_.begin() + set.begin;
  std::sort(begin, begin + set.size);
  set.size = static_cast<std::uint32_t>(std::unique(begin, begin + set.size) - begin);
}

SynonymTables::Set SynonymTablesBuilder::unite(const std::vector<Set>& sets) {
  std::vector<Synset>& ids = tables_->ids_;
  Set all{static_cast<std::uint32_t>(ids.size()), 0};
  for (const Set& set : sets) {
    for (std::uint32_t i = 0; i < set.size; ++i) ids.push_back(ids[set.begin + i]);
    all.size += set.size;
  }
  sort(all);
  ids.resize(all.begin + all.size);
  return all;
}

}  // namespace metrics::english
