#include "data/inflate.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/data/pictures.h"

namespace {

using data::Inflater;
using pictures::bytes;
using State = data::Inflater::State;

/// What is unpacked of a stream of which everything is released, and how it ended.
std::string unpack(const std::string& stream, State* end = nullptr) {
  Inflater inflater(std::as_bytes(std::span(stream)));
  inflater.release(stream.size());
  std::string out(1000, '?');
  std::size_t filled = 0;
  const State state = inflater.fill({reinterpret_cast<uint8_t*>(out.data()), out.size()}, filled);
  if (end) *end = state;
  return out.substr(0, filled);
}

State end_of(const std::string& stream) {
  State end{};
  unpack(stream, &end);
  return end;
}

const std::string kStored =
    bytes({0x78, 0x01, 1, 3, 0, 0xFC, 0xFF}) + "abc" + bytes({0x02, 0x4D, 0x01, 0x27});
// zlib.compress(b"a" * 20 + b"b"): fixed codes and a copy that overlaps itself.
const std::string kFixed =
    bytes({0x78, 0x9C, 0x4B, 0x4C, 0xC4, 0x04, 0x49, 0x00, 0x57, 0x9D, 0x07, 0xF7});

TEST(Inflate, StoredBlocks) {
  State end{};
  EXPECT_EQ(unpack(kStored, &end), "abc");
  EXPECT_EQ(end, State::kEnd);
}

TEST(Inflate, FixedCodes) {
  State end{};
  EXPECT_EQ(unpack(kFixed, &end), std::string(20, 'a') + "b");
  EXPECT_EQ(end, State::kEnd);
}

// A code of its own for a block: zlib's for i * i % 251 % 7, i below 600, at level 9.
TEST(Inflate, CodesOfABlock) {
  const std::string stream =
      bytes({0x78, 0xDA, 0xED, 0x8F, 0xB9, 0x11, 0x43, 0x41, 0x0C, 0x42, 0x6B, 0x45, 0x1C, 0xEA,
             0xBF, 0x03, 0xB3, 0xDF, 0x67, 0xE0, 0xD4, 0x99, 0x23, 0xCD, 0x48, 0x80, 0x1E, 0x18,
             0x93, 0x1E, 0x3C, 0x47, 0xA4, 0x70, 0xB8, 0xF6, 0x4A, 0x46, 0x76, 0xE2, 0x25, 0x46,
             0xA8, 0xA4, 0x37, 0x51, 0x67, 0xB9, 0x59, 0x0D, 0xCD, 0xD1, 0x26, 0x93, 0x40, 0x64,
             0x6F, 0xC6, 0x82, 0x55, 0xC6, 0xB5, 0x36, 0xE1, 0x2C, 0x95, 0x2B, 0xBD, 0x09, 0x0B,
             0x0D, 0x58, 0x6B, 0x25, 0xDF, 0xC6, 0x43, 0xF2, 0xE6, 0xA0, 0xD6, 0x81, 0xDD, 0x84,
             0xC6, 0x2E, 0xCC, 0x6B, 0x89, 0xEB, 0xE5, 0x1B, 0xE0, 0xE0, 0x14, 0xA0, 0x70, 0xAA,
             0xF5, 0xFE, 0xA4, 0x9E, 0x2E, 0x4B, 0x7C, 0x9A, 0xB4, 0xD0, 0x8B, 0xE3, 0xB3, 0xEC,
             0xBF, 0xFA, 0xCF, 0xAA, 0xDF, 0x00, 0xAD, 0xF3, 0xE9, 0xFB});
  std::string expected;
  for (int i = 0; i < 600; ++i) expected += static_cast<char>('a' + i * i % 251 % 7);
  State end{};
  EXPECT_EQ(unpack(stream, &end), expected);
  EXPECT_EQ(end, State::kEnd);
}

TEST(Inflate, ATruncatedStreamIsReadAsFarAsItGoes) {
  for (std::size_t size = 0; size < kFixed.size(); ++size) {
    EXPECT_EQ(end_of(kFixed.substr(0, size)), State::kStarved) << size;
  }
  EXPECT_EQ(unpack(kStored.substr(0, 9)), "ab");
}

TEST(Inflate, WhatIsWrong) {
  EXPECT_EQ(end_of(bytes({0x79, 0x01})), State::kBroken);     // header that 31 does not divide
  EXPECT_EQ(end_of(bytes({0x77, 0x85})), State::kBroken);     // not deflate
  EXPECT_EQ(end_of(bytes({0x78, 0x20})), State::kBroken);     // a dictionary
  EXPECT_EQ(end_of(bytes({0x78, 0x01, 7})), State::kBroken);  // a block of type 3
  EXPECT_EQ(end_of(bytes({0x78, 0x01, 1, 3, 0, 0xFC, 0xFE})), State::kBroken);  // sizes differ
  std::string wrong_sum = kFixed;
  wrong_sum.back() = static_cast<char>(wrong_sum.back() ^ 1);
  EXPECT_EQ(end_of(wrong_sum), State::kBroken);
  // A copy of three bytes from four bytes back, at the very beginning: 1, 01, 0000001, 00011.
  EXPECT_EQ(end_of(bytes({0x78, 0x01, 0x03, 0x31, 0, 0})), State::kBroken);
}

TEST(Inflate, NeverLooksFurtherThanTheNextByte) {
  Inflater inflater(std::as_bytes(std::span(kStored)));
  std::string out(3, '?');
  const std::span<uint8_t> span(reinterpret_cast<uint8_t*>(out.data()), 3);
  std::size_t filled = 0;
  inflater.release(8);
  EXPECT_EQ(inflater.fill(span, filled), State::kStarved);
  EXPECT_EQ(filled, 1u);
  EXPECT_TRUE(inflater.exhausted());
  inflater.release(10);
  EXPECT_EQ(inflater.fill(span, filled), State::kStarved);  // the checksum is not released
  EXPECT_EQ(out, "abc");
  inflater.release(kStored.size());
  EXPECT_FALSE(inflater.exhausted());
  EXPECT_EQ(inflater.fill(span, filled), State::kEnd);
}

TEST(Inflate, TextsMayStopEarlyButNotBeEndless) {
  EXPECT_EQ(data::inflate_text(kFixed), std::string(20, 'a') + "b");
  EXPECT_EQ(data::inflate_text(kFixed.substr(0, 6)), std::string(20, 'a'));
  EXPECT_EQ(data::inflate_text("rubbish"), "");
  EXPECT_EQ(data::inflate_text(""), "");
  // 2 MiB of zeros in a block of fixed codes: a literal and copies of 258 from one byte back.
  std::string bits =
      "11"
      "0"
      "00110000";
  for (int i = 0; i < (2 << 20) / 258; ++i)
    bits +=
        "11000101"
        "00000";
  std::string stream = bytes({0x78, 0x01});
  for (std::size_t i = 0; i + 8 <= bits.size(); i += 8) {
    int byte = 0;
    for (std::size_t bit = 0; bit < 8; ++bit) byte |= (bits[i + bit] == '1') << bit;
    stream += static_cast<char>(byte);
  }
  EXPECT_EQ(data::inflate_text(stream), "");
  EXPECT_EQ(data::inflate_text(stream.substr(0, 20)).size() % 258, 1u);
}

}  // namespace
