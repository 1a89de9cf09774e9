#include "nn/search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "base/parallel.h"
#include "base/random.h"
#include "nn/beam_search.h"
#include "nn/logits_processors.h"
#include "tensor/softmax.h"  // log_softmax_forward

namespace nn {

using base::str;
using base::UsageError;
using tensor::Tensor;

namespace {

void expect(bool holds, const char* option, const auto& found, const char* expected) {
  if (!holds) throw UsageError(str("generate: ", option, " is ", found, ", expected ", expected));
}

/// A decoder whose answers are checked: their shape, and that a softmax of them makes sense.
class CheckedDecoder : public Decoder {
 public:
  explicit CheckedDecoder(Decoder& decoder) : decoder_(decoder) {}

  Tensor prefill(std::span<const std::vector<int64_t>> prompts) override {
    prompt_of_row_.resize(prompts.size());
    std::iota(prompt_of_row_.begin(), prompt_of_row_.end(), std::size_t{0});
    return checked(decoder_.prefill(prompts));
  }
  Tensor step(std::span<const int64_t> ids, std::span<const int32_t> parents) override {
    std::vector<std::size_t> rows;
    for (const int32_t parent : parents) {
      rows.push_back(prompt_of_row_[static_cast<std::size_t>(parent)]);
    }
    prompt_of_row_ = std::move(rows);
    ++step_;
    return checked(decoder_.step(ids, parents));
  }
  int64_t max_length() const override { return decoder_.max_length(); }

 private:
  Tensor checked(Tensor logits) {
    const auto rows = static_cast<int64_t>(prompt_of_row_.size());
    if (vocabulary_ == 0 && logits.rank() == 2) vocabulary_ = logits.dim(1);
    tensor::expect_f32("generate", "logits", logits, {rows, vocabulary_});
    base::parallel_for(rows, rows_per_chunk(vocabulary_), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) check_row(logits, row);
    });
    return logits;
  }

  void check_row(const Tensor& logits, int64_t row) const {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    const float* values = logits.data<float>() + row * vocabulary_;
    bool all_banned = true;
    for (int64_t token = 0; token < vocabulary_; ++token) {
      if (!(values[token] < kInfinity)) {  // NaN too
        throw base::Error(str(place(row), "the logit of token ", token, " is ", values[token],
                              ", expected a number"));
      }
      all_banned = all_banned && values[token] == -kInfinity;
    }
    if (all_banned) throw base::Error(str(place(row), "no logit is finite"));
  }
  std::string place(int64_t row) const {
    return str("generate: step ", step_, ", prompt ", prompt_of_row_[static_cast<std::size_t>(row)],
               ": ");
  }

  Decoder& decoder_;
  std::vector<std::size_t> prompt_of_row_;
  int64_t vocabulary_ = 0;
  int64_t step_ = 0;
};

/// The first of the largest scores.
int64_t argmax(std::span<const float> scores) {
  return std::max_element(scores.begin(), scores.end()) - scores.begin();
}

/// A token with the probabilities exp(log_probs): one uniform number, walked along their sum.
int64_t draw(std::span<const float> log_probs, base::Random& random) {
  double left = random.uniform();
  int64_t token = -1;
  for (int64_t i = 0; i < std::ssize(log_probs); ++i) {
    const float log_prob = log_probs[static_cast<std::size_t>(i)];
    if (log_prob == -std::numeric_limits<float>::infinity()) continue;
    token = i;  // also the answer if rounding leaves something at the end
    left -= std::exp(double{log_prob});
    if (left < 0) break;
  }
  return token;
}

/// A sequence that greedy decoding or sampling has not ended.
struct Open {
  std::size_t prompt;
  std::size_t place;  // among the sequences of its prompt
  GeneratedSequence sequence;
  base::Random random;
  int64_t max_new_tokens;
};

