#include <algorithm>
#include <bit>
#include <charconv>
#include <istream>
#include <numeric>
#include <ostream>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/lines.h"
#include "metrics/meteor/paraphrase_format.h"
#include "metrics/meteor/paraphrase_table.h"

namespace metrics::meteor {
namespace {

constexpr std::string_view kSpaces = " \t\r\n\f";

/// The text's words, numbered as they appear.
class Words {
 public:
  std::uint32_t number(std::string_view word) {
    const auto [at, is_new] = numbers_.try_emplace(std::string(word), size());
    if (is_new) spellings_.push_back(at->first);
    return at->second;
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(spellings_.size()); }
  const std::vector<std::string_view>& spellings() const { return spellings_; }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::string_view> spellings_;  // into the keys of numbers_, which stay where they are
};

/// The trie while it grows: a phrase is numbered when it first appears, after its parent.
struct Trie {
  std::vector<std::uint32_t> parents{0}, last_words{0};
  std::unordered_map<std::uint64_t, std::uint32_t> children;  // by parent and word

  std::uint32_t size() const { return static_cast<std::uint32_t>(parents.size()); }
  std::uint32_t child(std::uint32_t parent, std::uint32_t word) {
    const auto [at, is_new] = children.try_emplace(std::uint64_t{parent} << 32 | word, size());
    if (is_new) {
      parents.push_back(parent);
      last_words.push_back(word);
    }
    return at->second;
  }
};

struct Entry {
  std::uint32_t phrase, paraphrase;
};

class Builder {
 public:
  void read(std::istream& text, const std::string& name);
  void write(std::ostream& out) const;

 private:
  std::uint32_t phrase(std::string_view line);

  Words words_;
  Trie trie_;
  std::vector<Entry> entries_;
};

std::uint32_t Builder::phrase(std::string_view line) {
  std::uint32_t phrase = 0;
  for (std::size_t begin = line.find_first_not_of(kSpaces); begin != line.npos;) {
    const std::size_t end = std::min(line.find_first_of(kSpaces, begin), line.size());
    phrase = trie_.child(phrase, words_.number(line.substr(begin, end - begin)));
    begin = line.find_first_not_of(kSpaces, end);
  }
  return phrase;
}

bool is_number(std::string_view line) {
  double value = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
  const std::string_view rest(end, static_cast<std::size_t>(line.data() + line.size() - end));
  return error == std::errc() && rest.find_first_not_of(kSpaces) == rest.npos;
}

void Builder::read(std::istream& text, const std::string& name) {
  base::StreamLines lines(text, name);
  std::string line;
  const auto next_phrase = [&](const char* role) {
    if (!lines.next(line)) lines.fail("the text ends inside an entry of three lines");
    const std::uint32_t found = phrase(line);
    if (found == 0) lines.fail(role);
    return found;
  };
  while (lines.next(line)) {
    if (!is_number(line)) {
      lines.fail(
          line.starts_with("\x1f\x8b")
              ? "the text is compressed: pass it through gzip -dc"
              : "expected a probability, then a line with the phrase, a line with its paraphrase");
    }
    const std::uint32_t left = next_phrase("the phrase has no words");
    entries_.push_back({left, next_phrase("the paraphrase has no words")});
  }
  if (entries_.empty()) throw base::FormatError(base::str(name, ": there are no entries"));
}

/// The new number of each phrase: shorter ones first, children of one phrase side by side and
/// sorted by their last word.
std::vector<std::uint32_t> breadth_first(const Trie& trie) {
  std::vector<std::uint32_t> depths(trie.size()), order(trie.size()), numbers(trie.size());
  for (std::uint32_t phrase = 1; phrase < trie.size(); ++phrase) {
    depths[phrase] = depths[trie.parents[phrase]] + 1;
  }
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return depths[a] < depths[b]; });
  // Level by level, for parents must have their new numbers when their children are sorted.
  for (auto begin = order.begin(); begin != order.end();) {
    const auto end = std::upper_bound(
        begin, order.end(), depths[*begin],
        [&](std::uint32_t depth, std::uint32_t phrase) { return depth < depths[phrase]; });
    std::sort(begin, end, [&](std::uint32_t a, std::uint32_t b) {
      return std::pair(numbers[trie.parents[a]], trie.last_words[a]) <
             std::pair(numbers[trie.parents[b]], trie.last_words[b]);
    });
    for (; begin != end; ++begin) {
      numbers[*begin] = static_cast<std::uint32_t>(begin - order.begin());
    }
  }
  return numbers;
}

