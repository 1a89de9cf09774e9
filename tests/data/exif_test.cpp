#include "data/exif.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace {

using data::Image;

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

TEST(Exif, NonsenseIsNoOrientation) {
  for (std::size_t size = 0; size < kBig6.size(); ++size) {
    EXPECT_EQ(data::jpeg_orientation(bytes(jpeg(segment(kExif + kBig6.substr(0, size))))), 0)
        << size;
  }
  const std::string far = std::string("MM\0*\xFF\xFF\xFF\xFF", 8) + kBig6;
  EXPECT_EQ(data::jpeg_orientation(bytes(jpeg(segment(kExif + far)))), 0);
  EXPECT_EQ(data::jpeg_orientation(bytes("\xFF\xD8\xFF\xE1")), 0);
  EXPECT_EQ(data::png_orientation(bytes("\x89PNG\r\n\x1A\n\xFF\xFF\xFF\xFF"
                                        "eXIf....")),
            0);
  EXPECT_EQ(data::webp_orientation(bytes("RIFF....WEBPEXIF\xFF\xFF\xFF\xFF")), 0);
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
