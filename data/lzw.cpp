#include "data/lzw.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"

namespace data {
namespace {

/// Codes out of blocks.
class CodeReader {
 public:
  explicit CodeReader(Bytes raster) : raster_(raster) {}

  /// The next code of so many bits; none if it is not all there. A block counts only when the file
  /// has all of it, and a block of no bytes, which should be the last, is passed over.
  std::optional<uint32_t> next(uint32_t bits) {
    while (held_bits_ < bits) {
      if (in_block_ == 0) {
        if (at_ == read_ && !read_on()) return std::nullopt;
        const std::size_t size = byte_at(raster_, at_);
        while (at_ + 1 + size > read_) {
          if (!read_on()) return std::nullopt;
        }
        in_block_ = size;
        ++at_;
        continue;
      }
      held_ |= byte_at(raster_, at_++) << held_bits_;
      held_bits_ += 8;
      --in_block_;
    }
    const uint32_t code = held_ & ((1u << bits) - 1);
    held_ >>= bits;
    held_bits_ -= bits;
    return code;
  }

  /// Pillow takes a file in pieces, and goes on behind an end code where there is a further one.
  bool read_on() {
    constexpr std::size_t kPiece = 1 << 16;
    if (read_ == raster_.size()) return false;
    read_ = std::min(read_ + kPiece, raster_.size());
    return true;
  }

 private:
  Bytes raster_;
  std::size_t read_ = 0, at_ = 0;
  std::size_t in_block_ = 0;  // bytes left of a block
  uint32_t held_ = 0, held_bits_ = 0;
};

}  // namespace

std::vector<uint8_t> decode_lzw(Bytes raster, uint32_t bits, std::size_t count,
                                const std::string& name) {
  constexpr uint32_t kMaxBits = 12;
  constexpr std::size_t kTable = 1 << kMaxBits;
  const auto damaged = [&] {
    return base::FormatError(name + ": GIF is damaged: its first frame has an impossible code");
  };
  if (bits > kMaxBits) {
    throw base::FormatError(base::str(name, ": GIF is damaged: its codes begin with ", bits,
                                      " bits, expected at most ", kMaxBits));
  }
  const uint32_t clear = 1u << bits, end = clear + 1;
  // A code stands for the indices of `prefix`, then `last`.
  std::array<uint16_t, kTable> prefix{};
  std::array<uint8_t, kTable> last{};
  std::vector<uint8_t> out, reversed;
  out.reserve(count);

  CodeReader codes(raster);
  uint32_t width = bits + 1, next = clear + 2;
  const uint32_t none = clear;  // which no code but the clear code is
  uint32_t previous = none;
  uint8_t first = 0;  // index that the previous code begins with
  while (out.size() < count) {
    const auto code = codes.next(width);
    if (!code || (*code == end && !codes.read_on())) {
      throw base::FormatError(name + ": GIF is truncated: its data ends before the first frame");
    }
    if (*code == end) continue;
    if (*code == clear) {
      width = bits + 1;
      next = clear + 2;
      previous = none;
      continue;
    }
    if (previous == none) {
      if (*code > clear) throw damaged();
      first = static_cast<uint8_t>(*code);
      out.push_back(first);
      previous = *code;
      continue;
    }
    if (*code > next) throw damaged();
    reversed.clear();
    uint32_t walked = *code;
    if (walked == next) {  // the code that is being defined: the previous one and its first index
      reversed.push_back(first);
      walked = previous;
    }
    while (walked >= clear) {
      if (reversed.size() == kTable || walked >= kTable) throw damaged();
      reversed.push_back(last[walked]);
      walked = prefix[walked];
    }
    first = static_cast<uint8_t>(walked);
    reversed.push_back(first);
    const std::size_t fits = std::min(reversed.size(), count - out.size());
    std::copy_n(reversed.rbegin(), fits, std::back_inserter(out));
    if (next < kTable) {
      prefix[next] = static_cast<uint16_t>(previous);
      last[next] = first;
      // A width of 12 bits is the widest, but the first one may be wider.
      if (next == (1u << width) - 1 && width < kMaxBits) ++width;
      ++next;
    }
    previous = *code;
  }
  return out;
}

}  // namespace data
