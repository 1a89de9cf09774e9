// BMPs of every version and depth with the pixels that Pillow 13 shows.
#include <gtest/gtest.h>

#include <string>

#include "tests/data/pictures.h"

namespace {

using pictures::bytes;
using pictures::colors;
using pictures::grays;
using pictures::little;
using pictures::refusal;

struct Kind {
  int header = 40;
  int bits = 24;
  int compression = 0;
  int colors = 0;
  int64_t height = 1;
  std::string masks = {};  ///< in the header, or behind one of 40 bytes
};

std::string dib(int width, const Kind& kind, const std::string& rest) {
  if (kind.header == 12) {
    return little(12, 4) + little(width, 2) + little(kind.height, 2) + little(1, 2) +
           little(kind.bits, 2) + rest;
  }
  std::string header = little(kind.header, 4) + little(width, 4) + little(kind.height, 4) +
                       little(1, 2) + little(kind.bits, 2) + little(kind.compression, 4) +
                       std::string(12, '\0') + little(kind.colors, 4) + std::string(4, '\0') +
                       kind.masks;
  header.resize(std::max<std::size_t>(header.size(), kind.header));
  return header + rest;
}

/// `rest` is palette and pixels; where they begin is left to the reader.
std::string bmp(int width, const Kind& kind, const std::string& rest) {
  return "BM" + std::string(12, '\0') + dib(width, kind, rest);
}

std::string masks(uint32_t red, uint32_t green, uint32_t blue, uint32_t alpha) {
  return little(red, 4) + little(green, 4) + little(blue, 4) + little(alpha, 4);
}

const std::string kPalette = bytes({3, 2, 1, 0, 6, 5, 4, 0, 9, 8, 7, 0, 12, 11, 10, 0});

TEST(Bmp, HeadersOfEveryVersion) {
  for (const int header : {12, 40, 52, 56, 64, 108, 124}) {
    EXPECT_EQ(colors(bmp(1, {.header = header}, bytes({3, 2, 1, 0}))), "010203") << header;
    EXPECT_EQ(colors(dib(1, {.header = header}, bytes({3, 2, 1, 0}))), "010203") << header;
  }
  EXPECT_EQ(refusal(bmp(1, {.header = 44}, "")),
            "picture: BMP has a header of 44 bytes, expected 12, 40, 52, 56, 64, 108 or 124");
}

TEST(Bmp, RowsGoUpwardsOrDownwards) {
  const std::string rows = bytes({3, 2, 1, 0}) + bytes({6, 5, 4, 0});
  EXPECT_EQ(colors(bmp(1, {.height = 2}, rows)), "040506/010203");
  EXPECT_EQ(colors(bmp(1, {.height = -2}, rows)), "010203/040506");
}

TEST(Bmp, PalettesOfEveryDepth) {
  EXPECT_EQ(colors(bmp(3, {.bits = 1}, kPalette.substr(0, 8) + bytes({0xA0, 0, 0, 0}))),
            "040506 010203 040506");
  EXPECT_EQ(colors(bmp(3, {.bits = 4, .colors = 4}, kPalette + bytes({0x02, 0x30, 0, 0}))),
            "010203 070809 0a0b0c");
  EXPECT_EQ(colors(bmp(2, {.bits = 8, .colors = 4}, kPalette + bytes({3, 4, 0, 0}))),
            "0a0b0c 000000");
  // Of three bytes a colour in the first version.
  EXPECT_EQ(colors(bmp(2, {.header = 12, .bits = 1}, "abcdef" + bytes({0x40, 0, 0, 0}))),
            "636261 666564");
  EXPECT_EQ(refusal(bmp(1, {.bits = 8, .colors = 257}, std::string(257 * 4, 'a') + "abcd")),
            "picture: BMP has a palette of 257 colours, expected at most 256");
}

TEST(Bmp, APaletteThatItsPixelsOffsetForgets) {
  std::string file = bmp(1, {.bits = 8, .colors = 4}, kPalette + bytes({3, 0, 0, 0}));
  file.replace(10, 4, little(54, 4));
  EXPECT_EQ(colors(file), "0a0b0c");
}

TEST(Bmp, GraysAsPillowTakesThem) {
  std::string ramp;
  for (int i = 0; i < 256; ++i) ramp += bytes({i, i, i, 0});
  EXPECT_EQ(grays(bmp(2, {.bits = 8}, ramp + bytes({3, 200, 0, 0}))), "3 200");
  const std::string black_and_white = bytes({0, 0, 0, 0, 255, 255, 255, 0});
  EXPECT_EQ(grays(bmp(3, {.bits = 1}, black_and_white + bytes({0xA0, 0, 0, 0}))), "255 0 255");
  // Two colours, black and white, are bits for it, whatever the header says.
  EXPECT_EQ(grays(bmp(4, {.bits = 8, .colors = 2}, black_and_white + bytes({0x50, 1, 1, 1}))),
            "0 255 0 255");
  EXPECT_EQ(refusal(bmp(8, {.bits = 4, .colors = 16}, ramp.substr(0, 64) + "abcd")),
            "picture: BMP has rows of 4 bytes, its palette of grays needs 8");
}

TEST(Bmp, SixteenBits) {
  // 5 bits to 8 as v * 255 / 31, rounded down: 3 is 24, 16 is 131.
  const std::string row = little(3 << 10 | 16 << 5 | 31, 2) + std::string(2, '\0');
  EXPECT_EQ(colors(bmp(1, {.bits = 16}, row)), "1883ff");
  const std::string k555 = masks(0x7C00, 0x3E0, 0x1F, 0), k565 = masks(0xF800, 0x7E0, 0x1F, 0);
  EXPECT_EQ(colors(bmp(1, {.header = 56, .bits = 16, .compression = 3, .masks = k555}, row)),
            "1883ff");
  // 6 bits: 33 is 133.
  EXPECT_EQ(colors(bmp(1, {.bits = 16, .compression = 3, .masks = k565.substr(0, 12)},
                       little(3 << 11 | 33 << 5 | 31, 2) + std::string(2, '\0'))),
            "1885ff");
  EXPECT_EQ(
      refusal(bmp(1, {.bits = 16, .compression = 3, .masks = masks(0xF00, 0xF0, 0xF, 0)}, row)),
      "picture: BMP has bit fields of an unusual kind for pixels of 16 bits");
}

TEST(Bmp, ThirtyTwoBits) {
  const std::string row = bytes({1, 2, 3, 4});
  EXPECT_EQ(colors(bmp(1, {.bits = 32}, row)), "030201");
  const auto with = [&](const std::string& masks) {
    return colors(bmp(1, {.header = 56, .bits = 32, .compression = 3, .masks = masks}, row));
  };
  EXPECT_EQ(with(masks(0xFF0000, 0xFF00, 0xFF, 0xFF000000)), "030201");
  EXPECT_EQ(with(masks(0xFF, 0xFF00, 0xFF0000, 0xFF000000)), "010203");
  EXPECT_EQ(with(masks(0xFF000000, 0xFF0000, 0xFF00, 0xFF)), "040302");
  EXPECT_EQ(with(masks(0xFF000000, 0xFF00, 0xFF, 0xFF0000)), "040201");
  EXPECT_EQ(with(masks(0, 0, 0, 0)), "030201");
  EXPECT_EQ(colors(bmp(1,
                       {.bits = 32,
                        .compression = 3,
                        .masks = masks(0xFF000000, 0xFF0000, 0xFF00, 0).substr(0, 12)},
                       row)),
            "040302");
  EXPECT_EQ(refusal(bmp(1, {.bits = 32, .compression = 3, .masks = masks(0x3FF, 0, 0, 0)}, row)),
            "picture: BMP has bit fields of an unusual kind for pixels of 32 bits");
}

TEST(Bmp, RunLengthsOfBytes) {
  const auto rle8 = [](int64_t height, const std::string& runs) {
    return bmp(4, {.bits = 8, .compression = 1, .colors = 4, .height = height}, kPalette + runs);
  };
  // A run, single indices with a byte of padding, and the end.
  const std::string run = bytes({4, 1}), end_of_row = bytes({0, 0}), end = bytes({0, 1});
  EXPECT_EQ(colors(rle8(2, run + end_of_row + bytes({0, 3, 0, 1, 2, 0}) + bytes({1, 3}) + end)),
            "010203 040506 070809 0a0b0c/040506 040506 040506 040506");
  // Downwards too, which no version allows and Pillow reads.
  EXPECT_EQ(colors(rle8(-2, run + end_of_row + bytes({4, 0}))),
            "040506 040506 040506 040506/010203 010203 010203 010203");
  // Rows that end early, and jumps, leave index 0; a run does not leave its row.
  EXPECT_EQ(colors(rle8(1, bytes({1, 2}) + end_of_row)), "070809 010203 010203 010203");
  EXPECT_EQ(colors(rle8(1, bytes({1, 2}) + bytes({0, 2, 2, 0}) + bytes({9, 2}))),
            "070809 010203 010203 070809");
  EXPECT_EQ(refusal(rle8(2, run + end)),
            "picture: BMP is truncated: its runs are of 4 pixels, expected 8");
  EXPECT_EQ(refusal(rle8(2, run + bytes({0, 4, 1}))),
            "picture: BMP is truncated: its runs are of 4 pixels, expected 8");
}

TEST(Bmp, RunLengthsOfHalfBytes) {
  const auto rle4 = [](int width, const std::string& runs) {
    return bmp(width, {.bits = 4, .compression = 2, .colors = 4}, kPalette + runs);
  };
  EXPECT_EQ(colors(rle4(3, bytes({3, 0x12}))), "040506 070809 040506");
  EXPECT_EQ(colors(rle4(3, bytes({0, 3, 0x12, 0x30}))), "040506 070809 0a0b0c");
  // Three bytes of indices are padded to four.
  EXPECT_EQ(colors(rle4(6, bytes({0, 5, 0x11, 0x22, 0x30, 0}) + bytes({1, 0}))),
            "040506 040506 070809 070809 0a0b0c 010203");
}

TEST(Bmp, RunLengthsOnlyOfIndices) {
  EXPECT_EQ(refusal(bmp(1, {.compression = 1}, "abcd")),
            "picture: BMP has run-length coded pixels of 24 bits, expected 4 or 8");
  EXPECT_EQ(
      refusal(bmp(1, {.compression = 4}, "abcd")),
      "picture: BMP has compression 4, expected 0 to 3 (none, run-length coding or bit fields)");
  EXPECT_EQ(refusal(bmp(1, {.bits = 2}, "abcd")),
            "picture: BMP has pixels of 2 bits, expected 1, 4, 8, 16, 24 or 32");
}

TEST(Bmp, TheLastRowNeedsNoPadding) {
  const std::string file = bmp(1, {.height = 2}, bytes({3, 2, 1, 0, 6, 5, 4}));
  EXPECT_EQ(colors(file), "040506/010203");
  EXPECT_EQ(refusal(file.substr(0, file.size() - 1)),
            "picture: BMP is truncated: 60 bytes, expected 61");
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_NE(refusal(file.substr(0, size)), "") << size;
  }
}

}  // namespace
