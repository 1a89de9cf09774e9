#include "metrics/meteor/paraphrase_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <span>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "metrics/meteor/paraphrase_format.h"
#include "tests/temporary_folder.h"

namespace metrics::meteor {
namespace {

using testing::HasSubstr;

struct Entry {
  std::string phrase, paraphrase;
};

const std::vector<Entry> kEntries = {
    {"many", "a lot of"},    {"a", "one"},
    {"a lot of", "many"},    {"a lot", "much"},
    {"a lot of", "lots of"}, {"a lot of", "a great deal of"},
    {"of", "from"},          {"a lot of", "many"},
};

std::vector<std::string> words_of(const std::string& sentence) {
  std::istringstream in(sentence);
  return {std::istream_iterator<std::string>(in), {}};
}

std::string text_of(const std::vector<Entry>& entries) {
  std::string text;
  for (const Entry& entry : entries)
    text += "0.5\n" + entry.phrase + "\n" + entry.paraphrase + "\n";
  return text;
}

void write(const std::string& text, const std::filesystem::path& path) {
  std::istringstream in(text);
  write_paraphrase_table(in, "table.txt", path);
}

ParaphraseTable table_of(const std::vector<Entry>& entries) {
  const TemporaryFolder folder;
  write(text_of(entries), folder / "table.bin");
  return ParaphraseTable::open(folder / "table.bin");
}

/// What METEOR asks a table: where phrases of the one sentence are matched by paraphrases that
/// stand in the other; start and length in the one, start and length in the other.
using Match = std::array<std::size_t, 4>;

std::vector<Match> matches(const ParaphraseTable& table, const std::string& one,
                           const std::string& other) {
  std::vector<Match> found;
  const auto candidates = table.find(words_of(other));
  for (const auto& occurrence : table.find(words_of(one))) {
    for (const ParaphraseTable::Phrase paraphrase : table.paraphrases(occurrence.phrase)) {
      for (const auto& candidate : candidates) {
        if (candidate.phrase != paraphrase) continue;
        found.push_back({occurrence.start, occurrence.length, candidate.start, candidate.length});
      }
    }
  }
  return found;
}

/// The same, by comparing words.
std::vector<Match> matches(const std::vector<Entry>& entries, const std::string& one,
                           const std::string& other) {
  const std::vector<std::string> words = words_of(one), other_words = words_of(other);
  const auto stands_at = [](const std::vector<std::string>& part, std::size_t start,
                            const std::vector<std::string>& whole) {
    return start + part.size() <= whole.size() &&
           std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(start));
  };
  std::vector<Match> found;
  for (std::size_t start = 0; start < words.size(); ++start) {
    for (std::size_t length = 1; start + length <= words.size(); ++length) {
      for (const Entry& entry : entries) {
        const std::vector<std::string> left = words_of(entry.phrase);
        const std::vector<std::string> right = words_of(entry.paraphrase);
        if (left.size() != length || !stands_at(left, start, words)) continue;
        for (std::size_t i = 0; i < other_words.size(); ++i) {
          if (stands_at(right, i, other_words)) found.push_back({start, length, i, right.size()});
        }
      }
    }
  }
  return found;
}

TEST(ParaphraseTable, FindsPhrasesByStartAndLength) {
  const ParaphraseTable table = table_of(kEntries);
  const auto found = table.find(words_of("such a lot of men"));
  ASSERT_EQ(found.size(), 4u);  // a, a lot, a lot of, of
  EXPECT_EQ(found[0].start, 1u);
  EXPECT_EQ(found[2].length, 3u);
  EXPECT_EQ(found[3].start, 3u);
  EXPECT_EQ(table.find(words_of("a lot of"))[2].phrase, found[2].phrase);
  EXPECT_TRUE(table.find(words_of("such men")).empty());
  EXPECT_TRUE(table.find({}).empty());
}

TEST(ParaphraseTable, KeepsTheOrderOfTheTextAndRepetitions) {
  const ParaphraseTable table = table_of(kEntries);
  const auto phrase = [&](const std::string& words) {
    return table.find(words_of(words)).back().phrase;
  };
  const auto found = table.paraphrases(table.find(words_of("a lot of"))[2].phrase);
  const ParaphraseTable::Phrase many = table.find(words_of("many"))[0].phrase;
  const ParaphraseTable::Phrase lots_of = table.find(words_of("lots of"))[1].phrase;
  const ParaphraseTable::Phrase deal = table.find(words_of("a great deal of"))[3].phrase;
  EXPECT_THAT(found, testing::ElementsAre(many, lots_of, deal, many));
  EXPECT_TRUE(table.paraphrases(phrase("one")).empty());  // an entry holds in one direction
  EXPECT_TRUE(table.paraphrases(~0u).empty());
}

TEST(ParaphraseTable, MatchesAsComparingWordsDoes) {
  base::Random random(7);
  const auto phrase = [&](std::uint32_t longest) {
    std::string words;
    for (std::uint32_t n = random.below(longest) + 1; n > 0; --n) {
      words += base::str(words.empty() ? "" : " ", "w", random.below(5));
    }
    return words;
  };
  for (int round = 0; round < 20; ++round) {
    std::vector<Entry> entries;
    for (int i = 0; i < 60; ++i) entries.push_back({phrase(4), phrase(3)});
    const ParaphraseTable table = table_of(entries);
    for (int i = 0; i < 5; ++i) {
      const std::string one = phrase(12) + " unknown " + phrase(6), other = phrase(12);
      EXPECT_EQ(matches(table, one, other), matches(entries, one, other));
      EXPECT_EQ(matches(table, other, one), matches(entries, other, one));
    }
  }
}

TEST(ParaphraseTable, IsTheSameFileEachTime) {
  const TemporaryFolder folder;
  write(text_of(kEntries), folder / "a");
  write(text_of(kEntries), folder / "b");
  EXPECT_EQ(base::read_file(folder / "a"), base::read_file(folder / "b"));
}

TEST(ParaphraseTable, TakesAnyWhitespaceAndALastLineWithoutItsEnd) {
  const TemporaryFolder folder;
  write("0.1\r\n a\tlot  of \r\n many\r\n1e-3\nmany\na lot of", folder / "table");
  const ParaphraseTable table = ParaphraseTable::open(folder / "table");
  EXPECT_EQ(matches(table, "a lot of", "many").size(), 1u);
  EXPECT_EQ(matches(table, "many", "a lot of").size(), 1u);
}

TEST(ParaphraseTable, SaysWhatIsWrongWithTheText) {
  const TemporaryFolder folder;
  folder.write("table", "old");
  const auto error = [&](const std::string& text) {
    return error_of<base::FormatError>([&] { write(text, folder / "table"); });
  };
  EXPECT_EQ(error("0.1\nmany\n"),
            "table.txt, line 2: the text ends inside an entry of three lines");
  EXPECT_EQ(error("0.1\nmany\n\n"), "table.txt, line 3: the paraphrase has no words");
  EXPECT_EQ(error("0.1\n \nmany\n"), "table.txt, line 2: the phrase has no words");
  EXPECT_THAT(error("0.1\na\nb\nmany\n"), HasSubstr("line 4: expected a probability"));
  EXPECT_THAT(error("\x1f\x8b\x08 and so on"), HasSubstr("compressed: pass it through gzip -dc"));
  EXPECT_EQ(error(""), "table.txt: there are no entries");
  EXPECT_EQ(base::read_file(folder / "table"), "old");
}

TEST(ParaphraseTable, RefusesFilesThatAreNone) {
  const TemporaryFolder folder;
  write(text_of(kEntries), folder / "table");
  const std::string good = base::read_file(folder / "table");
  const auto error = [&](const std::string& content) {
    folder.write("bad", content);
    return error_of<base::FormatError>([&] { ParaphraseTable::open(folder / "bad"); });
  };
  const auto with = [&](std::size_t at, char byte) {
    std::string content = good;
    content[at] = byte;
    return content;
  };
  EXPECT_THAT(error(""), HasSubstr("bad: has 0 bytes, too few"));
  EXPECT_THAT(error(good.substr(0, 39)), HasSubstr("has 39 bytes"));
  EXPECT_THAT(error(with(0, 'x')), HasSubstr("is not a table of paraphrases made by blip"));
  EXPECT_THAT(error(with(8, 9)), HasSubstr("of version 9, expected 2; make it anew"));
  EXPECT_THAT(error(good.substr(0, good.size() - 1)), HasSubstr("cut short or damaged"));
  EXPECT_THAT(error(good + '\0'), HasSubstr("cut short or damaged"));
  EXPECT_THROW(ParaphraseTable::open(folder / "absent"), base::FileError);

  // Counts that fit the size of the file and nothing else: 31 slots and one entry more for 32.
  std::string counts = good;
  counts[12] = static_cast<char>(counts[12] - 1);
  counts[24] = static_cast<char>(counts[24] + 1);
  EXPECT_THAT(error(counts), HasSubstr("the header is damaged"));
}

TEST(ParaphraseTable, NoticesEveryDamage) {
  const TemporaryFolder folder;
  write(text_of(kEntries), folder / "table");
  const std::string good = base::read_file(folder / "table");
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string damaged = good;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
    folder.write("damaged", damaged);
    EXPECT_THROW(ParaphraseTable::open(folder / "damaged"), base::FormatError) << at;
  }
}