/// Where the values of each of `count` owners begin when they are laid out by owner.
template <class Owners>
std::vector<std::uint32_t> bounds(std::uint32_t count, const Owners& owners) {
  std::vector<std::uint32_t> result(count + std::size_t{1});
  owners([&](std::uint32_t owner) { ++result[owner + std::size_t{1}]; });
  std::partial_sum(result.begin(), result.end(), result.begin());
  return result;
}

std::vector<std::uint32_t> hash_table(const std::vector<std::string_view>& words) {
  const auto slots = std::bit_ceil(static_cast<std::uint32_t>(words.size() * 2));
  std::vector<std::uint32_t> table(slots);
  for (std::uint32_t word = 0; word < words.size(); ++word) {
    std::uint32_t slot = paraphrase_slot(words[word], slots);
    while (table[slot] != 0) slot = (slot + 1) & (slots - 1);
    table[slot] = word + 1;
  }
  return table;
}

void append_numbers(std::string& out, const std::vector<std::uint32_t>& numbers) {
  out.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(std::uint32_t));
}

void Builder::write(std::ostream& out) const {
  std::vector<std::uint32_t> spellings{0};
  for (const std::string_view word : words_.spellings()) {
    spellings.push_back(spellings.back() + static_cast<std::uint32_t>(word.size()));
  }
  const std::vector<std::uint32_t> slots = hash_table(words_.spellings());
  const std::vector<std::uint32_t> new_numbers = breadth_first(trie_);

  std::vector<std::uint32_t> last_words(trie_.size());
  for (std::uint32_t phrase = 0; phrase < trie_.size(); ++phrase) {
    last_words[new_numbers[phrase]] = trie_.last_words[phrase];
  }
  std::vector<std::uint32_t> children = bounds(trie_.size(), [&](const auto& count) {
    for (std::uint32_t phrase = 1; phrase < trie_.size(); ++phrase) {
      count(new_numbers[trie_.parents[phrase]]);
    }
  });
  for (std::uint32_t& child : children) ++child;  // phrase 0 is nobody's child
  const std::vector<std::uint32_t> entries = bounds(trie_.size(), [&](const auto& count) {
    for (const Entry& entry : entries_) count(new_numbers[entry.phrase]);
  });
  std::vector<std::uint32_t> next = entries, paraphrases(entries_.size());
  for (const Entry& entry : entries_) {
    paraphrases[next[new_numbers[entry.phrase]]++] = new_numbers[entry.paraphrase];
  }

  ParaphraseHeader header{
      .magic = kParaphraseMagic,
      .version = kParaphraseVersion,
      .slots = static_cast<std::uint32_t>(slots.size()),
      .words = words_.size(),
      .phrases = trie_.size(),
      .entries = static_cast<std::uint32_t>(entries_.size()),
      .letters = spellings.back(),
      .checksum = 0,
  };
  std::string rest;
  append_numbers(rest, slots);
  append_numbers(rest, spellings);
  append_numbers(rest, last_words);
  append_numbers(rest, children);
  append_numbers(rest, entries);
  append_numbers(rest, paraphrases);
  for (const std::string_view word : words_.spellings()) rest += word;
  header.checksum = paraphrase_checksum(header, std::as_bytes(std::span(rest)));
  out.write(reinterpret_cast<const char*>(&header), sizeof header);
  out << rest;
}

}  // namespace

void write_paraphrase_table(std::istream& text, const std::string& name,
                            const std::filesystem::path& path) {
  Builder builder;
  builder.read(text, name);
  base::replace_file(path, [&](std::ostream& out) { builder.write(out); });
}

}  // namespace metrics::meteor
