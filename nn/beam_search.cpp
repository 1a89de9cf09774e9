#include "nn/beam_search.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "nn/logits_processors.h"
#include "tensor/index.h"    // row_offsets
#include "tensor/sample.h"   // best_candidates, draw_candidates
#include "tensor/softmax.h"  // log_softmax_forward

namespace nn {

using tensor::Candidates;
using tensor::Device;
using tensor::Tensor;

namespace {

/// A sequence under construction. Histories are copied from parent to child: a few hundred bytes a
/// step beside the V scores that are read for it.
struct Beam {
  GeneratedSequence sequence;
  float score = 0;      // sum of token_logprobs; divided by the length penalty once complete
  int32_t parent = -1;  // the decoder's row that it continues
};

/// A token that could follow a beam.
struct Candidate {
  int32_t row, token;  // token -1: none
  float score, log_prob;

  /// The one at a place of all groups'.
  Candidate(const Candidates& all, std::size_t place)
      : row(all.rows.span<int32_t>()[place]),
        token(all.tokens.span<int32_t>()[place]),
        score(all.scores.span<float>()[place]),
        log_prob(all.log_probs.span<float>()[place]) {}
};

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

  /// As many numbers as candidates can be drawn with; `advance` takes those that were used.
  void random_numbers(std::span<double> numbers) const {
    base::Random ahead = random_;
    for (double& number : numbers) number = ahead.uniform();
  }

  /// Continues the open beams, whose rows of the decoder begin at first_row, by the candidates of
  /// a group: twice as many as beams, for each beam can end in one way only, so half of them go on.
  /// No beam is open any more when the search is over.
  void advance(const Candidates& candidates, std::size_t group, int64_t first_row) {
    ++new_tokens_;
    const auto num_beams = static_cast<std::size_t>(options_.num_beams);
    std::vector<Beam> next;
    for (std::size_t rank = 0; rank < 2 * num_beams; ++rank) {
      const Candidate candidate(candidates, group * 2 * num_beams + rank);
      if (candidate.token < 0) break;  // there are no more
      if (options_.do_sample) random_.uniform();
      const bool ends = candidate.token == options_.eos_token_id;
      if (!ends && new_tokens_ < max_new_tokens_) {
        next.push_back(extended(candidate, first_row));
      } else if (rank < num_beams) {
        // The lower half is there to keep num_beams open when the upper half ends; what ends in it
        // is dropped.
        complete(extended(candidate, first_row), ends);
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
  Beam extended(const Candidate& candidate, int64_t first_row) const {
    Beam beam = open_[static_cast<std::size_t>(candidate.row - first_row)];
    beam.sequence.ids.push_back(candidate.token);
    beam.sequence.token_logprobs.push_back(candidate.log_prob);
    beam.score = candidate.score;
    beam.parent = candidate.row;
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

/// Twice as many candidates as beams for each search, in host memory. log_probs are those of the
/// open beams' rows, row_scores and groups theirs.
Candidates next_candidates(const Tensor& log_probs, const std::vector<float>& row_scores,
                           const Tensor& groups, std::span<const Search> searches,
                           const GenerationOptions& options) {
  const Tensor scores = Tensor::from({std::ssize(row_scores)}, row_scores).to(log_probs.device());
  Candidates candidates = Candidates::empty(log_probs, std::ssize(searches), 2 * options.num_beams);
  if (options.do_sample) {
    const tensor::Shape& shape = candidates.rows.shape();
    Tensor uniform = Tensor::empty(shape, tensor::DType::f64);
    double* numbers = uniform.data<double>();
    for (const Search& search : searches) {
      search.random_numbers({numbers, static_cast<std::size_t>(shape[1])});
      numbers += shape[1];
    }
    tensor::draw_candidates(candidates, log_probs, scores, groups, uniform.to(log_probs.device()));
  } else {
    tensor::best_candidates(candidates, log_probs, scores, groups);
  }
  return candidates.on_host();
}

}  // namespace

std::vector<std::vector<GeneratedSequence>> beam_search(Decoder& decoder, Tensor logits,
                                                        std::span<const BeamSearchStart> starts,
                                                        const GenerationOptions& options) {
  const LogitsProcessors processors(options);
  std::vector<Search> searches;
  for (const BeamSearchStart& start : starts) searches.emplace_back(start, options);
  while (true) {
    std::vector<const GeneratedSequence*> rows;
    std::vector<float> row_scores;
    std::vector<int32_t> beams;  // of each search
    for (const Search& search : searches) {
      for (const Beam& beam : search.open()) {
        rows.push_back(&beam.sequence);
        row_scores.push_back(beam.score);
      }
      beams.push_back(static_cast<int32_t>(search.open().size()));
    }
    const Tensor groups = tensor::row_offsets(beams);

    tensor::log_softmax_forward(logits, logits);
    processors.process(logits, rows);
    if (options.do_sample) processors.warp(logits);
    const Candidates candidates = next_candidates(logits, row_scores, groups, searches, options);

    std::vector<int64_t> ids;
    std::vector<int32_t> parents;
    for (std::size_t s = 0; s < searches.size(); ++s) {
      if (beams[s] == 0) continue;  // over
      searches[s].advance(candidates, s, groups.span<int32_t>()[s]);
      for (const Beam& beam : searches[s].open()) {
        ids.push_back(beam.sequence.ids.back());
        parents.push_back(beam.parent);
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
