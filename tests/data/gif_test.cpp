// GIFs whose pixels are known from the specification, and what Pillow 13 tolerates of broken ones.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/data/pictures.h"

namespace {

using pictures::bytes;
using pictures::colors;
using pictures::grays;
using pictures::little;
using pictures::refusal;

/// Codes of three bits, lowest bit first, as a block.
std::string codes(const std::vector<uint32_t>& codes) {
  std::string out;
  uint32_t held = 0, bits = 0;
  for (const uint32_t code : codes) {
    held |= code << bits;
    for (bits += 3; bits >= 8; bits -= 8, held >>= 8) out += static_cast<char>(held);
  }
  if (bits > 0) out += static_cast<char>(held);
  return bytes({static_cast<int>(out.size())}) + out;
}

constexpr uint32_t kClear = 4, kEndCode = 5;

/// Indices 0 to 3 without compression: a clear code before each keeps the codes short.
std::string raster(const std::vector<uint32_t>& indices) {
  std::vector<uint32_t> all;
  for (const uint32_t index : indices) all.insert(all.end(), {kClear, index});
  all.push_back(kEndCode);
  return bytes({2}) + codes(all) + bytes({0});
}

const std::string kRed = bytes({255, 0, 0}), kGreen = bytes({0, 255, 0}),
                  kBlue = bytes({0, 0, 255}), kWhite = bytes({255, 255, 255});
const std::string kPalette = kRed + kGreen + kBlue + kWhite;

std::string screen(int width, int height, const std::string& palette = kPalette) {
  const int flags = palette.empty() ? 0 : palette.size() == 6 ? 0x80 : 0x81;
  return "GIF89a" + little(width, 2) + little(height, 2) + bytes({flags, 0, 0}) + palette;
}
std::string frame(int left, int top, int width, int height, int flags = 0) {
  return "," + little(left, 2) + little(top, 2) + little(width, 2) + little(height, 2) +
         bytes({flags});
}
/// A graphic control extension that names the transparent index.
std::string transparent(int index) {
  return bytes({'!', 0xF9, 4, 1, 0, 0, index, 0});
}

const std::string kFrame = frame(0, 0, 2, 2) + raster({0, 1, 2, 3});
const std::string kPixels = "ff0000 00ff00/0000ff ffffff";

TEST(Gif, PaletteAndIndices) {
  EXPECT_EQ(colors(screen(2, 2) + kFrame + ";"), kPixels);
  // Of a frame's own palette.
  EXPECT_EQ(colors(screen(1, 1) + frame(0, 0, 1, 1, 0x80) + kWhite + kBlue + raster({1})),
            "0000ff");
  EXPECT_EQ(colors(screen(1, 1, kRed + kGreen) + frame(0, 0, 1, 1) + raster({2})), "000000");
}

TEST(Gif, CodesThatStandForSeveralIndices) {
  // 1; then code 6, which is only being defined by this, for 1 1; then code 6 once more.
  EXPECT_EQ(grays(screen(5, 1, "") + frame(0, 0, 5, 1) + bytes({2}) + codes({kClear, 1, 6, 6}) +
                  bytes({0})),
            "1 1 1 1 1");
}

TEST(Gif, GraysWithoutAPaletteThatSaysOtherwise) {
  EXPECT_EQ(grays(screen(2, 1, "") + frame(0, 0, 2, 1) + raster({3, 1})), "3 1");
  // A palette of just the grays of the indices goes on beyond its end.
  EXPECT_EQ(grays(screen(2, 1, bytes({0, 0, 0, 1, 1, 1})) + frame(0, 0, 2, 1) + raster({3, 1})),
            "3 1");
  // As a frame's own it does not count where the screen has colours.
  EXPECT_EQ(
      colors(screen(2, 1) + frame(0, 0, 2, 1, 0x80) + bytes({0, 0, 0, 1, 1, 1}) + raster({3, 1})),
      "ffffff 00ff00");
}

TEST(Gif, Interlaced) {
  EXPECT_EQ(grays(screen(1, 6, "") + frame(0, 0, 1, 6, 0x40) + raster({0, 1, 2, 3, 2, 1})),
            "0/3/2/2/1/1");
}

TEST(Gif, AFrameSmallerOrLargerThanItsScreen) {
  const std::string pixel = frame(1, 1, 1, 1) + raster({3});
  EXPECT_EQ(colors(screen(2, 2) + pixel), "ff0000 ff0000/ff0000 ffffff");
  EXPECT_EQ(colors(screen(2, 2) + transparent(1) + pixel), "00ff00 00ff00/00ff00 ffffff");
  EXPECT_EQ(colors(screen(1, 1) + pixel), "ff0000 ff0000/ff0000 ffffff");
}

TEST(Gif, ZerosAndRubbishBetweenBlocks) {
  const std::string zeros(3, '\0');
  EXPECT_EQ(colors(screen(2, 2) + zeros + transparent(9) + zeros + "rubbish" + kFrame), kPixels);
  // An empty block of an extension is looked behind, except in a comment.
  EXPECT_EQ(colors(screen(2, 2) + bytes({'!', 0xFE, 0}) + kFrame), kPixels);
  EXPECT_EQ(colors(screen(2, 2) + bytes({'!', 0x01, 0, 2, 'a', 'b', 0}) + kFrame), kPixels);
}

TEST(Gif, ItsEndMayBeMissing) {
  const std::string whole = screen(2, 2) + kFrame;  // without trailer
  EXPECT_EQ(colors(whole), kPixels);
  EXPECT_EQ(colors(whole.substr(0, whole.size() - 1)), kPixels);  // without terminator
  for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
    EXPECT_NE(refusal(whole.substr(0, size)), "") << size;
  }
  EXPECT_EQ(refusal(whole.substr(0, whole.size() - 2)),
            "picture: GIF is truncated: its data ends before the first frame");
  EXPECT_EQ(refusal(screen(2, 2) + ";"), "picture: GIF has no frame before its end");
}

TEST(Gif, AnEndCodeBeforeThePictureIsFull) {
  const std::string start = screen(2, 2) + frame(0, 0, 2, 2) + bytes({2});
  // Eight codes, so that no bits are left over.
  const std::string half = codes({kClear, 0, kClear, 1, kClear, kClear, kClear, kEndCode});
  const std::string rest = codes({kClear, 2, kClear, 3});
  EXPECT_EQ(refusal(start + half + rest + bytes({0})),
            "picture: GIF is truncated: its data ends before the first frame");
  // Pillow goes on where a piece of 64 KiB ends before the file does.
  EXPECT_EQ(colors(start + half + rest + std::string(70000, '\0')), kPixels);
}

TEST(Gif, CodesThatCannotBe) {
  const std::string start = screen(2, 2) + frame(0, 0, 2, 2);
  EXPECT_EQ(refusal(start + bytes({2}) + codes({kClear, 1, 7}) + bytes({0})),
            "picture: GIF is damaged: its first frame has an impossible code");
  EXPECT_EQ(refusal(start + bytes({2}) + codes({kClear, 6}) + bytes({0})),
            "picture: GIF is damaged: its first frame has an impossible code");
  EXPECT_EQ(refusal(start + bytes({13}) + codes({kClear}) + bytes({0})),
            "picture: GIF is damaged: its codes begin with 13 bits, expected at most 12");
}

}  // namespace
