#include "metrics/meteor/aligner.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <tuple>

namespace metrics::meteor {
namespace {

constexpr std::size_t kBeam = 40;

/// What a match counts in the search: its words, half of them unless it is exact. The original adds
/// to whole numbers side by side, which drops the fractions.
int gain(const MeteorMatch& match) {
  const int divisor = match.matcher == MeteorMatcher::kExact ? 1 : 2;
  return match.hypothesis_length / divisor + match.reference_length / divisor;
}

/// A partial alignment, up to some word of the reference.
struct Path {
  int matched = 0;    ///< gain() of its matches
  int chunks = 0;     ///< closed ones
  int next_word = 0;  ///< of the reference, behind the last match or skipped word
  int chunk_end = 0;  ///< where the open chunk ends in the hypothesis
  bool chunk_open = false;
  /// How far apart matched words are. The original has 32 bits, too few for captions of 100,000
  /// words.
  std::int64_t distance = 0;
  int last_match = -1;  ///< index into Search::taken_
  // How it came to be, until it is chosen to go on.
  std::size_t parent = 0;  ///< its place among the paths
  std::size_t number = 0;  ///< in the order of being found
  const MeteorMatch* extension = nullptr;

  void close_chunk() {
    chunks += chunk_open ? 1 : 0;
    chunk_open = false;
  }

  void append(const MeteorMatch& match) {
    matched += gain(match);
    if (match.hypothesis_start != chunk_end) close_chunk();
    next_word = match.reference_start + match.reference_length;
    chunk_end = match.hypothesis_start + match.hypothesis_length;
    chunk_open = true;
  }
};

bool better(const Path& a, const Path& b) {
  return std::tie(b.matched, a.chunks, a.distance, a.number) <
         std::tie(a.matched, b.chunks, b.distance, b.number);
}

std::int64_t distance(const MeteorMatch& match) {
  return std::abs(match.reference_start - match.hypothesis_start);
}

/// Which words of the hypothesis each of a number of paths has used.
class UsedWords {
 public:
  UsedWords(std::size_t paths, int words)
      : stride_((static_cast<std::size_t>(words) + 63) / 64), bits_(paths * stride_) {}

  void copy(std::size_t path, const UsedWords& other, std::size_t other_path) {
    std::copy_n(other.bits_.begin() + static_cast<std::ptrdiff_t>(other_path * stride_), stride_,
                bits_.begin() + static_cast<std::ptrdiff_t>(path * stride_));
  }
  bool any(std::size_t path, const MeteorMatch& match) const {
    for (int i = 0; i < match.hypothesis_length; ++i) {
      const auto word = static_cast<std::size_t>(match.hypothesis_start + i);
      if (bits_[path * stride_ + word / 64] >> word % 64 & 1) return true;
    }
    return false;
  }
  void use(std::size_t path, const MeteorMatch& match) {
    for (int i = 0; i < match.hypothesis_length; ++i) {
      const auto word = static_cast<std::size_t>(match.hypothesis_start + i);
      bits_[path * stride_ + word / 64] |= std::uint64_t{1} << word % 64;
    }
  }

 private:
  std::size_t stride_;
  std::vector<std::uint64_t> bits_;
};

class Search {
 public:
  explicit Search(const Candidates& candidates)
      : candidates_(candidates),
        used_(kBeam, candidates.hypothesis_length()),
        next_used_(kBeam, candidates.hypothesis_length()) {}

  std::vector<MeteorMatch> run() {
    paths_.emplace_back();
    for (int word = 0; word < candidates_.reference_length(); ++word) {
      const MeteorMatch* const fixed = fixed_match(word);
      for (std::size_t i = 0; i < paths_.size(); ++i) extend(i, word, fixed);
      choose();
    }
    for (Path& path : paths_) path.close_chunk();
    return matches_of(*std::min_element(paths_.begin(), paths_.end(), better));
  }

 private:
  /// A match is made at once, on every path, if it is the only one for all of its words. No other
  /// candidate can get in its way, so the used words need not know of it.
  const MeteorMatch* fixed_match(int word) const {
    const std::span<const MeteorMatch> starting = candidates_.at(word);
    return starting.size() == 1 && candidates_.is_alone(starting[0]) ? &starting[0] : nullptr;
  }

  void extend(std::size_t index, int word, const MeteorMatch* fixed) {
    Path& path = paths_[index];
    if (word < path.next_word) {  // inside the last match
      add(path, index, nullptr);
      return;
    }
    if (fixed) {
      path.append(*fixed);
      path.distance += distance(*fixed);
      add(path, index, fixed);
      return;
    }
    for (const MeteorMatch& match : candidates_.at(word)) {
      if (used_.any(index, match)) continue;
      Path longer = path;
      longer.append(match);
      add(longer, index, &match);
      // The original lengthens the path that was extended, not the extension: the distance counts
      // for the extensions to come and for skipping the word.
      path.distance += distance(match);
    }
    path.close_chunk();
    path.next_word = word + 1;
    add(path, index, nullptr);
  }

  /// Keeps a path if it is among the best so far: extensions_ is a heap with the worst in front.
  void add(Path path, std::size_t parent, const MeteorMatch* extension) {
    path.parent = parent;
    path.extension = extension;
    path.number = added_++;
    if (extensions_.size() == kBeam) {
      if (!better(path, extensions_.front())) return;
      std::pop_heap(extensions_.begin(), extensions_.end(), better);
      extensions_.pop_back();
    }
    extensions_.push_back(path);
    std::push_heap(extensions_.begin(), extensions_.end(), better);
  }

  /// The extensions become the paths, best first.
  void choose() {
    std::sort_heap(extensions_.begin(), extensions_.end(), better);
    std::swap(paths_, extensions_);
    extensions_.clear();
    added_ = 0;
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      Path& path = paths_[i];
      path.number = i;
      next_used_.copy(i, used_, path.parent);
      if (!path.extension) continue;
      next_used_.use(i, *path.extension);
      taken_.push_back({path.extension, path.last_match});
      path.last_match = static_cast<int>(taken_.size()) - 1;
    }
    std::swap(used_, next_used_);
  }

  std::vector<MeteorMatch> matches_of(const Path& path) const {
    std::vector<MeteorMatch> matches;
    for (int i = path.last_match; i >= 0; i = taken_[static_cast<std::size_t>(i)].before) {
      matches.push_back(*taken_[static_cast<std::size_t>(i)].match);
    }
    std::reverse(matches.begin(), matches.end());
    return matches;
  }

  struct Taken {
    const MeteorMatch* match;
    int before;  // the one before it on the path; -1 for the first
  };

  const Candidates& candidates_;
  std::vector<Path> paths_, extensions_;
  std::size_t added_ = 0;       // to the next paths, kept or not
  UsedWords used_, next_used_;  // by place in paths_
  std::vector<Taken> taken_;    // the histories of all paths, sharing their beginnings
};

}  // namespace

std::vector<MeteorMatch> align(const Candidates& candidates) {
  return Search(candidates).run();
}

int count_chunks(std::span<const MeteorMatch> alignment) {
  int chunks = 0;
  const MeteorMatch* last = nullptr;
  for (const MeteorMatch& match : alignment) {
    const bool goes_on = last &&
                         match.reference_start == last->reference_start + last->reference_length &&
                         match.hypothesis_start == last->hypothesis_start + last->hypothesis_length;
    chunks += goes_on ? 0 : 1;
    last = &match;
  }
  return chunks;
}

}  // namespace metrics::meteor
