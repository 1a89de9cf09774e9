#include "nn/beam_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/parallel.h"
#include "nn/logits_processors.h"
#include "tensor/softmax.h"  // log_softmax_forward

namespace nn {

namespace {

/// A sequence under construction. Histories are copied from parent to child: a few hundred bytes a
/// step beside the V scores that are read for it.
struct Beam {
  GeneratedSequence sequence;
  float score = 0;      // sum of token_logprobs; divided by the length penalty once complete
  int32_t parent = -1;  // the beam of the step before that this one continues
};

/// A token that could follow a beam.
struct Candidate {
  float score;  // the beam's and the token's
  int32_t beam;
  int64_t token;
  float logprob;
};

/// The best `count` of the candidates that are offered, in the order in which they come if equal.
class BestCandidates {
 public:
  explicit BestCandidates(std::size_t count) : count_(count) {}

  void offer(const Candidate& candidate) {
    if (candidate.score <= threshold_) return;
    if (heap_.size() == count_) {
      std::pop_heap(heap_.begin(), heap_.end(), better);
      heap_.pop_back();
    }
    heap_.push_back(candidate);
    std::push_heap(heap_.begin(), heap_.end(), better);
    if (heap_.size() == count_) threshold_ = heap_.front().score;
  }
  std::vector<Candidate> sorted() && {
    std::sort_heap(heap_.begin(), heap_.end(), better);
    return std::move(heap_);
  }

 private:
  static bool better(const Candidate& a, const Candidate& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.beam != b.beam ? a.beam < b.beam : a.token < b.token;
  }

