#include "metrics/cider.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/parallel.h"
#include "tests/temporary_folder.h"

namespace {

using metrics::Cider;
using metrics::CiderVariant;
using metrics::DocumentFrequencies;
using metrics::Sample;
using testing::HasSubstr;

const std::vector<Sample> kSamples = {
    {"a red bus", {"a red bus", "a bus on a street"}},
    {"a dog", {"the dog runs", "a brown dog"}},
    {"a red kite", {"a kite in the sky", ""}},
};

TEST(DocumentFrequencies, CountPicturesNotCaptions) {
  const auto frequencies = DocumentFrequencies::of(kSamples);
  EXPECT_EQ(frequencies.pictures(), 3);
  EXPECT_EQ(frequencies.count("a"), 3);
  EXPECT_EQ(frequencies.count("the"), 2);
  EXPECT_EQ(frequencies.count("a red bus"), 1);
  EXPECT_EQ(frequencies.count("bus on a street"), 1);
  EXPECT_EQ(frequencies.count("a bus on a street"), 0);  // five words
  EXPECT_EQ(frequencies.count("red a"), 0);
  EXPECT_EQ(frequencies.count("zebra"), 0);
  EXPECT_EQ(frequencies.count(""), 0);
}

/// A folder with a file of document frequencies in it.
struct SavedFrequencies {
  TemporaryFolder folder;
  std::filesystem::path path = folder.path() / "df.txt";

