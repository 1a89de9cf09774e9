#include "metrics/document_frequencies.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <numeric>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/lines.h"
#include "metrics/cider.h"

namespace metrics {
namespace {

using base::Lines;
using base::str;

// The file is text, in UTF-8 where the captions are:
//   CIDEr document frequencies 2
//   tokens penn-treebank
//   pictures 40000
//   ngrams 1834221
//   34986 a
//   7 a baseball bat
// The 2 is the version of the form; version 1 has no line of tokens. Then a line for each n-gram:
// in how many pictures' references it stands, and its words. N-grams are sorted word by word (bytes
// compared).
constexpr std::string_view kFirstLine = "CIDEr document frequencies ";
constexpr std::string_view kPtbTokens = "tokens penn-treebank", kRawTokens = "tokens raw";

/// Takes a number and the space behind it off the front of a line; -1 if there is none.
std::int64_t take_number(std::string_view& line) {
  std::int64_t number = -1;
  const char* end = line.data() + line.size();
  const auto [stop, error] = std::from_chars(line.data(), end, number);
  if (error != std::errc() || (stop != end && *stop != ' ')) return -1;
  line.remove_prefix(static_cast<std::size_t>(stop - line.data()) + (stop != end));
  return number;
}

/// The number of a line such as "pictures 40000".
std::int64_t header_number(Lines& lines, std::string_view name) {
  const std::string_view line = lines.next().value_or("");
  std::string_view rest = line;
  if (rest.starts_with(name)) {
    rest.remove_prefix(name.size());
    const std::int64_t number = take_number(rest);
    if (number >= 0 && rest.empty()) return number;
  }
  lines.fail("found \"", line.substr(0, 80), "\", expected \"", name, "\" and a number");
}

CaptionTokens header_tokens(Lines& lines) {
  const std::string_view line = lines.next().value_or("");
  if (line == kPtbTokens) return CaptionTokens::kPtb;
  if (line == kRawTokens) return CaptionTokens::kRaw;
  lines.fail("found \"", line.substr(0, 80), "\", expected \"", kPtbTokens, "\" or \"", kRawTokens,
             "\"");
}

/// Adds the n-grams of a file to a table. Sorted as they are, each mostly begins with words of the
/// one before, which need not be looked up again.
class Path {
 public:
  explicit Path(DocumentFrequencyTable& table) : table_(table) {}

  /// Of words separated by single spaces; kUnknown where they are not, or too many.
  NgramId operator()(std::string_view text) {
    NgramId ngram = kNoWords;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const std::size_t space = text.find(' ');
      const std::string_view word = text.substr(0, space);
      if (word.empty()) return kUnknown;
      if (i == known_ || word != steps_[i].word) {
        steps_[i] = {word, table_.ngrams.add(ngram, table_.words.add(word))};
        known_ = i + 1;
      }
      ngram = steps_[i].ngram;
      if (space == text.npos) return ngram;
      text.remove_prefix(space + 1);
    }
    return kUnknown;
  }

 private:
  struct Step {
    std::string_view word;  // in the text of the file
    NgramId ngram;          // that ends with it
  };

  DocumentFrequencyTable& table_;
  std::array<Step, kLongestNgram> steps_{};
  std::size_t known_ = 0;  // how many steps are of the lines so far
};

/// The n-grams of a table, sorted word by word.
class SortedNgrams {
 public:
  explicit SortedNgrams(const DocumentFrequencyTable& table)
      : table_(table), words_(table.words.by_id()), longer_(table.ngrams.size() + 1) {
    std::vector<WordId> sorted(words_.size());
    std::iota(sorted.begin(), sorted.end(), WordId{0});
    std::sort(sorted.begin(), sorted.end(),
              [this](WordId a, WordId b) { return words_[a] < words_[b]; });
    std::vector<std::uint32_t> rank(words_.size());
    for (std::uint32_t i = 0; i < sorted.size(); ++i) rank[sorted[i]] = i;

    order_.resize(table.ngrams.size() - 1);
    std::iota(order_.begin(), order_.end(), NgramId{1});
    std::sort(order_.begin(), order_.end(), [&](NgramId a, NgramId b) {
      const Ngrams::Node x = table.ngrams.node(a), y = table.ngrams.node(b);
      return std::pair(x.prefix, rank[x.last]) < std::pair(y.prefix, rank[y.last]);
    });
    for (const NgramId ngram : order_) ++longer_[table.ngrams.node(ngram).prefix + 1];
    std::partial_sum(longer_.begin(), longer_.end(), longer_.begin());
  }

  /// Calls visit(ngram, words joined by spaces).
  template <class Visit>
  void for_each(const Visit& visit) const {
    std::string words;
    walk(kNoWords, words, visit);
  }

