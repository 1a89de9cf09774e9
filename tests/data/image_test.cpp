#include "data/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "tests/data/fixtures.h"
#include "tests/data/pictures.h"
#include "tests/shared.h"
#include "tests/temporary_folder.h"

namespace {

using fixtures::expected;
using fixtures::Expected;
using fixtures::fixture;
using pictures::decode;
using pictures::refusal;

std::string fixture_bytes(const std::string& name) {
  return base::read_file(fixture(name));
}

std::string u32_big(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

TEST(Image, FixturesAreWhatPillowReads) {
  const std::vector<Expected> all = expected("decoded.txt");
  ASSERT_EQ(all.size(), 18u);
  for (const Expected& want : all) {
    const data::Image image = data::read_image(fixture(want.name));
    EXPECT_EQ(image.width, want.image.width) << want.name;
    EXPECT_EQ(image.height, want.image.height) << want.name;
    EXPECT_EQ(image.pixels, want.image.pixels) << want.name;
  }
}

TEST(Image, GoldenPicturesResizedAreEqualInEveryByte) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const std::string file =
      base::read_file(shared::path("reference/golden/captioner/outputs.safetensors"));
  uint64_t header = 0;
  for (int i = 7; i >= 0; --i) header = header << 8 | static_cast<uint8_t>(file[i]);
  const base::Json entry =
      base::parse_json(file.substr(8, header), "outputs.safetensors").at("resized_u8");
  ASSERT_EQ(entry.at("shape"), base::Json({14, 128, 128, 3}));
  const auto* golden = reinterpret_cast<const uint8_t*>(file.data()) + 8 + header +
                       entry.at("data_offsets")[0].get<std::size_t>();
  std::vector<std::filesystem::path> paths;
  for (const auto& item :
       std::filesystem::directory_iterator(shared::path("reference/golden/captioner/images"))) {
    paths.push_back(item.path());
  }
  std::sort(paths.begin(), paths.end());
  ASSERT_EQ(paths.size(), 14u);
  for (const auto& path : paths) {
    const data::Image image = data::resize_bicubic(data::read_image(path), 128, 128);
    EXPECT_TRUE(std::equal(image.pixels.begin(), image.pixels.end(), golden)) << path;
    golden += image.pixels.size();
  }
}

TEST(Image, WrittenPngsReadBackEqual) {
  const TemporaryFolder folder;
  const data::Image image = expected("resized.txt").at(2).image;
  data::write_png(folder.path() / "a.png", image);
  const data::Image again = data::read_image(folder.path() / "a.png");
  EXPECT_EQ(again.width, image.width);
  EXPECT_EQ(again.height, image.height);
  EXPECT_EQ(again.pixels, image.pixels);
}

TEST(ImageErrors, EmptyAndForeignFiles) {
  EXPECT_EQ(refusal(""), "picture: is empty, expected a picture");
  EXPECT_EQ(refusal("a text file that someone named .jpg"),
            "picture: is not a picture, expected JPEG, PNG, WebP, GIF or BMP");
}

TEST(ImageErrors, MissingFilesAndFolders) {
  EXPECT_THROW(data::read_image(fixture("missing.png")), base::FileError);
  EXPECT_THROW(data::read_image(fixture("")), base::FileError);
}

TEST(ImageErrors, EveryTruncationOfEveryFormatIsAnError) {
  for (const char* name :
       {"rgb.jpg", "progressive.jpg", "gray.jpg", "cmyk.jpg", "lossy.webp", "lossless.webp"}) {
    const std::string whole = fixture_bytes(name);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_THROW(decode(whole.substr(0, size)), base::FormatError) << name << " cut to " << size;
    }
    EXPECT_NO_THROW(decode(whole)) << name;
  }
}

TEST(ImageErrors, SayThatAFileIsTruncated) {
  const auto cut = [](const std::string& name) {
    const std::string whole = fixture_bytes(name);
    return refusal(whole.substr(0, whole.size() - whole.size() / 4));
  };
  EXPECT_EQ(cut("rgb.jpg"), "picture: JPEG is truncated: the data ends before the picture");
  EXPECT_EQ(refusal(fixture_bytes("rgb.png").substr(0, 50)),
            "picture: PNG is truncated: its data ends before the picture");
  EXPECT_EQ(cut("lossy.webp"), "picture: WebP is damaged or truncated");
  EXPECT_EQ(cut("rgb.bmp"), "picture: BMP is truncated: 89 bytes, expected 117");
  const std::string gif = fixture_bytes("animated.gif");
  EXPECT_EQ(refusal(gif.substr(0, 20)),
            "picture: GIF is truncated after 20 bytes, before the end of its first frame");
  EXPECT_EQ(refusal(gif.substr(0, 60)),
            "picture: GIF is truncated: its data ends before the first frame");
}

