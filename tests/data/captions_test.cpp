#include "data/captions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "data/csv.h"
#include "tests/shared.h"
#include "tests/temporary_folder.h"

namespace {

using base::FormatError;
using data::CaptionResult;
using data::read_references;
using data::read_results;
using data::ReferencePicture;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kCoco = R"({"info": {}, "images": [{"id": 7, "file_name": "val/a.jpg"},
  {"id": "x", "file_name": "b.jpg"}], "annotations": [
  {"image_id": "7", "id": 1, "caption": "a cat", "attributes": ["red", "big"], "category": 15},
  {"image_id": "x", "id": 2, "caption": ""},
  {"image_id": 7, "id": 3, "caption": "cats\tand\ndogs ||| \u00e9", "attributes": ["big", "old"]}]})";

class Captions : public testing::Test {
 protected:
  std::string references_error(const std::string& name, const std::string& content,
                               const std::string& split = "") {
    const auto path = folder_.write(name, content);
    return without_folder(error_of<FormatError>([&] { read_references(path, split); }));
  }
  std::string results_error(const std::string& name, const std::string& content) {
    const auto path = folder_.write(name, content);
    return without_folder(error_of<FormatError>([&] { read_results(path); }));
  }
  std::vector<ReferencePicture> references(const std::string& name, const std::string& content,
                                           const std::string& split = "") {
    return read_references(folder_.write(name, content), split);
  }
  std::vector<CaptionResult> results(const std::string& name, const std::string& content) {
    return read_results(folder_.write(name, content));
  }

  TemporaryFolder folder_;

 private:
  /// A message begins with the file's path.
  std::string without_folder(const std::string& message) const {
    const std::string start = folder_.path().string() + '/';
    EXPECT_TRUE(message.starts_with(start)) << message;
    return message.substr(std::min(start.size(), message.size()));
  }
};

TEST_F(Captions, CocoReferences) {
  const auto pictures = references("r.json", kCoco);
  ASSERT_EQ(pictures.size(), 2);
  EXPECT_EQ(pictures[0].id, "7");
  EXPECT_EQ(pictures[0].file_name, "val/a.jpg");
  EXPECT_THAT(pictures[0].captions, ElementsAre("a cat", "cats\tand\ndogs ||| \u00e9"));
  EXPECT_THAT(pictures[0].attributes, ElementsAre("red", "big", "old"));
  EXPECT_EQ(pictures[0].category, "15");
  EXPECT_EQ(pictures[1].id, "x");
  EXPECT_THAT(pictures[1].captions, ElementsAre(""));
  EXPECT_EQ(pictures[1].category, "");
}

TEST_F(Captions, CategoriesHaveNamesWhereTheFileGivesThem) {
  const auto pictures = references(
      "r.json",
      R"({"images": [{"id": 1}], "annotations": [{"image_id": 1, "caption": "a", "category": 4}],
          "categories": [{"id": 4, "name": "dress"}]})");
  EXPECT_EQ(pictures[0].category, "dress");
}

TEST_F(Captions, AByteOrderMarkAndLineEndsOfWindowsChangeNothing) {
  std::string text = kCoco;
  for (std::size_t at = 0; (at = text.find('\n', at)) != text.npos; at += 2)
    text.insert(at, 1, '\r');
  EXPECT_EQ(references("r.json", "\xEF\xBB\xBF" + text).size(), 2);
  EXPECT_EQ(results("r.csv", "\xEF\xBB\xBFimage_id,caption\r\n1,a\r\n\r\n2,b\r\n").size(), 2);
  EXPECT_EQ(results("r.jsonl", "\xEF\xBB\xBF{\"id\":1,\"caption\":\"a\"}\r\n").at(0).id, "1");
}