 private:
  template <class Visit>
  void walk(NgramId prefix, std::string& words, const Visit& visit) const {
    const std::size_t length = words.size();
    for (std::size_t i = longer_[prefix]; i < longer_[prefix + 1]; ++i) {
      if (length > 0) words += ' ';
      words += words_[table_.ngrams.node(order_[i]).last];
      visit(order_[i], words);
      walk(order_[i], words, visit);
      words.resize(length);
    }
  }

  const DocumentFrequencyTable& table_;
  std::vector<std::string_view> words_;  // by id
  std::vector<NgramId> order_;           // by prefix, then by last word
  std::vector<std::size_t> longer_;      // by prefix: where in order_ its extensions begin
};

}  // namespace

DocumentFrequencies DocumentFrequencies::of(std::span<const Sample> samples, CaptionTokens tokens) {
  auto table = std::make_shared<DocumentFrequencyTable>();
  table->tokens = tokens;
  table->pictures = static_cast<std::int64_t>(samples.size());
  std::vector<std::int64_t> last_picture;  // by n-gram: so that each picture counts once
  for (std::size_t picture = 0; picture < samples.size(); ++picture) {
    for (const std::string& reference : samples[picture].references) {
      for (const NgramCount& ngram :
           count_ngrams(add_words(reference, table->words), table->ngrams)) {
        if (ngram.ngram >= table->counts.size()) {
          table->counts.resize(table->ngrams.size());
          last_picture.resize(table->ngrams.size(), -1);
        }
        if (last_picture[ngram.ngram] == static_cast<std::int64_t>(picture)) continue;
        last_picture[ngram.ngram] = static_cast<std::int64_t>(picture);
        ++table->counts[ngram.ngram];
      }
    }
  }
  table->counts.resize(table->ngrams.size());
  return DocumentFrequencies(std::move(table));
}

DocumentFrequencies DocumentFrequencies::load(const std::filesystem::path& path) {
  const auto file = base::MappedFile::open(path);
  const auto bytes = file->bytes();
  Lines lines({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());

  const std::string_view first = lines.next().value_or("");
  if (first != str(kFirstLine, 1) && first != str(kFirstLine, 2)) {
    lines.fail("found \"", first.substr(0, 80), "\", expected \"", kFirstLine, "2\"");
  }
  auto table = std::make_shared<DocumentFrequencyTable>();
  if (first.ends_with('2')) table->tokens = header_tokens(lines);
  table->pictures = header_number(lines, "pictures ");
  const std::int64_t expected = header_number(lines, "ngrams ");

  std::int64_t found = 0;
  table->counts.assign(1, 0);
  Path ngram_of(*table);
  for (; !lines.at_end(); ++found) {
    std::string_view line = lines.next().value_or("");
    const std::int64_t count = take_number(line);
    if (count < 1 || count > table->pictures) {
      lines.fail("expected a number of pictures from 1 to ", table->pictures,
                 ", a space and an n-gram");
    }
    const NgramId ngram = ngram_of(line);
    if (ngram == kUnknown) {
      lines.fail("expected 1 to ", kLongestNgram, " words separated by single spaces");
    }
    if (ngram >= table->counts.size()) table->counts.resize(table->ngrams.size());
    if (table->counts[ngram] != 0) lines.fail("duplicate n-gram");
    table->counts[ngram] = count;
  }
  if (found != expected) {
    throw base::FormatError(base::str(path.string(), ": ", found, " n-grams, expected ", expected,
                                      " as its head says"));
  }
  return DocumentFrequencies(std::move(table));
}

void DocumentFrequencies::save(const std::filesystem::path& path) const {
  const DocumentFrequencyTable& table = *table_;
  const auto seen = [](std::int64_t count) { return count > 0; };
  base::replace_file(path, [&](std::ostream& out) {
    const bool known = table.tokens != CaptionTokens::kUnknown;
    out << kFirstLine << (known ? 2 : 1) << '\n';
    if (known) out << (table.tokens == CaptionTokens::kRaw ? kRawTokens : kPtbTokens) << '\n';
    out << "pictures " << table.pictures << "\nngrams "
        << std::count_if(table.counts.begin(), table.counts.end(), seen) << '\n';
    SortedNgrams(table).for_each([&](NgramId ngram, std::string_view words) {
      if (seen(table.counts[ngram])) out << table.counts[ngram] << ' ' << words << '\n';
    });
  });
}

CaptionTokens DocumentFrequencies::tokens() const {
  return table_->tokens;
}

std::int64_t DocumentFrequencies::pictures() const {
  return table_->pictures;
}

std::int64_t DocumentFrequencies::count(std::string_view ngram) const {
  NgramId at = kNoWords;
  for (;;) {
    const std::size_t space = ngram.find(' ');
    const WordId word = table_->words.find(ngram.substr(0, space));
    at = word == kUnknown ? kUnknown : table_->ngrams.find(at, word);
    if (at == kUnknown) return 0;
    if (space == ngram.npos) return table_->counts[at];
    ngram.remove_prefix(space + 1);
  }
}

}  // namespace metrics
