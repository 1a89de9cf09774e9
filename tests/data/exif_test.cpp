#include "data/exif.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/error.h"
#include "tests/data/pictures.h"

namespace {

using data::Image;
using pictures::little;

data::Bytes bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

/// A TIFF block with one entry: tag, type, count and value as they lie in the file.
std::string tiff(const std::string& order, const std::string& entry) {
  const bool little = order == "II";
  const std::string head =
      little ? std::string("*\0\x08\0\0\0\x01\0", 8) : std::string("\0*\0\0\0\x08\0\x01", 8);
  return order + head + entry;
}
const std::string kBig6 = tiff("MM", std::string("\x01\x12\0\x03\0\0\0\x01\0\x06\0\0", 12));
const std::string kLittle8 = tiff("II", std::string("\x12\x01\x03\0\x01\0\0\0\x08\0\0\0", 12));

std::string segment(const std::string& content) {
  const std::size_t length = content.size() + 2;
  return std::string("\xFF\xE1") + static_cast<char>(length >> 8) + static_cast<char>(length) +
         content;
}
std::string jpeg(const std::string& segments) {
  return "\xFF\xD8" + segments + "\xFF\xDA";
}
const std::string kExif("Exif\0\0", 6), kXmp("http://ns.adobe.com/xap/1.0/\0", 29);

TEST(Exif, ReadsBothByteOrders) {
  EXPECT_EQ(data::jpeg_orientation(bytes(jpeg(segment(kExif + kBig6)))), 6);
  EXPECT_EQ(data::jpeg_orientation(bytes(jpeg(segment(kExif + kLittle8)))), 8);
}

TEST(Exif, FindsABlockThatGoesOnInTheNextSegment) {
  EXPECT_EQ(data::jpeg_orientation(bytes(
                jpeg(segment(kExif + kBig6.substr(0, 13)) + segment(kExif + kBig6.substr(13))))),
            6);
}

TEST(Exif, FallsBackToXmp) {
  const std::string xmp = segment(kXmp + "<x tiff:Orientation=\"3\"/>");
  EXPECT_EQ(data::jpeg_orientation(bytes(jpeg(xmp))), 3);
  EXPECT_EQ(data::jpeg_orientation(bytes(jpeg(xmp + segment(kExif + kBig6)))), 6);
}

/// An entry of a little-endian directory; `value` is filled up with zeros.
std::string entry(int tag, int type, uint32_t count, const std::string& value) {
  return little(tag, 2) + little(type, 2) + little(count, 4) +
         (value + std::string(4, '\0')).substr(0, 4);
}
/// The orientation of a little-endian block of some entries, with `rest` behind them at 10 + 12 a
/// entry; XMP says 3, which counts only where the block says nothing.
int of_entries(const std::vector<std::string>& entries, const std::string& rest = "") {
  std::string block = std::string("II*\0\x08\0\0\0", 8) + little(entries.size(), 2);
  for (const std::string& entry : entries) block += entry;
  return data::jpeg_orientation(
      bytes(jpeg(segment(kExif + block + rest) + segment(kXmp + "tiff:Orientation=\"3\""))));
}
constexpr int kOrientation = 0x112, kFromXmp = 3;

TEST(Exif, NumbersOfEveryType) {
  for (const int type : {3, 8}) EXPECT_EQ(of_entries({entry(kOrientation, type, 1, "\x06")}), 6);
  for (const int type : {4, 9, 13})
    EXPECT_EQ(of_entries({entry(kOrientation, type, 1, "\x06")}), 6);
  EXPECT_EQ(of_entries({entry(kOrientation, 6, 1, "\x06")}), 6);
  EXPECT_EQ(of_entries({entry(kOrientation, 11, 1, little(0x40C00000, 4))}), 6);  // 6.0f
  const std::string at = little(22, 4);  // behind the one entry
  EXPECT_EQ(of_entries({entry(kOrientation, 16, 1, at)}, little(6, 8)), 6);
  EXPECT_EQ(of_entries({entry(kOrientation, 12, 1, at)}, little(0x4018000000000000, 8)), 6);
  for (const int type : {5, 10}) {
    EXPECT_EQ(of_entries({entry(kOrientation, type, 1, at)}, little(12, 4) + little(2, 4)), 6);
    EXPECT_EQ(of_entries({entry(kOrientation, type, 1, at)}, little(13, 4) + little(2, 4)), 1);
    EXPECT_EQ(of_entries({entry(kOrientation, type, 1, at)}, little(6, 4) + little(0, 4)), 1);
  }
}

TEST(Exif, BytesAndTextAreThereButTurnNothing) {
  for (const int type : {1, 2, 7}) {
    EXPECT_EQ(of_entries({entry(kOrientation, type, 1, "\x06")}), 1) << type;
  }
}

TEST(Exif, TheFirstOfSeveralNumbers) {
  EXPECT_EQ(of_entries({entry(kOrientation, 3, 2, std::string("\x06\0\x08\0", 4))}), 6);
  EXPECT_EQ(
      of_entries({entry(kOrientation, 3, 3, little(22, 4))}, std::string("\x08\0\0\0\0\0", 6)), 8);
}

TEST(Exif, NumbersThatAreNoOrientationHideThatOfXmp) {
  for (const int number : {0, 9, 255}) {
    EXPECT_EQ(of_entries({entry(kOrientation, 3, 1, little(number, 2))}), 1) << number;
  }
  EXPECT_EQ(of_entries({entry(kOrientation, 8, 1, "\xFA\xFF")}), 1);  // -6
}

TEST(Exif, OfTwoEntriesTheFirstThatCanBeRead) {
  const std::string six = entry(kOrientation, 3, 1, "\x06"),
                    eight = entry(kOrientation, 3, 1, "\x08");
  EXPECT_EQ(of_entries({six, eight}), 6);
  EXPECT_EQ(of_entries({entry(kOrientation, 14, 1, "\x06"), eight}), 8);  // of no type
  EXPECT_EQ(of_entries({entry(kOrientation, 3, 0, "\x06"), eight}), 8);   // without a value
}

TEST(Exif, AnEntryThatPointsOutOfTheBlockEndsIt) {
  const std::string six = entry(kOrientation, 3, 1, "\x06");
  const std::string lost = entry(0x10F, 2, 10, little(5000, 4)), huge = entry(0x10F, 2, 5000, "");
  EXPECT_EQ(of_entries({lost, six}), kFromXmp);
  EXPECT_EQ(of_entries({six, lost}), 6);
  // One larger than the block is passed over, and so is every later one that lies elsewhere.
  EXPECT_EQ(of_entries({huge, six}), 6);
  EXPECT_EQ(of_entries({huge, entry(kOrientation, 3, 3, little(34, 4))}, std::string(6, '\x06')),
            kFromXmp);
}

TEST(Exif, BlocksOfAnotherMagicCannotBeRead) {
  const auto of_magic = [](const std::string& magic) {
    const bool big = magic[0] == 'M';
    const std::string block = magic + (big ? kBig6 : kLittle8).substr(4);
    return data::jpeg_orientation(
        bytes(jpeg(segment(kExif + block) + segment(kXmp + "tiff:Orientation=\"3\""))));
  };
  EXPECT_EQ(of_magic(std::string("MM*\0", 4)), 6);
  EXPECT_EQ(of_magic(std::string("II\0*", 4)), 8);
  EXPECT_EQ(of_magic(std::string("MM\0+", 4)), 6);
  for (const char* magic : {"II+\0", "MM\0\0", "XX*\0", "II**"}) {
    EXPECT_EQ(of_magic(std::string(magic, 4)), 1) << magic;
  }
}

TEST(Exif, WhatIsBrokenTurnsNothing) {
  for (std::size_t size = 0; size < kBig6.size(); ++size) {
    const int orientation =
        data::jpeg_orientation(bytes(jpeg(segment(kExif + kBig6.substr(0, size)))));
    EXPECT_EQ(orientation, size > 0 && size < 8 ? 1 : 0) << size;
  }
  const std::string far = std::string("MM\0*\xFF\xFF\xFF\xFF", 8) + kBig6;
  EXPECT_EQ(data::jpeg_orientation(bytes(jpeg(segment(kExif + far)))), 0);
  EXPECT_EQ(data::jpeg_orientation(bytes("\xFF\xD8\xFF\xE1")), 0);
  EXPECT_EQ(data::png_orientation(bytes("\x89PNG\r\n\x1A\n\xFF\xFF\xFF\xFF"
                                        "eXIf....")),
            0);
  EXPECT_EQ(data::webp_orientation(bytes("RIFF....WEBPEXIF\xFF\xFF\xFF\xFF")), 0);
}

TEST(Exif, BetweenTheSegmentsOfAJpegMayBeRubbish) {
  const std::string six = segment(kExif + kBig6);
  for (const char* rubbish : {"abc", "\xFF", "\xFF\xD9", "\xFF\xD8", "\xFF\xF0"}) {
    EXPECT_EQ(data::jpeg_orientation(bytes(jpeg(rubbish + six))), 6) << rubbish;
  }
}

std::string chunk(const std::string& type, const std::string& content) {
  return pictures::big(content.size(), 4) + type + content + "crc_";
}
int of_png(const std::string& chunks) {
  return data::png_orientation(bytes("\x89PNG\r\n\x1A\n" + chunks));
}

TEST(Exif, OfAPngBeforeOrBehindItsData) {
  EXPECT_EQ(of_png(chunk("IDAT", "") + chunk("eXIf", kBig6)), 6);
  EXPECT_EQ(of_png(chunk("IEND", "") + chunk("eXIf", kBig6)), 0);
  const std::string xmp("XML:com.adobe.xmp\0\0\0\0\0<tiff:Orientation>3</tiff:Orientation>", 57);
  EXPECT_EQ(of_png(chunk("iTXt", xmp)), 3);
  EXPECT_EQ(of_png(chunk("iTXt", xmp) + chunk("eXIf", kBig6)), 6);
}

TEST(Exif, OfAPngAsHexadecimalText) {
  const std::string key("Raw profile type exif\0", 22), head = "\nexif\n      26\n";
  const std::string digits = "4d4D002a0000000800010112\n0003000000010006 0000";
  EXPECT_EQ(of_png(chunk("tEXt", key + head + digits)), 6);
  EXPECT_EQ(of_png(chunk("tEXt", key + head + digits) + chunk("eXIf", kLittle8)), 8);
  for (const char* wrong : {"x", "0"}) {  // no digit; half a byte
    EXPECT_EQ(of_png(chunk("tEXt", key + head + digits + wrong)), 1) << wrong;
  }
}

TEST(Exif, OfAWebpWhoseFlagsSayThatItIsThere) {
  const auto webp = [](int flags, const std::string& chunks) {
    const std::string head = "VP8X" + little(10, 4) + little(flags, 4) + std::string(6, '\0');
    return data::webp_orientation(bytes("RIFF....WEBP" + head + chunks));
  };
  const std::string six = "EXIF" + little(kBig6.size(), 4) + kBig6;
  const std::string eight = "EXIF" + little(kLittle8.size(), 4) + kLittle8;
  EXPECT_EQ(webp(8, six + eight), 6);
  EXPECT_EQ(webp(4, six), 0);
}

TEST(Exif, TurnsPixelsAsPillowDoes) {
  // a b c     Pillow's exif_transpose of this picture for orientations 1 to 8.
  // d e f
  const char* expected[] = {"abc/def",  "cba/fed",  "fed/cba",  "def/abc",
                            "ad/be/cf", "da/eb/fc", "fc/eb/da", "cf/be/ad"};
  Image image{3, 2, {}};
  for (const char c : std::string("abcdef")) image.pixels.insert(image.pixels.end(), 3, c);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Image turned = data::upright(image, orientation);
    std::string rows;
    for (int i = 0; i < turned.width * turned.height; ++i) {
      if (i > 0 && i % turned.width == 0) rows += '/';
      rows += static_cast<char>(turned.pixels[3 * i]);
    }
    EXPECT_EQ(rows, expected[orientation - 1]) << orientation;
  }
  EXPECT_EQ(data::upright(image, 9).pixels, image.pixels);
  EXPECT_EQ(data::upright(image, 0).pixels, image.pixels);
}

}  // namespace
