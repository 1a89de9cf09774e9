#include "data/inflate.h"

#include <algorithm>

namespace data {
namespace {

constexpr uint32_t kMaxBits = 15;

/// The checksum of zlib streams (RFC 1950, section 8), carried on from `adler`.
uint32_t adler32(uint32_t adler, std::span<const uint8_t> bytes) {
  constexpr uint32_t kModulus = 65521;
  constexpr std::size_t kRun = 5552;  // the most bytes after which `b` still fits
  uint32_t a = adler & 0xFFFF, b = adler >> 16;
  for (std::size_t i = 0; i < bytes.size();) {
    for (const std::size_t end = std::min(i + kRun, bytes.size()); i < end; ++i) {
      a += bytes[i];
      b += a;
    }
    a %= kModulus;
    b %= kModulus;
  }
  return b << 16 | a;
}

/// Lengths and distances are a base and some extra bits (RFC 1951, section 3.2.5).
struct Range {
  uint16_t base, extra;
};
constexpr std::size_t kLengths = 29, kDistances = 30;

constexpr std::array<Range, kLengths> kLengthRanges = [] {
  std::array<Range, kLengths> ranges{};
  uint16_t base = 3;
  for (uint16_t i = 0; i < kLengths - 1; ++i) {
    ranges[i] = {base, static_cast<uint16_t>(i < 8 ? 0 : i / 4 - 1)};
    base = static_cast<uint16_t>(base + (1 << ranges[i].extra));
  }
  ranges[kLengths - 1] = {258, 0};
  return ranges;
}();

constexpr std::array<Range, kDistances> kDistanceRanges = [] {
  std::array<Range, kDistances> ranges{};
  uint16_t base = 1;
  for (uint16_t i = 0; i < kDistances; ++i) {
    ranges[i] = {base, static_cast<uint16_t>(i < 4 ? 0 : i / 2 - 1)};
    base = static_cast<uint16_t>(base + (1 << ranges[i].extra));
  }
  return ranges;
}();

}  // namespace

bool HuffmanCode::build(std::span<const uint8_t> lengths, bool may_be_single) {
  counts_.fill(0);
  fast_.fill(0);
  for (const uint8_t length : lengths) ++counts_[length];
  counts_[0] = 0;
  int free = 1;  // codes of the present length that are neither used nor begin a longer one
  uint32_t longest = 0;
  std::array<uint16_t, kMaxBits + 1> next_code{}, next_place{};
  for (uint32_t bits = 1; bits <= kMaxBits; ++bits) {
    free = 2 * free - counts_[bits];
    if (free < 0) return false;
    if (counts_[bits] > 0) longest = bits;
    next_code[bits] = static_cast<uint16_t>((next_code[bits - 1] + counts_[bits - 1]) << 1);
    next_place[bits] = static_cast<uint16_t>(next_place[bits - 1] + counts_[bits - 1]);
  }
  if (free > 0 && longest > 0 && !(may_be_single && longest == 1)) return false;
  for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
    const uint32_t bits = lengths[symbol];
    if (bits == 0) continue;
    symbols_[next_place[bits]++] = static_cast<uint16_t>(symbol);
    const uint32_t code = next_code[bits]++;
    if (bits > kFastBits) continue;
    uint32_t reversed = 0;
    for (uint32_t i = 0; i < bits; ++i) reversed |= (code >> i & 1) << (bits - 1 - i);
    for (uint32_t i = reversed; i < fast_.size(); i += 1u << bits) {
      fast_[i] = static_cast<uint16_t>(symbol << 4 | bits);
    }
  }
  return true;
}

HuffmanCode::Match HuffmanCode::find(uint64_t bits) const {
  if (const uint32_t entry = fast_[bits % fast_.size()]) return {entry >> 4, entry & 15};
  uint32_t code = 0, first = 0, place = 0;
  for (uint32_t length = 1; length <= kMaxBits; ++length) {
    code |= static_cast<uint32_t>(bits & 1);
    bits >>= 1;
    if (code - first < counts_[length]) return {symbols_[place + code - first], length};
    place += counts_[length];
    first = (first + counts_[length]) << 1;
    code <<= 1;
  }
  return {0, 0};
}

