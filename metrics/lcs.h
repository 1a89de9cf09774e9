// The longest common subsequence of two captions, 64 words at a time. Source: Hyyrö, "Bit-parallel
// LCS-length computation revisited" (AWOCA 2004), after Crochemore et al. (2001).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace metrics {

/// One caption, prepared to be compared with others.
class CommonSubsequence {
 public:
  /// The views must outlive this object.
  explicit CommonSubsequence(const std::vector<std::string_view>& words);

  /// How many words the longest common subsequence has. For captions of m and n words it takes
  /// O((m / 64 + 1) n) steps and O(m) memory: 100,000 words against 100,000 take under half a
  /// second.
  std::size_t length(const std::vector<std::string_view>& other) const;

 private:
  /// Bit i of `bits` is set if word 64 * block + i is the word that this belongs to.
  struct Places {
    std::size_t block;
    std::uint64_t bits;
  };

  std::size_t words_;
  std::unordered_map<std::string_view, std::vector<Places>> places_;  // by word, in order of blocks
};

/// For each of `words` whether it is out of the longest common subsequence with `others`: what one
/// caption says and the other does not.
std::vector<bool> different_words(const std::vector<std::string>& words,
                                  const std::vector<std::string>& others);

}  // namespace metrics