TEST_F(Captions, KarpathyReferences) {
  const std::string file = R"({"dataset": "coco", "images": [
    {"imgid": 0, "cocoid": 77, "filepath": "val2014", "filename": "a.jpg", "split": "test",
     "sentences": [{"raw": "A man.", "tokens": ["a", "man"]}, {"raw": "Men."}]},
    {"imgid": 1, "filename": "b.jpg", "split": "train", "sentences": [{"raw": "A dog."}]}]})";
  const auto all = references("k.json", file);
  ASSERT_EQ(all.size(), 2);
  EXPECT_EQ(all[0].id, "77");
  EXPECT_EQ(all[1].id, "1");
  const auto test = references("k.json", file, "test");
  ASSERT_EQ(test.size(), 1);
  EXPECT_EQ(test[0].file_name, "a.jpg");
  EXPECT_EQ(test[0].split, "test");
  EXPECT_THAT(test[0].captions, ElementsAre("A man.", "Men."));
  EXPECT_EQ(references_error("k.json", file, "val"),
            "k.json: no picture is of split \"val\"; there are test, train");
  EXPECT_EQ(references_error("r.json", kCoco, "val"),
            "r.json: not in Karpathy's form, so there is no split \"val\"");
}

TEST_F(Captions, JsonLinesReferences) {
  for (const char* name : {"r.jsonl", "r.json", "r.txt"}) {  // the content says it
    const auto pictures = references(name, R"({"image_id": 1, "caption": "a", "attributes": ["x"]}
{"path": "p/b.jpg", "captions": ["b", "c"], "category": "hat"}

{"image_id": "1", "caption": "d"}
)");
    ASSERT_EQ(pictures.size(), 2);
    EXPECT_THAT(pictures[0].captions, ElementsAre("a", "d"));
    EXPECT_THAT(pictures[0].attributes, ElementsAre("x"));
    EXPECT_EQ(pictures[1].id, "p/b.jpg");
    EXPECT_EQ(pictures[1].file_name, "p/b.jpg");
    EXPECT_EQ(pictures[1].category, "hat");
  }
}

TEST_F(Captions, CsvReferences) {
  const auto pictures = references(
      "r.csv",
      "image,caption,category,more\na.jpg,\"one, \"\"two\"\"\nthree\",hat,1\na.jpg,four,,2\n");
  ASSERT_EQ(pictures.size(), 1);
  EXPECT_EQ(pictures[0].file_name, "a.jpg");
  EXPECT_THAT(pictures[0].captions, ElementsAre("one, \"two\"\nthree", "four"));
  EXPECT_EQ(pictures[0].category, "hat");
}

TEST_F(Captions, ResultsInEachForm) {
  for (const auto& [name, content] : std::vector<std::pair<std::string, std::string>>{
           {"coco.json", R"([{"image_id": 1, "caption": "a"}, {"image_id": "2", "caption": ""}])"},
           {"lines.jsonl", "{\"id\":1,\"caption\":\"a\"}\n{\"path\":\"2\",\"caption\":\"\"}"},
           {"table.csv", "image_id,caption\n1,a\n2,"}}) {
    const auto captions = results(name, content);
    ASSERT_EQ(captions.size(), 2) << name;
    EXPECT_EQ(captions[0].id, "1");
    EXPECT_EQ(captions[0].caption, "a");
    EXPECT_EQ(captions[1].id, "2");
    EXPECT_EQ(captions[1].caption, "");
  }
  EXPECT_TRUE(results("none.json", "[]").empty());
  EXPECT_EQ(results("one.json", R"({"id": 3, "caption": "alone"})").at(0).id, "3");
}

TEST_F(Captions, PicturesThatCouldNotBeCaptionedAreNoResults) {
  const auto captions = results("r.jsonl", R"({"path": "a.jpg", "error": "a.jpg: not a picture"}
{"path": "b.jpg", "caption": "a hat", "token_ids": [1], "score": -1.5})");
  ASSERT_EQ(captions.size(), 1);
  EXPECT_EQ(captions[0].id, "b.jpg");
}

TEST_F(Captions, OneFileForTheOther) {
  EXPECT_THAT(
      references_error("results.json", R"([{"image_id": 1, "caption": "a"}])"),
      HasSubstr("results.json: a JSON list is a file of results; references are {\"images\""));
  EXPECT_THAT(
      results_error("captions.json", kCoco),
      HasSubstr("captions.json: {\"images\": ...} is a file of references; results are a list"));
  EXPECT_EQ(
      results_error("r.jsonl", R"({"id": 1, "captions": ["a", "b"]})"),
      "r.jsonl, line 1 (picture 1): \"captions\" are references; a result has one \"caption\"");
}

