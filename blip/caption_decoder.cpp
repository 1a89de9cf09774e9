#include "blip/caption_decoder.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "tensor/copy.h"   // gather_rows_forward
#include "tensor/index.h"  // indices

namespace blip {

using base::str;
using tensor::Tensor;

CaptionDecoder::CaptionDecoder(const TextDecoder& model, const Var& image_embeds,
                               int64_t max_new_tokens)
    : model_(model),
      max_new_tokens_(max_new_tokens),
      source_(model.bert.memory(image_embeds, Tensor())) {}

Tensor CaptionDecoder::prefill(std::span<const std::vector<int64_t>> prompts) {
  const auto rows = static_cast<int64_t>(prompts.size());
  const int64_t pictures = source_.layers.front().keys.dim(0);
  if (rows != pictures) {
    throw base::UsageError(str("prefill: ", rows, " prompts for ", pictures, " pictures"));
  }
  lengths_.clear();
  for (const std::vector<int64_t>& prompt : prompts) {
    const auto length = static_cast<int64_t>(prompt.size());
    if (length < 1 || length > max_length()) {
      throw base::UsageError(str("a prompt has ", length, " tokens, expected 1 to ", max_length()));
    }
    lengths_.push_back(static_cast<int32_t>(length));
  }
  pictures_.resize(prompts.size());
  std::iota(pictures_.begin(), pictures_.end(), 0);

  // Shorter prompts are padded on the right; what is computed there is never read.
  TokenBlock tokens =
      TokenBlock::padded(std::vector(prompts.begin(), prompts.end()), model_.config);
  tokens.starts = Tensor::zeros({rows}, tensor::DType::i32);
  cache_.layers.clear();
  const int64_t capacity = std::min(tokens.longest + max_new_tokens_, max_length());
  for (std::size_t i = 0; i < model_.bert.layers.size(); ++i) {
    cache_.layers.emplace_back(rows, capacity, model_.config.hidden_size);
  }
  std::vector<int32_t> last;  // place that holds each prompt's last token
  for (int64_t r = 0; r < rows; ++r) {
    last.push_back(static_cast<int32_t>(r * tokens.longest) +
                   lengths_[static_cast<std::size_t>(r)] - 1);
  }
  const Var hidden = advance(tokens);
  Tensor ends = Tensor::empty({rows, hidden.dim(1)});
  tensor::gather_rows_forward(ends, hidden.value,
                              tensor::indices("last tokens", last, hidden.dim(0)));
  return model_.logits(Var(ends)).value;
}

Tensor CaptionDecoder::step(std::span<const int64_t> ids, std::span<const int32_t> parents) {
  const std::vector<int32_t> old_lengths = lengths_, old_pictures = pictures_;
  bool same_rows = parents.size() == old_lengths.size();
  for (std::size_t r = 0; r < parents.size(); ++r) {
    same_rows = same_rows && parents[r] == static_cast<int32_t>(r);
  }
  if (!same_rows) {
    const Tensor from =
        tensor::indices("parents", parents, static_cast<int64_t>(old_lengths.size()));
    for (nn::KeyValueCache& cache : cache_.layers) cache.reorder(from);
    lengths_.clear();
    pictures_.clear();
    for (const int32_t parent : parents) {
      lengths_.push_back(old_lengths[static_cast<std::size_t>(parent)]);
      pictures_.push_back(old_pictures[static_cast<std::size_t>(parent)]);
    }
  }
  const auto rows = static_cast<int64_t>(ids.size());
  const int64_t capacity = cache_.layers.front().capacity();
  const std::vector<int32_t> starts = lengths_;
  for (int32_t& length : lengths_) {
    if (++length > capacity) {
      throw base::UsageError(
          str("step: token ", length, " of a row, memory is laid out for ", capacity));
    }
  }
  const Tensor positions = tensor::indices("positions", starts, max_length());
  const Var hidden = advance({.rows = rows,
                              .longest = 1,
                              .ids = tensor::indices("token ids", ids, model_.config.vocab_size),
                              .positions = positions,
                              .offsets = {},
                              .lengths = tensor::indices("lengths", lengths_, capacity + 1),
                              .starts = positions});
  return model_.logits(hidden).value;
}

Var CaptionDecoder::advance(const TokenBlock& tokens) {
  const int64_t capacity = cache_.layers.front().capacity();
  std::vector<int64_t> places;
  for (int64_t r = 0; r < tokens.rows; ++r) {
    for (int64_t t = 0; t < tokens.longest; ++t) {
      places.push_back(r * capacity + tokens.starts.span<int32_t>()[static_cast<std::size_t>(r)] +
                       t);
    }
  }
  cache_.places = tensor::indices("cache places", places, tokens.rows * capacity);
  source_.of_row = tensor::indices("pictures", pictures_, source_.layers.front().keys.dim(0));
  return model_.bert(BertPass{{}, tokens, &source_, &cache_});
}

}  // namespace blip