/// Tables of an earlier program had a header of 32 bytes and no checksum.
TEST(ParaphraseTable, OfAnEarlierVersionIsToBeMadeAnew) {
  const TemporaryFolder folder;
  write(text_of(kEntries), folder / "table");
  std::string old = base::read_file(folder / "table");
  old[8] = 1;
  old.erase(32, 8);
  folder.write("old", old);
  EXPECT_THAT(error_of<base::FormatError>([&] { ParaphraseTable::open(folder / "old"); }),
              HasSubstr("old: is a table of paraphrases of version 1, expected 2; make it anew: "
                        "delete it and run tools/get_metric_data.sh"));
}

/// The file with the checksum that its damage asks for.
std::string mended(std::string file) {
  ParaphraseHeader header{};
  std::memcpy(&header, file.data(), sizeof header);
  header.checksum =
      paraphrase_checksum(header, std::as_bytes(std::span(file)).subspan(sizeof header));
  return file.replace(0, sizeof header, reinterpret_cast<const char*>(&header), sizeof header);
}

TEST(ParaphraseTable, StaysInsideADamagedFileWithAChecksumThatFits) {
  const TemporaryFolder folder;
  write(text_of(kEntries), folder / "table");
  const std::string good = base::read_file(folder / "table");
  base::Random random(3);
  int opened = 0;
  for (std::size_t at = sizeof(ParaphraseHeader); at < good.size(); at += 4) {
    for (const std::uint32_t value : {0u, 0x7fffffffu, ~0u, random.bits()}) {
      std::string damaged = good;
      const std::size_t size = std::min<std::size_t>(4, good.size() - at);
      damaged.replace(at, size, reinterpret_cast<const char*>(&value), size);
      folder.write("damaged", mended(damaged));
      const ParaphraseTable table = ParaphraseTable::open(folder / "damaged");
      ++opened;
      for (const auto& occurrence : table.find(words_of("a lot of lots many from one unknown"))) {
        for (const auto paraphrase : table.paraphrases(occurrence.phrase)) {
          EXPECT_LE(table.paraphrases(paraphrase).size(), good.size());
        }
      }
    }
  }
  EXPECT_GT(opened, 100);
}

}  // namespace
}  // namespace metrics::meteor