TEST_F(Captions, IdsThatDoNotFit) {
  EXPECT_EQ(
      results_error("r.json",
                    R"([{"image_id": 1, "caption": "a"}, {"image_id": "1", "caption": "b"}])"),
      "r.json: entry 2: duplicate picture 1, first in " + (folder_ / "r.json").string() +
          ": entry 1");
  EXPECT_EQ(results_error("r.json", R"([{"image_id": null, "caption": "a"}])"),
            "r.json: entry 1: \"image_id\" is null, expected a whole number or a string");
  EXPECT_EQ(results_error("r.json", R"([{"image_id": 1.5, "caption": "a"}])"),
            "r.json: entry 1: \"image_id\" is a number with a fraction, expected a whole number or "
            "a string");
  EXPECT_EQ(results_error("r.json", R"([{"image_id": "", "caption": "a"}])"),
            "r.json: entry 1: \"image_id\" is empty");
  EXPECT_EQ(results_error("r.json", R"([{"caption": "a"}])"), "r.json: entry 1: no \"image_id\"");
  EXPECT_EQ(results_error("r.json", "[3]"),
            "r.json: entry 1: a number, expected an object of a picture");
  EXPECT_EQ(
      references_error("r.json", R"({"images": [{"id": 1}, {"id": "1"}], "annotations": []})"),
      "r.json: image 2: duplicate picture 1");
  EXPECT_EQ(references_error("r.json",
                             R"({"images": [], "annotations": [{"image_id": 5, "caption": "a"}]})"),
            "r.json: annotation 1 (picture 5): no such picture among the images");
}

TEST_F(Captions, WholeNumbersWithAFractionOfZeroAreIds) {
  EXPECT_EQ(results("r.json", R"([{"image_id": 42.0, "caption": "a"}])").at(0).id, "42");
  EXPECT_EQ(results("r.json", R"([{"image_id": -7e1, "caption": "a"}])").at(0).id, "-70");
  EXPECT_EQ(results("r.jsonl", "{\"id\": 9007199254740992.0, \"caption\": \"a\"}").at(0).id,
            "9007199254740992");
  EXPECT_EQ(results_error("r.json", R"([{"image_id": 1e17, "caption": "a"}])"),
            "r.json: entry 1: \"image_id\" is a number too large to be exact, expected a whole "
            "number or a "
            "string");
  const std::vector<CaptionResult> rows =
      results("r.csv", "image_id,caption\n42.0,a\n-7.00,b\n1.5,c\n3.,d\n.0,e\nv1.0,f\n5,1.0\n");
  std::vector<std::string> ids;
  for (const CaptionResult& row : rows) ids.push_back(row.id);
  EXPECT_THAT(ids, ElementsAre("42", "-7", "1.5", "3.", ".0", "v1.0", "5"));
  EXPECT_EQ(rows.back().caption, "1.0");
  // What is a name stays one.
  EXPECT_EQ(results("r.csv", "path,caption\n42.0,a\n").at(0).id, "42.0");
  EXPECT_EQ(
      results_error("r.csv", "id,caption\n1,a\n1.0,b\n"),
      "r.csv, line 3: duplicate picture 1, first in " + (folder_ / "r.csv").string() + ", line 2");
}

TEST_F(Captions, NumbersThatOnlyPythonWritesDoNotMatterUnlessTheyAreRead) {
  EXPECT_EQ(results("r.json", R"([{"image_id": 1, "caption": "a", "score": NaN},
                                  {"image_id": 2.0, "caption": "b", "x": [-Infinity, 3]}])")
                .at(1)
                .id,
            "2");
  EXPECT_EQ(
      results("r.jsonl", "{\"id\": 1, \"score\": Infinity, \"caption\": \"NaN\"}\n").at(0).caption,
      "NaN");
  EXPECT_EQ(results_error("r.json", R"([{"image_id": NaN, "caption": "a"}])"),
            "r.json: entry 1: \"image_id\" is NaN, expected a whole number or a string");
  EXPECT_EQ(results_error("r.json", R"([{"image_id": 1, "caption": -Infinity}])"),
            "r.json: entry 1 (picture 1): \"caption\" is infinity, expected a string");
}