/// Applies the options to the scores [rows, V], of which row r is that of open[r * sharing], and
/// makes them log-probabilities. Returns the best token of each row.
std::vector<int64_t> finish_scores(Tensor& scores, std::span<const Open> open, std::size_t sharing,
                                   const GenerationOptions& options) {
  const int64_t vocabulary = scores.dim(1);
  std::vector<int64_t> best(static_cast<std::size_t>(scores.dim(0)));
  base::parallel_for(scores.dim(0), rows_per_chunk(vocabulary), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const std::span<float> row(scores.data<float>() + r * vocabulary,
                                 static_cast<std::size_t>(vocabulary));
      const Open& of_row = open[static_cast<std::size_t>(r) * sharing];
      const GeneratedSequence& sequence = of_row.sequence;
      process_scores(row, sequence.ids, std::ssize(sequence.token_logprobs), options);
      if (options.do_sample) warp_scores(row, options);
      // Before the softmax, which may round two scores to one.
      const int64_t token = best[static_cast<std::size_t>(r)] = argmax(row);
      if (row[static_cast<std::size_t>(token)] == -std::numeric_limits<float>::infinity()) {
        throw UsageError(str("generate: step ", sequence.token_logprobs.size(), ", prompt ",
                             of_row.prompt, ": the options ban every token"));
      }
    }
  });
  tensor::log_softmax_forward(scores, scores);
  return best;
}

/// Greedy decoding, and sampling without beams. `open` holds num_return_sequences sequences for
/// each row of logits.
std::vector<std::vector<GeneratedSequence>> one_by_one(Decoder& decoder, Tensor logits,
                                                       std::vector<Open> open,
                                                       const GenerationOptions& options) {
  auto sharing = static_cast<std::size_t>(options.num_return_sequences);  // sequences of a row
  std::vector<std::vector<GeneratedSequence>> results(open.size() / sharing);
  for (auto& sequences : results) sequences.resize(sharing);
  while (true) {
    const std::vector<int64_t> best = finish_scores(logits, open, sharing, options);
    const auto vocabulary = static_cast<std::size_t>(logits.dim(1));
    base::parallel_for(
        std::ssize(open), rows_per_chunk(logits.dim(1)), [&](int64_t begin, int64_t end) {
          for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
            const std::size_t row = i / sharing;
            const auto log_probs = logits.span<float>().subspan(row * vocabulary, vocabulary);
            const int64_t token = options.do_sample ? draw(log_probs, open[i].random) : best[row];
            GeneratedSequence& sequence = open[i].sequence;
            sequence.ids.push_back(token);
            sequence.token_logprobs.push_back(log_probs[static_cast<std::size_t>(token)]);
            sequence.score += double{sequence.token_logprobs.back()};
            sequence.finished = token == options.eos_token_id;
          }
        });
    std::vector<int64_t> ids;
    std::vector<int32_t> parents;
    std::vector<Open> still_open;
    for (std::size_t i = 0; i < open.size(); ++i) {
      GeneratedSequence& sequence = open[i].sequence;
      if (sequence.finished || std::ssize(sequence.token_logprobs) == open[i].max_new_tokens) {
        results[open[i].prompt][open[i].place] = std::move(sequence);
        continue;
      }
      ids.push_back(sequence.ids.back());
      parents.push_back(static_cast<int32_t>(i / sharing));
      still_open.push_back(std::move(open[i]));
    }
    if (ids.empty()) return results;
    open = std::move(still_open);
    sharing = 1;
    logits = decoder.step(ids, parents);
  }
}

}  // namespace

