#include "nn/search.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "base/random.h"
#include "nn/beam_search.h"
#include "nn/logits_processors.h"
#include "tensor/copy.h"     // gather_rows_forward
#include "tensor/index.h"    // indices
#include "tensor/sample.h"   // find_invalid, best_tokens, draw_tokens
#include "tensor/softmax.h"  // log_softmax_forward

namespace nn {

using base::str;
using base::UsageError;
using tensor::Device;
using tensor::DType;
using tensor::Tensor;

namespace {

void expect(bool holds, const char* option, const auto& found, const char* expected) {
  if (!holds) throw UsageError(str("generate: ", option, " is ", found, ", expected ", expected));
}

/// A prompt of tokens behind a prefix, which leaves room for a new token.
void expect_prompt(std::size_t p, std::span<const int64_t> ids, int64_t prefix_length,
                   int64_t max_length) {
  const int64_t length = prefix_length + std::ssize(ids);
  if (length == 0) throw UsageError(str("generate: prompt ", p, " is empty"));
  for (const int64_t id : ids) {
    if (id < 0 || id > INT32_MAX) {
      throw UsageError(str("generate: prompt ", p, " holds ", id, ", which is no token"));
    }
  }
  if (length >= max_length) {
    throw UsageError(str("generate: prompt ", p, " has ", length,
                         prefix_length > 0 ? " embeddings and tokens" : " tokens",
                         ", the decoder has ", max_length,
                         " positions, and a new token needs one"));
  }
}

/// A decoder whose answers are checked: their shape, and that a softmax of them makes sense.
class CheckedDecoder : public Decoder {
 public:
  explicit CheckedDecoder(Decoder& decoder) : decoder_(decoder) {}

  Tensor prefill(std::span<const std::vector<int64_t>> prompts, const Tensor& prefix) override {
    prompt_of_row_.resize(prompts.size());
    std::iota(prompt_of_row_.begin(), prompt_of_row_.end(), std::size_t{0});
    return checked(decoder_.prefill(prompts, prefix));
  }
  Tensor step(std::span<const int64_t> ids, std::span<const int32_t> parents) override {
    prompt_of_parent_.swap(prompt_of_row_);
    prompt_of_row_.clear();
    for (const int32_t parent : parents) {
      prompt_of_row_.push_back(prompt_of_parent_[static_cast<std::size_t>(parent)]);
    }
    ++step_;
    return checked(decoder_.step(ids, parents));
  }
  int64_t max_length() const override { return decoder_.max_length(); }

 private:
  Tensor checked(Tensor logits) {
    const auto rows = static_cast<int64_t>(prompt_of_row_.size());
    if (vocabulary_ == 0 && logits.rank() == 2) vocabulary_ = logits.dim(1);
    tensor::expect_f32("generate", "logits", logits, {rows, vocabulary_});
    Tensor invalid = logits.empty_like({rows}, DType::i32);
    tensor::find_invalid(invalid, logits);
    invalid = invalid.to(Device::cpu());
    for (int64_t row = 0; row < rows; ++row) {
      const int32_t token = invalid.data<int32_t>()[row];
      if (token == vocabulary_) throw base::Error(str(place(row), "no logit is finite"));
      if (token >= 0) {
        const Tensor values = logits.slice(row, row + 1).to(Device::cpu());
        throw base::Error(str(place(row), "the logit of token ", token, " is ",
                              values.data<float>()[token], ", expected a number"));
      }
    }
    return logits;
  }

  std::string place(int64_t row) const {
    return str("generate: step ", step_, ", prompt ", prompt_of_row_[static_cast<std::size_t>(row)],
               ": ");
  }

  Decoder& decoder_;
  std::vector<std::size_t> prompt_of_row_, prompt_of_parent_;
  int64_t vocabulary_ = 0;
  int64_t step_ = 0;
};

/// A sequence that greedy decoding or sampling has not ended.
struct Open {
  GeneratedSequence* sequence;
  std::size_t prompt;
  int32_t row;  // of the decoder
  base::Random random;
  int64_t max_new_tokens;

  bool ended() const {
    return sequence->finished || std::ssize(sequence->token_logprobs) == max_new_tokens;
  }
};

/// Each row of logits `times` times.
Tensor repeated(const Tensor& logits, int64_t times) {
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < logits.dim(0) * times; ++i) rows.push_back(i / times);
  Tensor result = logits.empty_like({std::ssize(rows), logits.dim(1)});
  tensor::gather_rows_forward(result, logits, tensor::indices("rows", rows, logits.dim(0)));
  return result;
}

/// The best token of each sequence, whose row this is; UsageError if the options banned them all.
Tensor best_tokens(const Tensor& scores, std::span<const Open> open) {
  Tensor best = scores.empty_like({scores.dim(0)}, DType::i32);
  tensor::best_tokens(best, scores);
  const Tensor found = best.to(Device::cpu());
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (found.span<int32_t>()[i] >= 0) continue;
    throw UsageError(str("generate: step ", open[i].sequence->token_logprobs.size(), ", prompt ",
                         open[i].prompt, ": the options ban every token"));
  }
  return best;
}