  std::size_t count_;
  float threshold_ = -std::numeric_limits<float>::infinity();  // bans are never candidates
  std::vector<Candidate> heap_;
};

/// Draws up to `count` different candidates, each time with probabilities softmax(score) among
/// those that are left; in the order of drawing.
std::vector<Candidate> draw(std::vector<Candidate> from, std::size_t count, base::Random& random) {
  float best = -std::numeric_limits<float>::infinity();
  for (const Candidate& candidate : from) best = std::max(best, candidate.score);
  std::vector<double> weights;
  double total = 0;
  for (const Candidate& candidate : from) {
    weights.push_back(std::exp(double{candidate.score} - best));
    total += weights.back();
  }
  std::vector<Candidate> drawn;
  while (drawn.size() < count && !from.empty()) {
    double left = random.uniform() * total;
    std::size_t i = 0;
    while (i + 1 < from.size() && left >= weights[i]) left -= weights[i++];
    drawn.push_back(from[i]);
    total -= weights[i];
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(i));
    weights.erase(weights.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return drawn;
}

/// The search for one prompt: open beams, best first, and the best complete sequences so far.
class Search {
 public:
  Search(const BeamSearchStart& start, const GenerationOptions& options)
      : options_(options), max_new_tokens_(start.max_new_tokens), random_(start.random) {
    Beam& root = open_.emplace_back();
    root.sequence.ids = start.prompt;
    root.sequence.prompt_length = std::ssize(start.prompt);
  }

  std::span<const Beam> open() const { return open_; }

  /// Continues every open beam by one token. log_probs are [open beams, V], the processors not yet
  /// applied; they are overwritten. No beam is open any more when the search is over.
  void advance(std::span<float> log_probs) {
    const std::vector<Candidate> candidates = next_candidates(log_probs);
    ++new_tokens_;
    const auto num_beams = static_cast<std::size_t>(options_.num_beams);
    std::vector<Beam> next;
    for (std::size_t rank = 0; rank < candidates.size(); ++rank) {
      const Candidate& candidate = candidates[rank];
      const bool ends = candidate.token == options_.eos_token_id;
      if (!ends && new_tokens_ < max_new_tokens_) {
        next.push_back(extended(candidate));
      } else if (rank < num_beams) {
        // The lower half is there to keep num_beams open when the upper half ends; what ends in it
        // is dropped.
        complete(extended(candidate), ends);
      }
    }
    // Candidates that were drawn come in no order.
    std::stable_sort(next.begin(), next.end(),
                     [](const Beam& a, const Beam& b) { return a.score > b.score; });
    if (next.size() > num_beams) next.resize(num_beams);
    open_ = std::move(next);
    if (is_over()) open_.clear();
  }

  std::vector<GeneratedSequence> result(std::size_t prompt) && {
    if (std::ssize(complete_) < options_.num_return_sequences) {
      throw base::UsageError(base::str("generate: prompt ", prompt, ": the options allow ",
                                       complete_.size(), " sequences, num_return_sequences is ",
                                       options_.num_return_sequences));
    }
    std::vector<GeneratedSequence> sequences;
    for (int64_t i = 0; i < options_.num_return_sequences; ++i) {
      Beam& beam = complete_[static_cast<std::size_t>(i)];
      beam.sequence.score = beam.score;
      sequences.push_back(std::move(beam.sequence));
    }
    return sequences;
  }

 private:
  /// Twice as many as beams: each beam can end in one way only, so half of them go on.
  std::vector<Candidate> next_candidates(std::span<float> log_probs) {
    const auto count = static_cast<std::size_t>(2 * options_.num_beams);
    const std::size_t vocabulary = log_probs.size() / open_.size();
    BestCandidates best(count);
    std::vector<Candidate> possible;
    for (std::size_t b = 0; b < open_.size(); ++b) {
      const std::span<float> row = log_probs.subspan(b * vocabulary, vocabulary);
      process_scores(row, open_[b].sequence.ids, new_tokens_, options_);
      if (options_.do_sample) warp_scores(row, options_);
      for (std::size_t token = 0; token < vocabulary; ++token) {
        const Candidate candidate{open_[b].score + row[token], static_cast<int32_t>(b),
                                  static_cast<int64_t>(token), row[token]};
        if (!options_.do_sample) {
          best.offer(candidate);
        } else if (std::isfinite(candidate.score)) {
          possible.push_back(candidate);
        }
      }
    }
    return options_.do_sample ? draw(std::move(possible), count, random_)
                              : std::move(best).sorted();
  }

  Beam extended(const Candidate& candidate) const {
    Beam beam = open_[static_cast<std::size_t>(candidate.beam)];
    beam.sequence.ids.push_back(candidate.token);
    beam.sequence.token_logprobs.push_back(candidate.logprob);
    beam.score = candidate.score;
    beam.parent = candidate.beam;
    return beam;
  }

  /// A score as complete sequences are compared by.
  float normalised(float score, int64_t length) const {
    return score /
           static_cast<float>(std::pow(static_cast<double>(length), options_.length_penalty));
  }

  void complete(Beam beam, bool finished) {
    beam.sequence.finished = finished;
    beam.score = normalised(beam.score, new_tokens_);
    const auto place =
        std::upper_bound(complete_.begin(), complete_.end(), beam,
                         [](const Beam& a, const Beam& b) { return a.score > b.score; });
    complete_.insert(place, std::move(beam));
    if (std::ssize(complete_) > options_.num_beams) complete_.pop_back();
  }

  /// Whether the open beams can no longer change the result, by the rule of early_stopping.
  bool is_over() const {
    if (open_.empty() || std::ssize(complete_) < options_.num_beams) return open_.empty();
    if (options_.early_stopping == EarlyStopping::yes) return true;
    const bool hopes_to_grow =
        options_.early_stopping == EarlyStopping::never && options_.length_penalty > 0;
    const int64_t length = hopes_to_grow ? max_new_tokens_ : new_tokens_;
    return !(normalised(open_.front().score, length) > complete_.back().score);
  }

  const GenerationOptions& options_;
  int64_t max_new_tokens_;
  int64_t new_tokens_ = 0;
  base::Random random_;
  std::vector<Beam> open_;
  std::vector<Beam> complete_;  // best first, at most num_beams
};

}  // namespace

std::vector<std::vector<GeneratedSequence>> beam_search(Decoder& decoder, tensor::Tensor logits,
                                                        std::span<const BeamSearchStart> starts,
                                                        const GenerationOptions& options) {
  std::vector<Search> searches;
  for (const BeamSearchStart& start : starts) searches.emplace_back(start, options);
  while (true) {
    tensor::log_softmax_forward(logits, logits);
    float* const log_probs = logits.data<float>();
    const int64_t vocabulary = logits.dim(1);
    std::vector<int64_t> first_row;  // of each search
    int64_t rows = 0;
    for (const Search& search : searches) {
      first_row.push_back(rows);
      rows += std::ssize(search.open());
    }
    const int64_t grain = rows_per_chunk(vocabulary * options.num_beams);
    base::parallel_for(std::ssize(searches), grain, [&](int64_t begin, int64_t end) {
      for (auto s = static_cast<std::size_t>(begin); s < static_cast<std::size_t>(end); ++s) {
        const auto size = static_cast<std::size_t>(std::ssize(searches[s].open()) * vocabulary);
        if (size > 0) searches[s].advance({log_probs + first_row[s] * vocabulary, size});
      }
    });
    std::vector<int64_t> ids;
    std::vector<int32_t> parents;
    for (std::size_t s = 0; s < searches.size(); ++s) {
      for (const Beam& beam : searches[s].open()) {
        ids.push_back(beam.sequence.ids.back());
        parents.push_back(static_cast<int32_t>(first_row[s]) + beam.parent);
      }
    }
    if (ids.empty()) break;
    logits = decoder.step(ids, parents);
  }
  std::vector<std::vector<GeneratedSequence>> results;
  for (std::size_t s = 0; s < searches.size(); ++s) {
    results.push_back(std::move(searches[s]).result(s));
  }
  return results;
}

}  // namespace nn
