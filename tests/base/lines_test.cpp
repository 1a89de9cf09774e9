#include "base/lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace base {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

/// Both readers must agree on every text.
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines, of_stream;
  Lines reader(text, "a.txt");
  while (const auto line = reader.next()) lines.emplace_back(*line);
  std::istringstream stream{std::string(text)};
  StreamLines stream_reader(stream, "a.txt");
  for (std::string line; stream_reader.next(line);) of_stream.push_back(line);
  EXPECT_EQ(lines, of_stream);
  EXPECT_EQ(reader.number(), static_cast<std::int64_t>(lines.size()));
  EXPECT_EQ(stream_reader.number(), reader.number());
  return lines;
}

TEST(Lines, EndWithLineFeedsWhichCarriageReturnsMayPrecede) {
  EXPECT_THAT(lines_of("a\nb\r\n\r\nc\n"), ElementsAre("a", "b", "", "c"));
  EXPECT_THAT(lines_of("a\rb\r\r\n"), ElementsAre("a\rb\r"));
}

TEST(Lines, TheLastNeedsNoEnd) {
  EXPECT_THAT(lines_of("a\nb"), ElementsAre("a", "b"));
  EXPECT_THAT(lines_of("a\nb\r"), ElementsAre("a", "b"));
  EXPECT_THAT(lines_of("\n"), ElementsAre(""));
  EXPECT_THAT(lines_of(""), IsEmpty());
}

TEST(Lines, LeaveOutAByteOrderMarkAtTheStartAlone) {
  EXPECT_THAT(lines_of("\xEF\xBB\xBF"
                       "a\n\xEF\xBB\xBF"
                       "b"),
              ElementsAre("a",
                          "\xEF\xBB\xBF"
                          "b"));
}

TEST(Lines, RefuseUtf16ByName) {
  for (const std::string& text : {std::string("\xFF\xFE"
                                              "a\0",
                                              4),
                                  std::string("\xFE\xFF\0a", 4)}) {
    EXPECT_THAT([&] { lines_of(text); },
                ThrowsMessage<FormatError>("a.txt: the text is UTF-16, expected UTF-8"));
    std::istringstream stream(text);
    StreamLines reader(stream, "list");
    std::string line;
    EXPECT_THAT([&] { reader.next(line); }, ThrowsMessage<FormatError>(HasSubstr("list: ")));
  }
}

TEST(Lines, KeepZeroBytes) {
  EXPECT_THAT(lines_of(std::string_view("a\0b\nc", 5)), ElementsAre(std::string("a\0b", 3), "c"));
}

TEST(Lines, SayWhereTheyAre) {
  Lines lines("one\ntwo\n", "words.txt");
  lines.next();
  lines.next();
  EXPECT_TRUE(lines.at_end());
  EXPECT_EQ(lines.where(), "words.txt, line 2");
  EXPECT_THAT([&] { lines.fail("\"", "two", "\" is no number"); },
              ThrowsMessage<FormatError>("words.txt, line 2: \"two\" is no number"));
}

TEST(StreamLines, NamesAStreamThatCannotBeRead) {
  std::istringstream stream("a\n");
  StreamLines lines(stream, "standard input");
  stream.setstate(std::ios::badbit);
  std::string line;
  EXPECT_THAT([&] { lines.next(line); },
              ThrowsMessage<FileError>("standard input: cannot be read to its end"));
}

}  // namespace
}  // namespace base