void validate(const GenerationOptions& options) {
  const GenerationOptions& o = options;
  expect(o.max_new_tokens >= 1, "max_new_tokens", o.max_new_tokens, "at least 1");
  expect(o.min_new_tokens >= 0, "min_new_tokens", o.min_new_tokens, "at least 0");
  expect(o.min_new_tokens <= o.max_new_tokens, "min_new_tokens", o.min_new_tokens,
         str("at most max_new_tokens, ", o.max_new_tokens).c_str());
  expect(o.num_beams >= 1, "num_beams", o.num_beams, "at least 1");
  expect(std::isfinite(o.length_penalty), "length_penalty", o.length_penalty, "a finite number");
  expect(o.num_return_sequences >= 1, "num_return_sequences", o.num_return_sequences, "at least 1");
  const bool independent_samples = o.do_sample && o.num_beams == 1;
  expect(independent_samples || o.num_return_sequences <= o.num_beams, "num_return_sequences",
         o.num_return_sequences, str("at most num_beams, ", o.num_beams).c_str());
  if (o.do_sample) {
    expect(o.temperature > 0 && std::isfinite(o.temperature), "temperature", o.temperature,
           "a number above 0 (for the best token every time, turn do_sample off)");
    expect(o.top_k >= 0, "top_k", o.top_k, "at least 0 (0: all)");
    expect(o.top_p > 0 && o.top_p <= 1, "top_p", o.top_p, "above 0 and at most 1");
  }
  expect(o.repetition_penalty > 0 && std::isfinite(o.repetition_penalty), "repetition_penalty",
         o.repetition_penalty, "a number above 0");
  expect(o.no_repeat_ngram_size >= 0, "no_repeat_ngram_size", o.no_repeat_ngram_size,
         "at least 0 (0: off)");
  for (const std::vector<int64_t>& word : o.bad_words_ids) {
    expect(!word.empty(), "a word of bad_words_ids", "empty", "at least one token");
    for (const int64_t id : word) expect(id >= 0, "a token of bad_words_ids", id, "at least 0");
  }
}

std::vector<std::vector<GeneratedSequence>> generate(Decoder& decoder,
                                                     std::span<const std::vector<int64_t>> prompts,
                                                     const GenerationOptions& options,
                                                     std::span<const uint64_t> streams) {
  validate(options);
  if (!streams.empty() && streams.size() != prompts.size()) {
    throw UsageError(
        str("generate: ", streams.size(), " streams for ", prompts.size(), " prompts"));
  }
  for (std::size_t p = 0; p < prompts.size(); ++p) {
    const int64_t length = std::ssize(prompts[p]);
    if (length == 0) throw UsageError(str("generate: prompt ", p, " is empty"));
    if (length >= decoder.max_length()) {
      throw UsageError(str("generate: prompt ", p, " has ", length, " tokens, the decoder has ",
                           decoder.max_length(), " positions, and a new token needs one"));
    }
  }
  if (prompts.empty()) return {};

  const auto random = [&](std::size_t prompt, std::size_t place) {
    const uint64_t stream = streams.empty() ? prompt : streams[prompt];
    return base::Random(options.seed, stream + (uint64_t{place} << 48));
  };
  const auto room = [&](std::size_t prompt) {
    return std::min(options.max_new_tokens, decoder.max_length() - std::ssize(prompts[prompt]));
  };
  CheckedDecoder checked(decoder);
  Tensor logits = checked.prefill(prompts);
  if (options.num_beams > 1) {
    std::vector<BeamSearchStart> starts;
    for (std::size_t p = 0; p < prompts.size(); ++p) {
      starts.push_back({prompts[p], room(p), random(p, 0)});
    }
    return beam_search(checked, std::move(logits), starts, options);
  }
  std::vector<Open> open;
  for (std::size_t p = 0; p < prompts.size(); ++p) {
    for (std::size_t j = 0; j < static_cast<std::size_t>(options.num_return_sequences); ++j) {
      GeneratedSequence sequence;
      sequence.ids = prompts[p];
      sequence.prompt_length = std::ssize(prompts[p]);
      open.push_back({p, j, std::move(sequence), random(p, j), room(p)});
    }
  }
  return one_by_one(checked, std::move(logits), std::move(open), options);
}

}  // namespace nn