/// A token of each sequence, drawn with the probabilities in its row.
Tensor draw_tokens(const Tensor& log_probs, std::span<Open> open) {
  Tensor uniform = Tensor::empty({std::ssize(open)}, DType::f64);
  double* number = uniform.data<double>();
  for (Open& one : open) *number++ = one.random.uniform();
  Tensor tokens = log_probs.empty_like(uniform.shape(), DType::i32);
  tensor::draw_tokens(tokens, log_probs, uniform.to(log_probs.device()));
  return tokens;
}

/// The log-probability of each row's token.
Tensor log_probs_of(const Tensor& tokens, const Tensor& log_probs) {
  Tensor chosen = log_probs.empty_like(tokens.shape());
  tensor::token_scores(chosen, log_probs, tokens);
  return chosen;
}

/// Greedy decoding, and sampling without beams, of sequences that each have a row of logits.
void one_by_one(Decoder& decoder, Tensor logits, std::vector<Open> open,
                const GenerationOptions& options) {
  const LogitsProcessors processors(options);
  std::vector<const GeneratedSequence*> rows;
  std::vector<int64_t> ids;
  std::vector<int32_t> parents;
  while (true) {
    rows.clear();
    for (const Open& one : open) rows.push_back(one.sequence);
    processors.process(logits, rows);
    if (options.do_sample) processors.warp(logits);
    // Before the softmax, which may round two scores to one.
    Tensor tokens = best_tokens(logits, open);
    tensor::log_softmax_forward(logits, logits);
    if (options.do_sample) tokens = draw_tokens(logits, open);
    const Tensor log_probs = log_probs_of(tokens, logits).to(Device::cpu());
    tokens = tokens.to(Device::cpu());

    for (std::size_t i = 0; i < open.size(); ++i) {
      GeneratedSequence& sequence = *open[i].sequence;
      sequence.ids.push_back(tokens.span<int32_t>()[i]);
      sequence.token_logprobs.push_back(log_probs.span<float>()[i]);
      sequence.score += double{sequence.token_logprobs.back()};
      sequence.finished = sequence.ids.back() == options.eos_token_id;
    }
    std::erase_if(open, [](const Open& one) { return one.ended(); });
    if (open.empty()) return;

    ids.clear();
    parents.clear();
    for (Open& one : open) {
      ids.push_back(one.sequence->ids.back());
      parents.push_back(std::exchange(one.row, static_cast<int32_t>(parents.size())));
    }
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
                                                     std::span<const uint64_t> streams,
                                                     const Tensor& prefix) {
  validate(options);
  if (!streams.empty() && streams.size() != prompts.size()) {
    throw UsageError(
        str("generate: ", streams.size(), " streams for ", prompts.size(), " prompts"));
  }
  if (prefix.defined() && (prefix.rank() != 3 || prefix.dim(0) != std::ssize(prompts))) {
    throw base::ShapeError(str("generate: prefix is ", prefix.shape().str(), ", expected [",
                               prompts.size(), ", any, C] for as many prompts"));
  }
  const int64_t prefix_length = prefix.defined() ? prefix.dim(1) : 0;
  for (std::size_t p = 0; p < prompts.size(); ++p) {
    expect_prompt(p, prompts[p], prefix_length, decoder.max_length());
  }
  if (prompts.empty()) return {};

  const auto random = [&](std::size_t prompt, std::size_t place) {
    const uint64_t stream = streams.empty() ? prompt : streams[prompt];
    return base::Random(options.seed, stream + (uint64_t{place} << 48));
  };
  const auto room = [&](std::size_t prompt) {
    const int64_t length = prefix_length + std::ssize(prompts[prompt]);
    return std::min(options.max_new_tokens, decoder.max_length() - length);
  };
  CheckedDecoder checked(decoder);
  Tensor logits = checked.prefill(prompts, prefix);
  if (options.num_beams > 1) {
    std::vector<BeamSearchStart> starts;
    for (std::size_t p = 0; p < prompts.size(); ++p) {
      starts.push_back({prompts[p], room(p), random(p, 0)});
    }
    return beam_search(checked, std::move(logits), starts, options);
  }
  const auto samples = static_cast<std::size_t>(options.num_return_sequences);
  std::vector results(prompts.size(), std::vector<GeneratedSequence>(samples));
  std::vector<Open> open;
  for (std::size_t p = 0; p < prompts.size(); ++p) {
    for (std::size_t j = 0; j < samples; ++j) {
      GeneratedSequence& sequence = results[p][j];
      // Room for all that may come: the loop asks the system for no memory.
      sequence.ids.reserve(prompts[p].size() + static_cast<std::size_t>(room(p)));
      sequence.token_logprobs.reserve(static_cast<std::size_t>(room(p)));
      sequence.ids = prompts[p];
      sequence.prompt_length = std::ssize(prompts[p]);
      open.push_back({&sequence, p, static_cast<int32_t>(p), random(p, j), room(p)});
    }
  }
  if (samples > 1) logits = repeated(logits, options.num_return_sequences);
  one_by_one(checked, std::move(logits), std::move(open), options);
  return results;
}

}  // namespace nn