TEST_F(Captions, PicturesWithoutCaptionsAreKeptWhereAskedFor) {
  const std::string file = R"({"images": [{"id": 1}, {"id": 2}, {"id": 3}],
                               "annotations": [{"image_id": 2, "caption": "a"}]})";
  EXPECT_EQ(references_error("r.json", file), "r.json: 2 of 3 pictures have no captions: 1, 3");
  const auto all = read_references(folder_.write("r.json", file), "", data::Captionless::kKeep);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_TRUE(all[0].captions.empty());
  EXPECT_THAT(all[1].captions, ElementsAre("a"));
}

TEST_F(Captions, ComeThroughPipes) {
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::string content = "image_id,caption\n";  // more than a pipe holds
  for (int i = 0; i < 20'000; ++i) content += std::to_string(i) + ",a caption\n";
  std::thread writer([&] { std::ofstream(pipe) << content; });
  const std::vector<CaptionResult> read = read_results(pipe);
  writer.join();
  EXPECT_EQ(read.size(), 20'000u);
  EXPECT_EQ(read.back().id, "19999");
}

TEST_F(Captions, CaptionsThatAreNone) {
  EXPECT_EQ(results_error("r.json", R"([{"image_id": 4, "caption": 7}])"),
            "r.json: entry 1 (picture 4): \"caption\" is a number, expected a string");
  EXPECT_EQ(results_error("r.json", R"([{"image_id": 4, "caption": null}])"),
            "r.json: entry 1 (picture 4): \"caption\" is null, expected a string");
  EXPECT_EQ(results_error("r.json", R"([{"image_id": 4}])"),
            "r.json: entry 1 (picture 4): no \"caption\", expected a string");
  EXPECT_EQ(references_error("r.jsonl", R"({"id": 4, "captions": ["a", 5]})"),
            "r.jsonl, line 1 (picture 4): a caption is a number, expected a string");
  EXPECT_EQ(references_error("r.jsonl", R"({"id": 4, "captions": []})"),
            "r.jsonl: 1 of 1 pictures have no captions: 4");
  EXPECT_EQ(
      references_error("r.json", R"({"images": [{"id": 1}, {"id": 2}, {"id": 3}], "annotations":
                             [{"image_id": 2, "caption": "a"}]})"),
      "r.json: 2 of 3 pictures have no captions: 1, 3");
  EXPECT_EQ(references_error("r.json", R"({"images": [], "annotations": []})"),
            "r.json: no pictures");
  EXPECT_EQ(
      references_error("k.json", R"({"images": [{"imgid": 1, "filename": "a", "sentences": []}]})"),
      "k.json: 1 of 1 pictures have no captions: 1");
  EXPECT_EQ(references_error("k.json", R"({"images": [{"id": 1, "file_name": "a"}]})"),
            "k.json: image 1: no \"cocoid\"");
}

TEST_F(Captions, AttributesAndCategoriesThatAreNone) {
  EXPECT_EQ(references_error("r.jsonl", R"({"id": 1, "caption": "a", "attributes": "red"})"),
            "r.jsonl, line 1: \"attributes\" is a string, expected a list");
  EXPECT_EQ(references_error("r.jsonl", R"({"id": 1, "caption": "a", "attributes": [1]})"),
            "r.jsonl, line 1: an attribute is a number, expected a string");
  EXPECT_EQ(references_error("r.jsonl",
                             "{\"id\": 1, \"caption\": \"a\", \"category\": 1}\n"
                             "{\"id\": 1, \"caption\": \"a\", \"category\": 2}"),
            "r.jsonl, line 2: picture 1 is of category 2, and elsewhere of category 1");
  EXPECT_EQ(
      references("r.jsonl", R"({"id": 1, "caption": "a", "attributes": null, "category": null})")
          .at(0)
          .category,
      "");
}

TEST_F(Captions, BrokenText) {
  for (const char* empty : {"", " \r\n\t", "\xEF\xBB\xBF", "\xEF\xBB\xBF\n"}) {
    EXPECT_EQ(results_error("r.json", empty), "r.json: the file is empty");
    EXPECT_EQ(references_error("r.csv", empty), "r.csv: the file is empty");
  }
  EXPECT_THAT(results_error("r.json", "[{\"image_id\": 1,\n \"caption\": \"\xff\"}]"),
              HasSubstr("r.json:2: not valid JSON"));
  EXPECT_THAT(
      results_error("r.jsonl",
                    "{\"id\": 1, \"caption\": \"a\"}\n{\"id\": 2, \"caption\": \"\xc0\xaf\"}"),
      HasSubstr("r.jsonl, line 2:1: not valid JSON"));
  EXPECT_EQ(results_error("r.csv", "id,caption\n1,a\n2,\xed\xa0\x80\n"), "r.csv:3: not UTF-8");
  EXPECT_THAT(results_error("r.json", std::string(10000, '[') + std::string(10000, ']')),
              HasSubstr("nested more than"));
  EXPECT_THAT(references_error(
                  "r.jsonl", "{\"id\":" + std::string(10000, '[') + std::string(10000, ']') + "}"),
              HasSubstr("nested more than"));
  EXPECT_THAT(results_error("r.json", R"([{"image_id": 1, "caption": "a", "caption": "b"}])"),
              HasSubstr("duplicate key \"caption\""));
  EXPECT_THAT(results_error("r.json", "[{\"image_id\": 1, \"caption\": \"a\"}"),
              HasSubstr("not valid JSON"));
  EXPECT_THROW(read_results(folder_ / "absent.json"), base::FileError);
  EXPECT_THROW(read_results(folder_.path()), base::FileError);
}

TEST_F(Captions, TablesThatAreNone) {
  EXPECT_EQ(results_error("r.csv", "id,caption\n1,a,b\n"), "r.csv:2: 3 fields, the header has 2");
  EXPECT_EQ(results_error("r.csv", "id,caption\n1,\"a\nb\n"),
            "r.csv:2: a quote is opened and never closed");
  EXPECT_EQ(results_error("r.csv", "id,caption\n1,\"a\" b\n"),
            "r.csv:2: text behind the closing quote of a field");
  EXPECT_EQ(results_error("r.csv", "id,caption\n1,\"a\nb\"\n2,5\" pipe\n"),
            "r.csv:4: a quote inside a field that does not start with one");
  EXPECT_EQ(results_error("r.csv", "id,caption,id\n1,a,2\n"),
            "r.csv: duplicate column \"id\" in the header");
  EXPECT_THAT(results_error("r.csv", "number,text\n1,a\n"),
              HasSubstr("r.csv: neither JSON nor a table"));
  EXPECT_THAT(results_error("r.txt", "a.jpg\ta hat\n"),
              HasSubstr("r.txt: neither JSON nor a table"));
  EXPECT_EQ(results_error("r.csv", "id,caption\n,a\n"), "r.csv, line 2: \"id\" is empty");
}

TEST_F(Captions, LongCaptions) {
  std::string words;
  for (int i = 0; i < 100000; ++i) words += "word ";
  EXPECT_EQ(results("r.json", R"([{"image_id": 1, "caption": ")" + words + "\"}]").at(0).caption,
            words);
  EXPECT_EQ(results("r.csv", "id,caption\n1," + words).at(0).caption, words);
}