  std::string error_of(const std::string& content) const {
    base::replace_file(path, content);
    try {
      DocumentFrequencies::load(path);
    } catch (const base::FormatError& error) {
      EXPECT_THAT(error.what(), HasSubstr(path.string()));
      return error.what();
    }
    return "no error";
  }
};

TEST(DocumentFrequencies, AreTextInTheFile) {
  const SavedFrequencies saved;
  DocumentFrequencies::of(std::vector<Sample>{{"", {"b a b", "a"}}, {"", {"b"}}}).save(saved.path);
  EXPECT_EQ(base::read_file(saved.path),
            "CIDEr document frequencies 1\n"
            "pictures 2\n"
            "ngrams 5\n"
            "1 a\n"
            "1 a b\n"
            "2 b\n"
            "1 b a\n"
            "1 b a b\n");
}

TEST(DocumentFrequencies, ComeBackFromTheFile) {
  const SavedFrequencies saved;
  const auto counted = DocumentFrequencies::of(kSamples);
  counted.save(saved.path);
  const auto loaded = DocumentFrequencies::load(saved.path);
  EXPECT_EQ(loaded.pictures(), 3);
  EXPECT_EQ(loaded.count("a"), 3);
  for (const CiderVariant variant : {CiderVariant::kD, CiderVariant::kPlain}) {
    EXPECT_EQ(Cider(loaded, variant).score(kSamples).images,
              Cider(counted, variant).score(kSamples).images);
  }
  const std::string first = base::read_file(saved.path);
  loaded.save(saved.path);
  EXPECT_EQ(base::read_file(saved.path), first);
}

TEST(DocumentFrequencies, MayStandInAnyOrderInTheFile) {
  const SavedFrequencies saved;
  base::replace_file(saved.path,
                     "CIDEr document frequencies 1\npictures 9\nngrams 7\n"
                     "1 a b c\n2 a d\n3 a d c\n4 b\n5 b d c\n6 a\n7 a b\n");
  const auto frequencies = DocumentFrequencies::load(saved.path);
  EXPECT_EQ(frequencies.count("a b c"), 1);
  EXPECT_EQ(frequencies.count("a d"), 2);
  EXPECT_EQ(frequencies.count("a d c"), 3);
  EXPECT_EQ(frequencies.count("b"), 4);
  EXPECT_EQ(frequencies.count("b d"), 0);
  EXPECT_EQ(frequencies.count("b d c"), 5);
  EXPECT_EQ(frequencies.count("a"), 6);
  EXPECT_EQ(frequencies.count("a b"), 7);
}

TEST(DocumentFrequencies, NameFileAndLineOfWhatIsWrong) {
  const SavedFrequencies saved;
  const std::string head = "CIDEr document frequencies 1\npictures 9\nngrams 1\n";
  EXPECT_EQ(saved.error_of(head + "9 a red bus stops\n"), "no error");
  EXPECT_EQ(saved.error_of(head + "9 a red bus stops"), "no error");  // no line feed at the end
  EXPECT_THAT(saved.error_of(""), HasSubstr("found \"\", expected \"CIDEr doc"));
  EXPECT_THAT(saved.error_of("CIDEr document frequencies 3\n"), HasSubstr("frequencies 3\", exp"));
  EXPECT_THAT(saved.error_of("CIDEr document frequencies 1\npictures many\n"),
              HasSubstr("line 2: found \"pictures many\", expected \"pictures \" and a number"));
  EXPECT_THAT(saved.error_of("CIDEr document frequencies 1\npictures 9\n9 a\n"),
              HasSubstr("line 3: found \"9 a\""));
  for (const char* line : {"0 a", "-1 a", "10 a", "a", "99999999999999999999 a", "1.5 a", ""}) {
    EXPECT_THAT(saved.error_of(head + line + "\n"),
                HasSubstr("line 4: expected a number of pictures from 1 to 9"))
        << line;
  }
  for (const char* line : {"1", "1 ", "1  a", "1 a  b", "1 a ", "1 a b c d e"}) {
    EXPECT_THAT(saved.error_of(head + line + "\n"), HasSubstr("line 4: expected 1 to 4 words"))
        << line;
  }
  EXPECT_THAT(saved.error_of(head + "1 a b\n1 a b\n"), HasSubstr("line 5: duplicate n-gram"));
  EXPECT_THAT(saved.error_of(head), HasSubstr("0 n-grams, expected 1 as its head says"));
  EXPECT_THROW(DocumentFrequencies::load(saved.folder.path() / "none"), base::FileError);
}

TEST(DocumentFrequencies, RememberHowCaptionsWereCut) {
  using metrics::CaptionTokens;
  const TemporaryFolder folder;
  const auto path = folder / "df";
  for (const CaptionTokens tokens :
       {CaptionTokens::kPtb, CaptionTokens::kRaw, CaptionTokens::kUnknown}) {
    DocumentFrequencies::of(kSamples, tokens).save(path);
    const DocumentFrequencies read = DocumentFrequencies::load(path);
    EXPECT_EQ(read.tokens(), tokens);
    EXPECT_EQ(read.pictures(), static_cast<std::int64_t>(std::size(kSamples)));
  }
  // Files without the record are of version 1, and stay readable.
  EXPECT_TRUE(base::read_file(path).starts_with("CIDEr document frequencies 1\npictures "));
  const SavedFrequencies saved;
  EXPECT_EQ(saved.error_of("CIDEr document frequencies 2\ntokens raw\npictures 9\nngrams 0\n"),
            "no error");
  EXPECT_THAT(saved.error_of("CIDEr document frequencies 2\npictures 9\nngrams 0\n"),
              HasSubstr("line 2: found \"pictures 9\", expected \"tokens penn-treebank\""));
}

TEST(Cider, OfOnePictureIsZero) {
  const std::vector<Sample> one = {kSamples[0]};
  for (const CiderVariant variant : {CiderVariant::kD, CiderVariant::kPlain}) {
    EXPECT_EQ(Cider(DocumentFrequencies::of(one), variant).score(one).corpus, 0);
  }
}

TEST(Cider, WithFrequenciesOfNothingIsZero) {
  const Cider cider(DocumentFrequencies::of({}), CiderVariant::kD);
  EXPECT_EQ(cider.score({"a", {"a"}}), 0);
  EXPECT_EQ(cider.score(std::vector<Sample>{}).corpus, 0);
}

TEST(Cider, OfACaptionThatIsItsReferenceIsTen) {
  const std::vector<Sample> samples = {{"a cat sits here", {"a cat sits here"}}, {"x", {"y"}}};
  for (const CiderVariant variant : {CiderVariant::kD, CiderVariant::kPlain}) {
    EXPECT_NEAR(Cider(DocumentFrequencies::of(samples), variant).score(samples[0]), 10, 1e-12);
  }
}

TEST(Cider, DPunishesRepetitionAndLengthWhereThePlainOneDoesNot) {
  // "dog" is in one of two pictures, so it weighs log 2; the cosine with itself repeated is 1.
  const std::vector<Sample> samples = {{"dog dog dog", {"dog"}}, {"x", {"y"}}};
  const auto frequencies = DocumentFrequencies::of(samples);
  EXPECT_NEAR(Cider(frequencies, CiderVariant::kPlain).score(samples[0]), 10.0 / 4, 1e-12);
  // Clipped, one of the three counts; 2 bigrams against none.
  EXPECT_NEAR(Cider(frequencies, CiderVariant::kD).score(samples[0]),
              10.0 / 4 / 3 * std::exp(-4.0 / 72), 1e-12);
}

TEST(Cider, WeighsNewNgramsAsIfOnePictureHadThem) {
  const auto frequencies = DocumentFrequencies::of(std::vector<Sample>(5, {"", {"a b c d"}}));
  const Cider cider(frequencies, CiderVariant::kD);
  EXPECT_EQ(cider.score({"a b", {"a b"}}), 0);  // in every picture: weight log 1
  EXPECT_NEAR(cider.score({"p q r s", {"p q r s"}}), 10, 1e-12);
}

TEST(Cider, IsTheSameForAnyNumberOfThreads) {
  std::vector<Sample> samples;
  for (int i = 0; i < 300; ++i) {
    const std::string word = std::to_string(i % 17);
    samples.push_back({"a b " + word + " a c", {"a b " + word, "c " + word + " a c b"}});
  }
  const Cider cider(DocumentFrequencies::of(samples), CiderVariant::kD);
  const int before = base::num_threads();
  base::set_num_threads(1);
  const metrics::Scores alone = cider.score(samples);
  base::set_num_threads(3);
  const metrics::Scores together = cider.score(samples);
  base::set_num_threads(before);
  EXPECT_EQ(alone.images, together.images);
  EXPECT_EQ(alone.corpus, together.corpus);
}

TEST(Cider, RefusesASampleWithoutReferences) {
  const Cider cider(DocumentFrequencies::of(kSamples), CiderVariant::kD);
  EXPECT_THROW(cider.score(Sample{"a", {}}), base::UsageError);
}

}  // namespace