void Inflater::refill() {
  while (held_bits_ <= 56 && at_ < end_) {
    held_ |= static_cast<uint64_t>(stream_[at_++]) << held_bits_;
    held_bits_ += 8;
  }
}

uint32_t Inflater::take(uint32_t count) {
  if (held_bits_ < count) refill();
  if (held_bits_ < count) throw Starved{};
  const auto value = static_cast<uint32_t>(held_ & ((uint64_t{1} << count) - 1));
  held_ >>= count;
  held_bits_ -= count;
  return value;
}

uint32_t Inflater::take(const HuffmanCode& code) {
  if (held_bits_ < kMaxBits) refill();
  const HuffmanCode::Match match = code.find(held_);
  if (std::max(match.bits, 1u) > held_bits_) throw Starved{};
  if (match.bits == 0) throw Broken{};
  held_ >>= match.bits;
  held_bits_ -= match.bits;
  return match.symbol;
}

void Inflater::read_header() {
  const uint32_t method = take(8), flags = take(8);
  // Deflate, a window of at most 32 KiB, no dictionary.
  if ((method << 8 | flags) % 31 != 0 || (method & 15) != 8 || method >> 4 > 7 || flags & 32) {
    throw Broken{};
  }
  phase_ = Phase::kBlock;
}

void Inflater::read_block() {
  if (last_block_) {
    take(held_bits_ % 8);
    phase_ = Phase::kCheck;
    return;
  }
  const bool last = take(1) == 1;
  const uint32_t kind = take(2);
  if (kind == 0) {
    take(held_bits_ % 8);
    const uint32_t size = take(16);
    if (take(16) != (size ^ 0xFFFF)) throw Broken{};
    copies_ = size;
    distance_ = 0;
    phase_ = Phase::kBlock;
  } else if (kind == 1) {
    std::array<uint8_t, 288> lengths;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    }
    literals_.build(lengths, false);
    std::fill_n(lengths.begin(), 32, uint8_t{5});
    distances_.build(std::span(lengths).first(32), false);
    phase_ = Phase::kCoded;
  } else if (kind == 2) {
    read_codes();
    phase_ = Phase::kCoded;
  } else {
    throw Broken{};
  }
  last_block_ = last;
}

/// The two codes of a block, themselves coded (RFC 1951, section 3.2.7).
void Inflater::read_codes() {
  const uint32_t literals = take(5) + 257, distances = take(5) + 1, orders = take(4) + 4;
  if (literals > 286 || distances > 30) throw Broken{};
  constexpr std::array<uint8_t, 19> kOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                              11, 4,  12, 3, 13, 2, 14, 1, 15};
  std::array<uint8_t, 19> order_lengths{};
  for (uint32_t i = 0; i < orders; ++i) order_lengths[kOrder[i]] = static_cast<uint8_t>(take(3));
  HuffmanCode lengths_code;
  if (!lengths_code.build(order_lengths, false)) throw Broken{};

  std::array<uint8_t, 286 + 30> lengths{};
  const uint32_t count = literals + distances;
  for (uint32_t i = 0; i < count;) {
    const uint32_t symbol = take(lengths_code);
    if (symbol < 16) {
      lengths[i++] = static_cast<uint8_t>(symbol);
      continue;
    }
    if (symbol == 16 && i == 0) throw Broken{};
    const uint8_t length = symbol == 16 ? lengths[i - 1] : uint8_t{0};
    const uint32_t times = symbol == 16 ? 3 + take(2) : symbol == 17 ? 3 + take(3) : 11 + take(7);
    if (times > count - i) throw Broken{};
    std::fill_n(lengths.begin() + i, times, length);
    i += times;
  }
  constexpr std::size_t kEndOfBlock = 256;
  const std::span<const uint8_t> all(lengths);
  if (lengths[kEndOfBlock] == 0 || !literals_.build(all.first(literals), true) ||
      !distances_.build(all.subspan(literals, distances), true)) {
    throw Broken{};
  }
}