TEST(Csv, Rows) {
  const auto rows = data::read_csv("a,\"b\nc\",\r\n\n,\"\",\"x\"\"y\"", "t");
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows[0].line, 1);
  EXPECT_THAT(rows[0].fields, ElementsAre("a", "b\nc", ""));
  EXPECT_EQ(rows[1].line, 4);
  EXPECT_THAT(rows[1].fields, ElementsAre("", "", "x\"y"));
  EXPECT_TRUE(data::read_csv("", "t").empty());
  EXPECT_THAT(data::read_csv("a\rb,c\r", "t").at(0).fields, ElementsAre("a\rb", "c"));
}

TEST(FirstFew, SaysHowManyMore) {
  EXPECT_EQ(data::first_few({"1", "2"}), "1, 2");
  EXPECT_EQ(data::first_few({"1", "2", "3", "4", "5", "6", "7"}), "1, 2, 3, 4, 5 and 2 more");
}

TEST(ClothingCaptions, HaveAttributesAndCategories) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const auto pictures = read_references(shared::path("data/clothing/captions_test.json"));
  EXPECT_EQ(pictures.size(), 400);
  EXPECT_THAT(pictures[0].captions,
              ElementsAre("a light blue t-shirt", "a photo of a light blue t-shirt",
                          "t-shirt in light blue"));
  EXPECT_THAT(pictures[0].attributes, ElementsAre("blue", "light", "t-shirt"));
  EXPECT_EQ(pictures[0].category, "15");
}

}  // namespace
