#include "metrics/rouge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "metrics/lcs.h"

namespace {

using Words = std::vector<std::string_view>;

/// The textbook's table, a row at a time.
std::size_t naive_lcs(const Words& a, const Words& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (const std::string_view word : a) {
    std::size_t diagonal = 0;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = word == b[j - 1] ? diagonal + 1 : std::max(above, row[j - 1]);
      diagonal = above;
    }
  }
  return row.back();
}

TEST(CommonSubsequence, IsTheTextbooks) {
  const Words alphabet = {"a", "red", "bus", "on", "the", "street", "", "at", "night"};
  base::Random random(1);
  const auto caption = [&](std::uint32_t longest, std::uint32_t letters) {
    Words words(random.below(longest + 1));
    for (std::string_view& word : words) word = alphabet[random.below(letters)];
    return words;
  };
  for (int i = 0; i < 3000; ++i) {
    const std::uint32_t longest = i % 3 == 0 ? 12 : 300;  // within a block of 64 and over some
    const std::uint32_t letters = 1 + random.below(9);
    const Words a = caption(longest, letters), b = caption(longest, letters);
    ASSERT_EQ(metrics::CommonSubsequence(a).length(b), naive_lcs(a, b)) << a.size() << b.size();
  }
}

TEST(CommonSubsequence, CarriesOverWholeBlocks) {
  // The words before "x" fill blocks without it: what is added there must pass through them.
  for (const std::size_t size : {63, 64, 65, 127, 128, 129, 640}) {
    Words words(size, "a");
    words.push_back("x");
    words.insert(words.end(), size, "b");
    EXPECT_EQ(metrics::CommonSubsequence(words).length(words), words.size());
    Words reversed(words.rbegin(), words.rend());
    EXPECT_EQ(metrics::CommonSubsequence(words).length(reversed), size);
  }
}

TEST(CommonSubsequence, OfTwoCaptionsOf100000Words) {
  Words a, b;  // "u v u v ..." and "v u v u ...": all but one word
  for (int i = 0; i < 50'000; ++i) {
    a.insert(a.end(), {"u", "v"});
    b.insert(b.end(), {"v", "u"});
  }
  EXPECT_EQ(metrics::CommonSubsequence(a).length(b), 99'999);
}

TEST(Rouge, TakesPrecisionAndRecallFromTheReferencesThatAreBestAtEach) {
  // "a b c" with "a b c d e f": precision 1, recall 1/2; with "a": 1/3 and 1.
  EXPECT_DOUBLE_EQ(metrics::rouge_l({"a b c", {"a b c d e f", "a"}}), 1);
  const double precision = 2.0 / 3, recall = 2.0 / 4;
  EXPECT_DOUBLE_EQ(metrics::rouge_l({"a b c", {"a x c y"}}),
                   2.44 * precision * recall / (recall + 1.44 * precision));
  EXPECT_EQ(metrics::rouge_l({"a b c", {"x y"}}), 0);
}

TEST(Rouge, CountsEmptyWordsAsTheToolkitDoes) {
  EXPECT_EQ(metrics::rouge_l({"", {""}}), 1);
  EXPECT_EQ(metrics::rouge_l({"", {"a"}}), 0);
  EXPECT_GT(metrics::rouge_l({"a  b", {"x  y"}}), 0);
  EXPECT_EQ(metrics::rouge_l({"a\tb", {"a b"}}), 0);
}

TEST(Rouge, OfACorpusIsTheMean) {
  const std::vector<metrics::Sample> samples = {{"a", {"a"}}, {"a", {"b"}}, {"a", {"a b"}}};
  const metrics::Scores scores = metrics::rouge_l(samples);
  EXPECT_DOUBLE_EQ(scores.corpus, (scores.images[0] + scores.images[1] + scores.images[2]) / 3);
  EXPECT_EQ(metrics::rouge_l(std::vector<metrics::Sample>{}).corpus, 0);
}

TEST(Rouge, RefusesASampleWithoutReferences) {
  EXPECT_THROW(metrics::rouge_l(metrics::Sample{"a", {}}), base::UsageError);
  EXPECT_THROW(metrics::rouge_l(std::vector<metrics::Sample>{{"a", {}}}), base::UsageError);
}

}  // namespace