void Inflater::read_symbol() {
  const uint32_t symbol = take(literals_);
  if (symbol < 256) {
    literal_ = static_cast<int>(symbol);
    return;
  }
  if (symbol == 256) {
    phase_ = Phase::kBlock;
    return;
  }
  if (symbol - 257 >= kLengths) throw Broken{};
  const Range length = kLengthRanges[symbol - 257];
  const std::size_t copies = length.base + take(length.extra);
  const uint32_t far = take(distances_);
  if (far >= kDistances) throw Broken{};
  const std::size_t distance = kDistanceRanges[far].base + take(kDistanceRanges[far].extra);
  copies_ = copies;
  distance_ = distance;
}

void Inflater::step() {
  switch (phase_) {
    case Phase::kHeader:
      return read_header();
    case Phase::kBlock:
      return read_block();
    case Phase::kCoded:
      return read_symbol();
    case Phase::kCheck: {
      uint32_t expected = 0;
      for (int i = 0; i < 4; ++i) expected = expected << 8 | take(8);
      sum_up();
      if (expected != adler_) throw Broken{};
      phase_ = Phase::kEnd;
      return;
    }
    case Phase::kEnd:
      return;
  }
}

/// Goes on until there is something to write; a step that lacks bytes is taken again later.
Inflater::State Inflater::advance() {
  starved_ = false;
  while (literal_ < 0 && copies_ == 0) {
    if (phase_ == Phase::kEnd) return State::kEnd;
    const auto at = at_;
    const auto held = held_;
    const auto held_bits = held_bits_;
    try {
      step();
    } catch (const Starved&) {
      at_ = at;
      held_ = held;
      held_bits_ = held_bits;
      starved_ = true;
      return State::kStarved;
    } catch (const Broken&) {
      return State::kBroken;
    }
  }
  starved_ = literal_ < 0 && distance_ == 0 && held_bits_ == 0 && at_ == end_;
  return starved_ ? State::kStarved : State::kOutput;
}

void Inflater::put(uint8_t byte) {
  out_[filled_++] = byte;
  window_[written_++ % kWindow] = byte;
}

/// Writes as much as fits of what advance() found; false if it is to come from before the stream.
bool Inflater::emit() {
  if (literal_ >= 0) {
    put(static_cast<uint8_t>(literal_));
    literal_ = -1;
    return true;
  }
  if (distance_ > written_) return false;
  std::size_t count = std::min(copies_, out_.size() - filled_);
  if (distance_ == 0) {
    for (; count > 0 && (held_bits_ > 0 || at_ < end_); --count, --copies_) {
      put(static_cast<uint8_t>(take(8)));
    }
    return true;
  }
  copies_ -= count;
  for (; count > 0; --count) put(window_[(written_ - distance_) % kWindow]);
  return true;
}

void Inflater::sum_up() {
  adler_ = adler32(adler_, out_.subspan(summed_, filled_ - summed_));
  summed_ = filled_;
}

Inflater::State Inflater::fill(std::span<uint8_t> out, std::size_t& filled) {
  out_ = out;
  filled_ = summed_ = filled;
  State state = advance();
  while (state == State::kOutput && filled_ < out.size()) {
    state = emit() ? advance() : State::kBroken;
  }
  sum_up();
  filled = filled_;
  return state;
}

std::string inflate_text(std::string_view compressed) {
  constexpr std::size_t kLongest = 1 << 20, kStep = 1 << 14;
  Inflater inflater(std::as_bytes(std::span(compressed)));
  inflater.release(compressed.size());
  std::string text;
  while (true) {
    std::size_t filled = text.size();
    text.resize(filled + kStep);
    auto* bytes = reinterpret_cast<uint8_t*>(text.data());
    const Inflater::State state = inflater.fill({bytes, text.size()}, filled);
    text.resize(filled);
    if (state == Inflater::State::kBroken) return "";
    if (state != Inflater::State::kOutput) return text;
    if (text.size() >= kLongest) return "";
  }
}

}  // namespace data
