// PNGs whose pixels are known from the specification, and what Pillow 13 tolerates of broken ones.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/data/pictures.h"

namespace {

using pictures::big;
using pictures::bytes;
using pictures::colors;
using pictures::decode;
using pictures::grays;
using pictures::little;
using pictures::refusal;

uint32_t crc32(const std::string& data) {
  uint32_t crc = ~0u;
  for (const unsigned char byte : data) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
  }
  return ~crc;
}

std::string chunk(const std::string& type, const std::string& content) {
  return big(content.size(), 4) + type + content + big(crc32(type + content), 4);
}

/// The same with a checksum that is wrong.
std::string bad_chunk(const std::string& type, const std::string& content) {
  std::string chunk = ::chunk(type, content);
  chunk.back() = static_cast<char>(chunk.back() ^ 1);
  return chunk;
}

const std::string kSignature = "\x89PNG\r\n\x1A\n";
const std::string kEnd = chunk("IEND", "");

enum Color { kGray = 0, kRgb = 2, kIndexed = 3, kGrayAlpha = 4, kRgbAlpha = 6 };
std::string header(int width, int height, int depth, Color color, int interlaced = 0) {
  return chunk("IHDR", big(width, 4) + big(height, 4) + bytes({depth, color, 0, 0, interlaced}));
}

/// A zlib stream that stores its data as it is.
std::string stored(const std::string& data) {
  uint32_t a = 1, b = 0;
  for (const unsigned char byte : data) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return bytes({0x78, 1, 1}) + little(data.size(), 2) + little(~data.size(), 2) + data +
         big(b << 16 | a, 4);
}

std::string png(const std::string& chunks, const std::string& rows) {
  return kSignature + chunks + chunk("IDAT", stored(rows)) + kEnd;
}

TEST(Png, GraysOfEveryDepth) {
  EXPECT_EQ(grays(png(header(3, 1, 1, kGray), bytes({0, 0xA0}))), "255 0 255");
  EXPECT_EQ(grays(png(header(4, 1, 2, kGray), bytes({0, 0x1B}))), "0 85 170 255");
  EXPECT_EQ(grays(png(header(3, 1, 4, kGray), bytes({0, 0x1F, 0x80}))), "17 255 136");
  EXPECT_EQ(grays(png(header(2, 1, 8, kGray), bytes({0, 3, 200}))), "3 200");
  // Pillow cuts 16 bits off above 255.
  EXPECT_EQ(grays(png(header(3, 1, 16, kGray), bytes({0, 0, 7, 1, 0, 0, 255}))), "7 255 255");
  EXPECT_EQ(grays(png(header(2, 1, 8, kGrayAlpha), bytes({0, 9, 0, 8, 255}))), "9 8");
  EXPECT_EQ(grays(png(header(1, 1, 16, kGrayAlpha), bytes({0, 9, 250, 0, 0}))), "9");
}

TEST(Png, ColorsOfEveryDepth) {
  EXPECT_EQ(colors(png(header(2, 1, 8, kRgb), bytes({0, 1, 2, 3, 0xFF, 0xFE, 0xFD}))),
            "010203 fffefd");
  EXPECT_EQ(colors(png(header(1, 1, 16, kRgb), bytes({0, 1, 99, 2, 99, 3, 99}))), "010203");
  EXPECT_EQ(colors(png(header(1, 1, 8, kRgbAlpha), bytes({0, 1, 2, 3, 0}))), "010203");
  EXPECT_EQ(colors(png(header(1, 1, 16, kRgbAlpha), bytes({0, 1, 99, 2, 99, 3, 99, 0, 0}))),
            "010203");
}

TEST(Png, IndicesBeyondThePaletteAreBlack) {
  const std::string palette = chunk("PLTE", "abcdef");
  for (const auto& [depth, row] : {std::pair{1, bytes({0, 0x40})},
                                   {2, bytes({0, 0x10})},
                                   {4, bytes({0, 0x01})},
                                   {8, bytes({0, 0, 1})}}) {
    EXPECT_EQ(colors(png(header(2, 1, depth, kIndexed) + palette, row)), "616263 646566") << depth;
  }
  EXPECT_EQ(colors(png(header(2, 1, 8, kIndexed) + palette, bytes({0, 2, 255}))), "000000 000000");
  EXPECT_EQ(colors(png(header(1, 1, 8, kIndexed), bytes({0, 2}))), "000000");
  EXPECT_EQ(
      refusal(png(header(1, 1, 8, kIndexed) + chunk("PLTE", std::string(771, 'a')), bytes({0, 2}))),
      "picture: PNG has a palette of 257 colours, expected at most 256");
}

TEST(Png, FiltersAreUndone) {
  // Each row is the differences to what its filter predicts.
  const std::string rows = bytes({0, 10, 20, 30}) +  // none
                           bytes({1, 1, 2, 3}) +     // left: 1 3 6
                           bytes({2, 5, 5, 5}) +     // above: 6 8 11
                           bytes({3, 1, 1, 1}) +     // mean of left and above: 4 7 10
                           bytes({4, 1, 1, 1});      // Paeth: 5, 8 (7 is nearest to 5 + 7 - 4), 11
  EXPECT_EQ(grays(png(header(3, 5, 8, kGray), rows)), "10 20 30/1 3 6/6 8 11/4 7 10/5 8 11");
  EXPECT_EQ(refusal(png(header(1, 1, 8, kGray), bytes({5, 0}))),
            "picture: PNG is damaged: a row has filter 5, expected 0 to 4");
}