// Headers that promise 30,000 x 30,000 pixels, in files of some hundred bytes.
TEST(ImageErrors, HugePicturesAreRefusedBeforeMemoryIsAskedFor) {
  const std::string message =
      "picture: picture of 30000 x 30000 pixels is too large, at most 178956970 pixels expected";
  const std::string big = u32_big(30000), little = {0x30, 0x75, 0, 0};

  std::string jpeg = fixture_bytes("rgb.jpg");
  const std::size_t frame = jpeg.find("\xFF\xC0");
  jpeg.replace(frame + 5, 4, big.substr(2) + big.substr(2));
  EXPECT_EQ(refusal(jpeg), message);

  std::string png = fixture_bytes("rgb.png");
  png.replace(16, 8, big + big);
  png.replace(29, 4, u32_big(0xE9456FED));
  EXPECT_EQ(refusal(png), message);

  std::string bmp = fixture_bytes("rgb.bmp");
  bmp.replace(18, 8, little + little);
  EXPECT_EQ(refusal(bmp), message);

  std::string gif = fixture_bytes("animated.gif");
  gif.replace(6, 4, little.substr(0, 2) + little.substr(0, 2));
  EXPECT_EQ(refusal(gif), message);

  // The canvas of an extended WebP: 24 bits each, less one.
  std::string webp = fixture_bytes("animated.webp");
  ASSERT_EQ(webp.substr(12, 4), "VP8X");
  webp.replace(24, 6, std::string("\x2F\x75\0\x2F\x75\0", 6));
  EXPECT_EQ(refusal(webp), message);
}

/// Prints the error of decoding `file` with no more than `spare` bytes of memory beside those in
/// use.
void decode_with_little_memory(const std::string& file, std::size_t spare) {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  statm >> pages;
  const rlim_t bytes = pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) + spare;
  const rlimit limit{bytes, bytes};
  ::setrlimit(RLIMIT_AS, &limit);
  try {
    decode(file);
  } catch (const std::exception& error) {
    std::cerr << error.what();
  }
  std::exit(0);
}

// Sound pictures of 10,000 x 10,000 pixels, or what claims to be one.
TEST(ImageErrors, SayThatMemoryDoesNotSuffice) {
#ifdef BLIP_SANITIZED
  GTEST_SKIP() << "sanitizers need memory without limits";
#endif
  const auto expect_message = [](const std::string& file, std::size_t spare) {
    EXPECT_EXIT(decode_with_little_memory(file, spare), testing::ExitedWithCode(0),
                "^picture: not enough memory for this picture$");
  };
  constexpr std::size_t kMiB = 1 << 20, kPixelBytes = 300000000;
  const std::string size = u32_big(10000);

  std::string png = fixture_bytes("rgb.png");
  png.replace(16, 8, size + size);
  png.replace(29, 4, u32_big(0x352CF570));
  expect_message(png, 50 * kMiB);

  for (const char* name : {"rgb.jpg", "progressive.jpg"}) {
    std::string jpeg = fixture_bytes(name);
    const std::size_t frame = std::min(jpeg.find("\xFF\xC0"), jpeg.find("\xFF\xC2"));
    jpeg.replace(frame + 5, 4, size.substr(2) + size.substr(2));
    expect_message(jpeg, 50 * kMiB);
    // Enough for the pixels, but not for what a progressive picture needs besides.
    if (name == std::string("progressive.jpg")) expect_message(jpeg, kPixelBytes + 50 * kMiB);
  }

  std::string gif = fixture_bytes("animated.gif");
  gif.replace(6, 4, "\x10\x27\x10\x27");
  expect_message(gif, 50 * kMiB);

  std::string webp = fixture_bytes("animated.webp");
  webp.replace(24, 6, std::string("\x0F\x27\0\x0F\x27\0", 6));
  expect_message(webp, 50 * kMiB);
}

TEST(ImageErrors, KindsThatAreNotRead) {
  // Two channels, which no colour space has.
  std::string jpeg = fixture_bytes("gray.jpg");
  const std::size_t frame = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame, jpeg.npos);
  jpeg.replace(frame + 2, 2, std::string("\0\x0E", 2));
  jpeg[frame + 9] = 2;
  jpeg.insert(frame + 13, std::string("\x02\x11\0", 3));
  EXPECT_EQ(refusal(jpeg), "picture: JPEG has 2 channels, expected 1, 3 or 4");
}

}  // namespace
