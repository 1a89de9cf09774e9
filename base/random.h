// Counter-based random numbers: Philox 4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy
// as 1, 2, 3", SC 2011). A number depends on (seed, stream, counter) alone, not on what was drawn
// before, so any part of a computation can be repeated by itself and on any device.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

namespace base {

/// Ten rounds of Philox 4x32: four random words from a 128-bit counter and a 64-bit key.
constexpr std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter,
                                         std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * counter[0];
    const uint64_t b = uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(b),
               static_cast<uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

/// The numbers of one stream of a seed, one after the other.
class Random {
 public:
  explicit Random(uint64_t seed, uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  uint32_t bits() {
    if (used_ == 4) {
      words_ = philox({static_cast<uint32_t>(counter_), static_cast<uint32_t>(counter_ >> 32),
                       static_cast<uint32_t>(stream_), static_cast<uint32_t>(stream_ >> 32)},
                      {static_cast<uint32_t>(seed_), static_cast<uint32_t>(seed_ >> 32)});
      ++counter_;
      used_ = 0;
    }
    return words_[used_++];
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform() {
    const uint64_t high = bits() >> 5, low = bits() >> 6;
    return static_cast<double>(high * 67108864 + low) * 0x1p-53;
  }

  /// Uniform in {0, ..., count - 1}; count > 0.
  uint32_t below(uint32_t count) { return static_cast<uint32_t>((uint64_t{bits()} * count) >> 32); }

  /// Standard normal (Box-Muller).
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }

 private:
  uint64_t seed_, stream_, counter_ = 0;
  std::array<uint32_t, 4> words_{};
  unsigned used_ = 4;
};

}  // namespace base
