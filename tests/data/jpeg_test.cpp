// What Pillow 13 tolerates of JPEGs that have no end, or more than one.
#include <gtest/gtest.h>

#include <string>

#include "base/file.h"
#include "tests/data/fixtures.h"
#include "tests/data/pictures.h"

namespace {

using pictures::bytes;
using pictures::colors;
using pictures::refusal;

const std::string kTruncated = "picture: JPEG is truncated: the data ends before the picture";

std::string fixture(const std::string& name) {
  return base::read_file(fixtures::fixture(name));
}
/// The same without its end marker.
std::string endless(const std::string& name) {
  const std::string whole = fixture(name);
  EXPECT_EQ(whole.substr(whole.size() - 2), "\xFF\xD9");
  return whole.substr(0, whole.size() - 2);
}
/// A comment of `size` bytes.
std::string comment(std::size_t size) {
  return "\xFF\xFE" + pictures::big(size + 2, 2) + std::string(size, 'x');
}

TEST(Jpeg, ZerosInPlaceOfTheEndMarker) {
  for (const char* name : {"rgb.jpg", "gray.jpg", "subsampled.jpg", "cmyk.jpg"}) {
    const std::string pixels = colors(fixture(name));
    EXPECT_EQ(colors(endless(name) + std::string(300, '\0')), pixels) << name;
    EXPECT_EQ(colors(endless(name) + std::string(100000, '\0')), pixels) << name;
  }
}

TEST(Jpeg, AnotherPictureInPlaceOfTheEndMarker) {
  const std::string pixels = colors(fixture("rgb.jpg"));
  // A start marker in its place is an error of libjpeg, if it comes with the last row.
  EXPECT_EQ(colors(endless("rgb.jpg") + std::string(70000, '\0') + fixture("gray.jpg")), pixels);
  EXPECT_EQ(colors(fixture("rgb.jpg") + fixture("gray.jpg")), pixels);
}

TEST(Jpeg, BytesBehindTheEndMarkerAreNotRead) {
  const std::string pixels = colors(fixture("progressive.jpg"));
  EXPECT_EQ(colors(fixture("progressive.jpg") + "\xFF\x01\xFF\xC0 rubbish"), pixels);
}

TEST(Jpeg, WithoutItsLastBytesItIsTruncated) {
  // Nothing at all behind the data: whether it is complete cannot be told.
  EXPECT_EQ(refusal(endless("rgb.jpg")), kTruncated);
  // A progressive picture may always be refined further.
  EXPECT_EQ(refusal(endless("progressive.jpg") + std::string(300, '\0')), kTruncated);
}

TEST(Jpeg, SegmentsLongerThanWhatIsReadAtATime) {
  const std::string whole = fixture("rgb.jpg");
  std::string file = whole.substr(0, 2);
  for (int i = 0; i < 5; ++i) file += comment(60001);
  EXPECT_EQ(colors(file + whole.substr(2)), colors(whole));
  EXPECT_EQ(refusal(file), kTruncated);
}

TEST(Jpeg, TablesMayComeInAPictureOfTheirOwn) {
  const std::string whole = fixture("rgb.jpg");
  const std::size_t scan = whole.find("\xFF\xC0");
  const std::string tables = whole.substr(0, scan) + "\xFF\xD9";
  EXPECT_EQ(colors(tables + whole), colors(whole));
}

}  // namespace
