#include "blip/caption_decoder.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "tensor/copy.h"   // gather_rows_forward
#include "tensor/index.h"  // indices

namespace blip {

using base::str;
using tensor::Tensor;

CaptionDecoder::CaptionDecoder(const TextModel& model, const Var& image_embeds,
                               int64_t max_new_tokens)
    : model_(model), max_new_tokens_(max_new_tokens), image_(model.image_memory(image_embeds)) {}

Tensor CaptionDecoder::prefill(std::span<const std::vector<int64_t>> prompts) {
  const auto rows = static_cast<int64_t>(prompts.size());
  if (rows != image_.front().keys.dim(0)) {
    throw base::UsageError(
        str("prefill: ", rows, " prompts for ", image_.front().keys.dim(0), " pictures"));
  }
  int64_t longest = 0;
  lengths_.clear();
  for (const std::vector<int64_t>& prompt : prompts) {
    const auto length = static_cast<int64_t>(prompt.size());
    if (length < 1 || length > max_length()) {
      throw base::UsageError(str("a prompt has ", length, " tokens, expected 1 to ", max_length()));
    }
    longest = std::max(longest, length);
    lengths_.push_back(static_cast<int32_t>(length));
  }
  pictures_.resize(prompts.size());
  std::iota(pictures_.begin(), pictures_.end(), 0);
  cache_.clear();
  const int64_t capacity = std::min(longest + max_new_tokens_, max_length());
  for (std::size_t i = 0; i < model_.layers.size(); ++i) {
    cache_.emplace_back(rows, capacity, model_.config.hidden_size);
  }

  // Shorter prompts are padded on the right; what is computed there is never read.
  std::vector<int64_t> ids(static_cast<std::size_t>(rows * longest), 0);
  std::vector<int32_t> last;  // row of [rows * longest] that holds each prompt's last token
  for (int64_t r = 0; r < rows; ++r) {
    const std::vector<int64_t>& prompt = prompts[static_cast<std::size_t>(r)];
    std::copy(prompt.begin(), prompt.end(), ids.begin() + r * longest);
    last.push_back(static_cast<int32_t>(r * longest + static_cast<int64_t>(prompt.size()) - 1));
  }
  const std::vector<int32_t> starts(prompts.size(), 0);
  const int64_t vocabulary = model_.config.vocab_size;
  const Var hidden = model_.hidden(tensor::indices("token id", ids, vocabulary, {rows, longest}),
                                   {.starts = starts,
                                    .lengths = lengths_,
                                    .pictures = pictures_,
                                    .image = image_,
                                    .cache = &cache_});
  const int64_t channels = hidden.dim(2);
  Tensor ends = Tensor::empty({rows, channels});
  tensor::gather_rows_forward(ends, hidden.value.reshape({rows * longest, channels}),
                              tensor::indices("last token", last, rows * longest));
  return model_.logits(ends).value;
}

Tensor CaptionDecoder::step(std::span<const int64_t> ids, std::span<const int32_t> parents) {
  const std::vector<int32_t> old_lengths = lengths_, old_pictures = pictures_;
  bool same_rows = parents.size() == old_lengths.size();
  for (std::size_t r = 0; r < parents.size(); ++r) {
    same_rows = same_rows && parents[r] == static_cast<int32_t>(r);
  }
  if (!same_rows) {
    for (nn::KeyValueCache& cache : cache_) cache.reorder(parents);
    lengths_.clear();
    pictures_.clear();
    for (const int32_t parent : parents) {
      lengths_.push_back(old_lengths[static_cast<std::size_t>(parent)]);
      pictures_.push_back(old_pictures[static_cast<std::size_t>(parent)]);
    }
  }
  const std::vector<int32_t> starts = lengths_;
  for (int32_t& length : lengths_) {
    if (++length > cache_.front().capacity()) {
      throw base::UsageError(str("step: token ", length, " of a row, memory is laid out for ",
                                 cache_.front().capacity()));
    }
  }
  const auto rows = static_cast<int64_t>(ids.size());
  const Var hidden = model_.hidden(
      tensor::indices("token id", ids, model_.config.vocab_size, {rows, 1}), {.starts = starts,
                                                                              .lengths = lengths_,
                                                                              .pictures = pictures_,
                                                                              .image = image_,
                                                                              .cache = &cache_});
  return model_.logits(hidden.reshape({rows, hidden.dim(2)})).value;
}

}  // namespace blip
