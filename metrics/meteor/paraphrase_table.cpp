#include "metrics/meteor/paraphrase_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/error.h"
#include "base/file.h"
#include "metrics/meteor/paraphrase_format.h"

namespace metrics::meteor {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian");

/// Cuts a mapped file into its parts.
class Parts {
 public:
  explicit Parts(std::span<const std::byte> rest) : rest_(rest) {}

  template <class T>
  std::span<const T> take(std::size_t count) {
    const std::span<const std::byte> part = rest_.first(count * sizeof(T));
    rest_ = rest_.subspan(part.size());
    return {reinterpret_cast<const T*>(part.data()), count};
  }

 private:
  std::span<const std::byte> rest_;
};

constexpr const char* kAnew =
    "; make it anew: delete it and run tools/get_metric_data.sh, or see blip paraphrases --help";

/// FormatError unless the bytes are a whole file of paraphrases.
ParaphraseHeader read_header(const base::MappedFile& file) {
  const auto fail = [&](const auto&... what) {
    throw base::FormatError(base::str(file.path().string(), ": ", what...));
  };
  const std::span<const std::byte> bytes = file.bytes();
  ParaphraseHeader header{};
  if (bytes.size() < sizeof header) {
    fail("has ", bytes.size(), " bytes, too few for a table of paraphrases");
  }
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != kParaphraseMagic) fail("is not a table of paraphrases made by blip");
  if (header.version != kParaphraseVersion) {
    fail("is a table of paraphrases of version ", header.version, ", expected ", kParaphraseVersion,
         kAnew);
  }
  const std::uint64_t numbers = std::uint64_t{header.slots} + header.words + 1 +
                                std::uint64_t{header.phrases} * 3 + 2 + header.entries;
  const std::uint64_t size = sizeof header + numbers * sizeof(std::uint32_t) + header.letters;
  if (bytes.size() != size) {
    fail("has ", bytes.size(), " bytes, but its header says ", size, ": cut short or damaged",
         kAnew);
  }
  if (!std::has_single_bit(header.slots) || header.words >= header.slots || header.phrases == 0) {
    fail("the header is damaged: ", header.slots, " slots for ", header.words, " words, ",
         header.phrases, " phrases");
  }
  if (header.checksum != paraphrase_checksum(header, bytes.subspan(sizeof header))) {
    fail("is damaged: its checksum does not fit", kAnew);
  }
  return header;
}

/// values[bounds[i]] to values[bounds[i + 1]]; empty if a damaged file says otherwise.
template <class T>
std::span<const T> part(std::span<const T> values, std::span<const std::uint32_t> bounds,
                        std::uint32_t i) {
  const std::uint32_t begin = bounds[i], end = bounds[i + 1];
  if (begin > end || end > values.size()) return {};
  return values.subspan(begin, end - begin);
}

}  // namespace

ParaphraseTable ParaphraseTable::open(const std::filesystem::path& path) {
  ParaphraseTable table;
  table.file_ = base::MappedFile::open(path);
  const ParaphraseHeader header = read_header(*table.file_);
  Parts parts(table.file_->bytes().subspan(sizeof header));
  table.slots_ = parts.take<std::uint32_t>(header.slots);
  table.spellings_ = parts.take<std::uint32_t>(header.words + std::size_t{1});
  table.words_ = parts.take<std::uint32_t>(header.phrases);
  table.children_ = parts.take<std::uint32_t>(header.phrases + std::size_t{1});
  table.entries_ = parts.take<std::uint32_t>(header.phrases + std::size_t{1});
  table.paraphrases_ = parts.take<std::uint32_t>(header.entries);
  table.letters_ = parts.take<char>(header.letters);
  return table;
}

/// The number of a word; none if no phrase has it.
std::optional<std::uint32_t> ParaphraseTable::word(std::string_view spelling) const {
  const auto slots = static_cast<std::uint32_t>(slots_.size());
  std::uint32_t slot = paraphrase_slot(spelling, slots);
  // As many steps as there are words: a damaged table may have no empty slot.
  for (std::size_t step = 0; step + 1 < spellings_.size();
       ++step, slot = (slot + 1) & (slots - 1)) {
    const std::uint32_t number = slots_[slot] - 1;
    if (number + std::size_t{1} >= spellings_.size()) return std::nullopt;  // empty, or damaged
    const std::span<const char> found = part(letters_, spellings_, number);
    if (std::string_view(found.data(), found.size()) == spelling) return number;
  }
  return std::nullopt;
}

/// The phrase that is `phrase` and one more word; 0 if there is none.
ParaphraseTable::Phrase ParaphraseTable::longer(Phrase phrase, std::uint32_t word) const {
  const std::span<const std::uint32_t> last_words = part(words_, children_, phrase);
  const auto found = std::lower_bound(last_words.begin(), last_words.end(), word);
  if (found == last_words.end() || *found != word) return 0;
  return static_cast<Phrase>(&*found - words_.data());
}

std::vector<ParaphraseTable::Occurrence> ParaphraseTable::find(
    std::span<const std::string> words) const {
  std::vector<std::optional<std::uint32_t>> numbers;
  numbers.reserve(words.size());
  for (const std::string& spelling : words) numbers.push_back(word(spelling));

  std::vector<Occurrence> occurrences;
  for (std::size_t start = 0; start < words.size(); ++start) {
    Phrase phrase = 0;
    for (std::size_t end = start; end < words.size() && numbers[end]; ++end) {
      phrase = longer(phrase, *numbers[end]);
      if (phrase == 0) break;
      occurrences.push_back(
          {static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(end + 1 - start), phrase});
    }
  }
  return occurrences;
}

std::span<const ParaphraseTable::Phrase> ParaphraseTable::paraphrases(Phrase phrase) const {
  if (phrase >= words_.size()) return {};
  return part(paraphrases_, entries_, phrase);
}

}  // namespace metrics::meteor