TEST(Png, Interlaced) {
  // Passes in their order, each row with its filter: of 3 x 3 pixels the 1st, 4th, 5th, 6th and 7th
  // pass have pixels.
  const std::string rows = bytes({0, 1}) + bytes({0, 2}) + bytes({0, 3, 4}) + bytes({0, 5}) +
                           bytes({0, 6}) + bytes({0, 7, 8, 9});
  EXPECT_EQ(grays(png(header(3, 3, 8, kGray, 1), rows)), "1 5 2/7 8 9/3 6 4");
}

const std::string kRow = bytes({0, 7, 8, 9});

TEST(Png, ChecksumsMatterBeforeTheData) {
  const std::string data = stored(kRow);
  const std::string whole = kSignature + header(3, 1, 8, kGray);
  EXPECT_EQ(grays(whole + bad_chunk("IDAT", data) + bad_chunk("tEXt", "a") + bad_chunk("IEND", "")),
            "7 8 9");
  EXPECT_EQ(refusal(whole + bad_chunk("tEXt", "a") + chunk("IDAT", data) + kEnd),
            "picture: PNG is damaged: chunk tEXt does not match its checksum");
  std::string wrong_header = png(header(3, 1, 8, kGray), kRow);
  wrong_header[29] = static_cast<char>(wrong_header[29] ^ 1);
  EXPECT_EQ(refusal(wrong_header),
            "picture: PNG is damaged: chunk IHDR does not match its checksum");
}

TEST(Png, TheChecksumOfTheDataItselfMatters) {
  std::string data = stored(kRow);
  data.back() = static_cast<char>(data.back() ^ 1);
  EXPECT_EQ(refusal(kSignature + header(3, 1, 8, kGray) + chunk("IDAT", data) + kEnd),
            "picture: PNG is damaged: its data is not sound");
}

TEST(Png, ItsEndMayBeMissing) {
  const std::string whole = png(header(3, 1, 8, kGray), kRow);
  const std::size_t last_pixel = whole.size() - kEnd.size() - 4 - 4;  // before both checksums
  for (std::size_t size = 0; size < last_pixel; ++size) {
    EXPECT_NE(refusal(whole.substr(0, size)), "") << size;
  }
  for (std::size_t size = last_pixel; size <= whole.size(); ++size) {
    EXPECT_EQ(grays(whole.substr(0, size)), "7 8 9") << size;
  }
  EXPECT_EQ(grays(whole + "rubbish"), "7 8 9");
  EXPECT_EQ(refusal(whole.substr(0, last_pixel - 1)),
            "picture: PNG is truncated: its data ends before the picture");
  EXPECT_EQ(refusal(whole.substr(0, whole.size() - kEnd.size()) + big(5, 4) + "tEXtabc"),
            "picture: PNG is truncated: chunk tEXt of 5 bytes has only 3");
}

TEST(Png, RowsThatAStreamLeavesOutAreOfIndex0) {
  EXPECT_EQ(grays(png(header(3, 3, 8, kGray), kRow)), "7 8 9/0 0 0/0 0 0");
  EXPECT_EQ(colors(png(header(1, 2, 8, kIndexed) + chunk("PLTE", "abcdef"), bytes({0, 1}))),
            "646566/616263");
}

TEST(Png, DataInManyChunks) {
  std::string file = kSignature + header(3, 1, 8, kGray);
  for (const char byte : stored(kRow)) {
    file += chunk("IDAT", std::string(1, byte)) + chunk("IDAT", "");
  }
  EXPECT_EQ(grays(file + kEnd), "7 8 9");
}

TEST(Png, ChunksOfUnknownKindsAreSkipped) {
  const std::string whole = kSignature + chunk("abCD", "x") + header(3, 1, 8, kGray);
  const std::string data = chunk("IDAT", stored(kRow));
  EXPECT_EQ(grays(whole + chunk("IDA_", "x") + data + kEnd), "7 8 9");
  EXPECT_EQ(refusal(whole +
                    chunk("a\xFF"
                          "cd",
                          "") +
                    data + kEnd),
            "picture: PNG is damaged: it has a chunk whose name is no name");
  EXPECT_EQ(refusal(whole + kEnd), "picture: PNG has no picture data before its end");
}

TEST(Png, OfAnAnimationTheFirstFrameInItsPlace) {
  const auto frame = [](int width, int height, int left, int top) {
    return chunk("fcTL", big(0, 4) + big(width, 4) + big(height, 4) + big(left, 4) + big(top, 4) +
                             std::string(6, '\0'));
  };
  const std::string whole = header(3, 2, 8, kGray) + chunk("acTL", big(2, 4) + big(0, 4));
  EXPECT_EQ(grays(png(whole + frame(2, 1, 1, 1), bytes({0, 7, 8}))), "0 0 0/0 7 8");
  EXPECT_EQ(refusal(png(whole + frame(2, 1, 2, 1), bytes({0, 7, 8}))),
            "picture: PNG has a frame of an animation that does not lie in the picture");
  // A later frame may be truncated.
  std::string file = png(whole + frame(3, 2, 0, 0), kRow + kRow);
  file.resize(file.size() - kEnd.size());
  EXPECT_EQ(grays(file + frame(3, 2, 0, 0).substr(0, 20)), "7 8 9/7 8 9");
}

TEST(Png, HeadersOfNoKind) {
  EXPECT_EQ(refusal(png(header(1, 1, 4, kRgb), kRow)),
            "picture: PNG has colours of type 2 and 4 bits, which no PNG has");
  EXPECT_EQ(refusal(png(chunk("IHDR", "short"), kRow)),
            "picture: PNG has a header of fewer than 13 bytes");
  EXPECT_EQ(refusal(png(header(0, 1, 8, kGray), kRow)),
            "picture: picture of 0 x 1 pixels has no pixels");
}

}  // namespace
