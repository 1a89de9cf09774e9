#include "metrics/lcs.h"

#include <bit>

namespace metrics {

CommonSubsequence::CommonSubsequence(const std::vector<std::string_view>& words)
    : words_(words.size()) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::vector<Places>& places = places_[words[i]];
    if (places.empty() || places.back().block != i / 64) places.push_back({i / 64, 0});
    places.back().bits |= std::uint64_t{1} << (i % 64);
  }
}

// The textbook's table has a row for each word of the other caption, and along a row the numbers
// rise from left to right by 0 or 1. So a row is kept as bits, one a word of this caption: 0 where
// the number rises. From one row to the next, between two rises the leftmost match becomes a rise
// and the rise on its right ceases: an addition does that to all of them at once, because its carry
// runs from the match over the ones up to the next zero.
std::size_t CommonSubsequence::length(const std::vector<std::string_view>& other) const {
  std::vector<std::uint64_t> level(words_ / 64 + 1, ~std::uint64_t{0});
  for (const std::string_view word : other) {
    const auto found = places_.find(word);
    if (found == places_.end()) continue;  // without a match the row stays
    std::uint64_t carry = 0;
    std::size_t block = 0;
    for (const Places& places : found->second) {
      // Blocks without the word change only if a carry comes in.
      for (; block < places.block && carry != 0; ++block) {
        carry = level[block] == ~std::uint64_t{0};
        level[block] |= level[block] + 1;
      }
      block = places.block;
      const std::uint64_t old = level[block], matches = old & places.bits;
      const std::uint64_t with_carry = old + carry, sum = with_carry + matches;
      carry = with_carry < old || sum < with_carry;
      level[block++] = sum | (old & ~places.bits);
    }
    for (; block < level.size() && carry != 0; ++block) {
      carry = level[block] == ~std::uint64_t{0};
      level[block] |= level[block] + 1;
    }
  }
  std::size_t rises = 0;
  for (const std::uint64_t bits : level) rises += static_cast<std::size_t>(std::popcount(~bits));
  return rises;
}

std::vector<bool> different_words(const std::vector<std::string>& words,
                                  const std::vector<std::string>& others) {
  // longest[i][j]: of words[i..] and others[j..].
  const std::size_t columns = others.size() + 1;
  std::vector<std::size_t> longest((words.size() + 1) * columns);
  for (std::size_t i = words.size(); i-- > 0;) {
    for (std::size_t j = others.size(); j-- > 0;) {
      longest[i * columns + j] = words[i] == others[j] ? longest[(i + 1) * columns + j + 1] + 1
                                                       : std::max(longest[(i + 1) * columns + j],
                                                                  longest[i * columns + j + 1]);
    }
  }
  std::vector<bool> different(words.size(), true);
  for (std::size_t i = 0, j = 0; i < words.size() && j < others.size();) {
    if (words[i] == others[j]) {
      different[i++] = false;
      ++j;
    } else if (longest[(i + 1) * columns + j] >= longest[i * columns + j + 1]) {
      ++i;
    } else {
      ++j;
    }
  }
  return different;
}

}  // namespace metrics
