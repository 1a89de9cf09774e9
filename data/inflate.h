// Unpacks zlib streams (RFC 1950) of deflated data (RFC 1951), as far as their bytes are there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "data/codec.h"

namespace data {

/// A prefix code over at most 288 symbols: those of one length follow each other in their order.
class HuffmanCode {
 public:
  /// False if the lengths, 0 to 15 bits, give no prefix code: too many codes, or too few. A code of
  /// one symbol may be incomplete where `may_be_single`; a code of no symbol is fine until used.
  bool build(std::span<const uint8_t> lengths, bool may_be_single);

  struct Match {
    uint32_t symbol;
    uint32_t bits;  ///< length of the code, 0 if no code begins so
  };
  /// The code that `bits` begins with, its first bit lowest.
  Match find(uint64_t bits) const;

 private:
  static constexpr uint32_t kFastBits = 9;
  std::array<uint16_t, 16> counts_{};            // codes of each length
  std::array<uint16_t, 288> symbols_{};          // in the order of their codes
  std::array<uint16_t, 1 << kFastBits> fast_{};  // symbol << 4 | bits of short codes
};

/// Reads a stream that may be released piece by piece, and never reads further ahead than the next
/// byte of output needs: whether damage behind the last byte that matters is seen depends on that.
class Inflater {
 public:
  explicit Inflater(Bytes stream) : stream_(stream) {}

  /// Releases the stream's first `end` bytes.
  void release(std::size_t end) {
    end_ = end;
    starved_ = false;
  }
  /// True if every released byte has been used.
  bool exhausted() const { return at_ - held_bits_ / 8 == end_ || starved_; }

  enum class State { kOutput, kStarved, kEnd, kBroken };
  /// Writes to `out` from `filled` on, and adds to `filled`, until it is full and the next byte is
  /// known to exist (kOutput), the released bytes do not suffice for it (kStarved), or the stream
  /// ended and matched its checksum (kEnd) or is wrong (kBroken).
  State fill(std::span<uint8_t> out, std::size_t& filled);

 private:
  enum class Phase { kHeader, kBlock, kCoded, kCheck, kEnd };
  struct Starved {};
  struct Broken {};

  State advance();
  void step();
  void read_header();
  void read_block();
  void read_codes();
  void read_symbol();
  uint32_t take(uint32_t count);
  uint32_t take(const HuffmanCode& code);
  void refill();
  void put(uint8_t byte);
  bool emit();
  void sum_up();

  static constexpr std::size_t kWindow = 1 << 15;

  Bytes stream_;
  std::size_t end_ = 0, at_ = 0;
  uint64_t held_ = 0;  // bits that were read and not used, the next one lowest
  uint32_t held_bits_ = 0;
  bool starved_ = false;

  Phase phase_ = Phase::kHeader;
  bool last_block_ = false;
  HuffmanCode literals_, distances_;
  // What is to be written next: a literal, or `copies_` bytes from `distance_` back or, if that is
  // 0, from the stream itself.
  int literal_ = -1;
  std::size_t copies_ = 0, distance_ = 0;
  std::array<uint8_t, kWindow> window_;  // a ring of the last bytes written
  std::size_t written_ = 0;

  std::span<uint8_t> out_;  // of the call to fill()
  std::size_t filled_ = 0, summed_ = 0;
  uint32_t adler_ = 1;  // checksum of all bytes written, up to `summed_` in this call
};

/// Unpacks a text about a picture. Empty if it is damaged, or longer than any such text that
/// matters (1 MiB); a text that stops early is kept as far as it goes.
std::string inflate_text(std::string_view compressed);

}  // namespace data
