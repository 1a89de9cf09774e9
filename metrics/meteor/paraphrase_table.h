// METEOR's paraphrases: which phrases of one to a few words say the same ("a lot of" / "many").
// The published table (5,274,084 entries, 61 MB of gzip) is turned once into a file that is mapped
// and used as it is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {
class MappedFile;
}

namespace metrics::meteor {

/// Cheap to copy; looking up changes nothing, so that many threads can share one.
///
/// To match a reference with a hypothesis, find() both; wherever a paraphrase() of a phrase of the
/// one is a phrase of the other, the two match. METEOR does so for the phrases of the reference
/// first, then once more with the roles swapped: an entry holds in one direction only.
class ParaphraseTable {
 public:
  /// Words that an entry has on its left or right side, or that begin such a side. Equal words are
  /// the same number.
  using Phrase = std::uint32_t;

  struct Occurrence {
    std::uint32_t start, length;  ///< in words
    Phrase phrase;
  };

  /// Maps a file that write_paraphrase_table() wrote, and reads it through once for its checksum.
  /// FileError, FormatError for a damaged file and for one of another version.
  static ParaphraseTable open(const std::filesystem::path& path);

  /// Every phrase that stands in a sentence, by start and then by length.
  std::vector<Occurrence> find(std::span<const std::string> words) const;

  /// The right sides of the entries with this left side, in the order of the published table;
  /// empty for none. Valid as long as this table or a copy of it lives.
  std::span<const Phrase> paraphrases(Phrase phrase) const;

 private:
  ParaphraseTable() = default;
  std::optional<std::uint32_t> word(std::string_view spelling) const;
  Phrase longer(Phrase phrase, std::uint32_t word) const;

  std::shared_ptr<const base::MappedFile> file_;
  // Parts of the file, described in paraphrase_format.h.
  std::span<const std::uint32_t> slots_, spellings_, words_, children_, entries_, paraphrases_;
  std::span<const char> letters_;
};

/// Turns the published table, decompressed, into the file: three lines an entry (a probability,
/// which METEOR ignores, the phrase, its paraphrase). `name` is what errors call the text. The same
/// text gives the same file. FormatError, FileError.
void write_paraphrase_table(std::istream& text, const std::string& name,
                            const std::filesystem::path& path);

}  // namespace metrics::meteor
