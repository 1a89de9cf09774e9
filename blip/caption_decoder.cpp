#include "blip/caption_decoder.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "tensor/copy.h"   // gather_rows_forward
#include "tensor/index.h"  // indices

namespace blip {

using base::str;
using tensor::DType;
using tensor::Tensor;

CaptionDecoder::CaptionDecoder(const TextDecoder& model, const Var& image_embeds,
                               int64_t max_new_tokens)
    : model_(model),
      max_new_tokens_(max_new_tokens),
      source_(model.bert.memory(image_embeds, Tensor())) {}

TokenBlock CaptionDecoder::prompt_tokens(std::span<const std::vector<int64_t>> prompts,
                                         const Tensor& prefix) const {
  std::vector<std::vector<int64_t>> rows(prompts.begin(), prompts.end());
  if (!prefix.defined()) return TokenBlock::padded(rows, model_.config);
  tensor::expect_f32("prefill", "prefix", prefix,
                     {std::ssize(prompts), prefix.dim(1), model_.config.hidden_size});
  // Each embedding takes the place of some token.
  const auto length = static_cast<std::size_t>(prefix.dim(1));
  for (std::vector<int64_t>& row : rows) {
    row.insert(row.begin(), length, model_.config.pad_token_id);
  }
  TokenBlock tokens = TokenBlock::padded(rows, model_.config);
  std::vector<int64_t> places;
  for (int64_t r = 0; r < tokens.rows; ++r) {
    for (int64_t t = 0; t < prefix.dim(1); ++t) places.push_back(r * tokens.longest + t);
  }
  tokens.words = model_.bert.embeddings.word_embeddings(tokens.ids);
  tensor::scatter_rows_forward(tokens.words.value,
                               prefix.reshape({std::ssize(places), prefix.dim(2)}),
                               tensor::indices("places", places, tokens.words.dim(0)));
  return tokens;
}

Tensor CaptionDecoder::prefill(std::span<const std::vector<int64_t>> prompts,
                               const Tensor& prefix) {
  const auto rows = static_cast<int64_t>(prompts.size());
  if (rows != num_pictures()) {
    throw base::UsageError(str("prefill: ", rows, " prompts for ", num_pictures(), " pictures"));
  }
  std::vector<int32_t> of_row(prompts.size());
  std::iota(of_row.begin(), of_row.end(), 0);
  set_pictures(std::move(of_row));

  // Shorter prompts are padded on the right; what is computed there is never read.
  TokenBlock tokens = prompt_tokens(prompts, prefix);
  tokens.starts = Tensor::zeros({rows}, DType::i32);
  const std::span<const int32_t> lengths = tokens.lengths.span<int32_t>();
  lengths_.assign(lengths.begin(), lengths.end());
  const int64_t most = std::min(tokens.longest + max_new_tokens_, max_length());
  cache_.layers.clear();
  for (std::size_t i = 0; i < model_.bert.layers.size(); ++i) {
    cache_.layers.emplace_back(rows * most, model_.config.hidden_size);
  }
  cache_.table = Tensor::empty({rows, most}, DType::i32);
  std::vector<int32_t> last;  // place that holds each prompt's last token
  for (int64_t r = 0; r < rows; ++r) {
    const auto first = static_cast<int32_t>(r * tokens.longest);
    int32_t* const places = cache_.table.data<int32_t>() + r * most;
    std::iota(places, places + tokens.longest, first);
    last.push_back(first + lengths_[static_cast<std::size_t>(r)] - 1);
  }
  const Var hidden = model_.bert(BertPass{{}, tokens, &source_, &cache_});
  Tensor ends = Tensor::empty({rows, hidden.dim(1)});
  tensor::gather_rows_forward(ends, hidden.value,
                              tensor::indices("last tokens", last, hidden.dim(0)));
  return model_.logits(Var(ends)).value;
}

Tensor CaptionDecoder::step(std::span<const int64_t> ids, std::span<const int32_t> parents) {
  bool same_rows = parents.size() == lengths_.size();
  for (std::size_t r = 0; r < parents.size(); ++r) {
    same_rows = same_rows && parents[r] == static_cast<int32_t>(r);
  }
  if (!same_rows) reorder(parents);

  const auto rows = static_cast<int64_t>(ids.size());
  int64_t steps_left = 0;  // of the shortest row
  for (const int32_t length : lengths_) steps_left = std::max(steps_left, capacity() - length);
  for (nn::KeyValueCache& layer : cache_.layers) layer.reserve(rows * steps_left);
  const Tensor positions = tensor::indices("positions", lengths_, max_length());
  int32_t* places = cache_.table.data<int32_t>();
  auto place = static_cast<int32_t>(cache_.layers.front().size());
  for (int32_t& length : lengths_) {
    if (length == capacity()) {
      throw base::UsageError(
          str("step: token ", length + 1, " of a row, memory is laid out for ", capacity()));
    }
    places[length++] = place++;
    places += capacity();
  }
  const TokenBlock tokens{.rows = rows,
                          .longest = 1,
                          .ids = tensor::indices("token ids", ids, model_.config.vocab_size),
                          .positions = positions,
                          .offsets = {},
                          .lengths = tensor::indices("lengths", lengths_, capacity() + 1),
                          .starts = positions};
  return model_.logits(model_.bert(BertPass{{}, tokens, &source_, &cache_})).value;
}

void CaptionDecoder::reorder(std::span<const int32_t> parents) {
  const auto old_rows = static_cast<int64_t>(lengths_.size());
  Tensor table = Tensor::empty({std::ssize(parents), capacity()}, DType::i32);
  tensor::gather_rows_forward(table, cache_.table, tensor::indices("parents", parents, old_rows));
  cache_.table = table;
  std::vector<int32_t> lengths, pictures;
  for (const int32_t parent : parents) {
    lengths.push_back(lengths_[static_cast<std::size_t>(parent)]);
    pictures.push_back(pictures_[static_cast<std::size_t>(parent)]);
  }
  lengths_ = std::move(lengths);
  set_pictures(std::move(pictures));
}

void CaptionDecoder::set_pictures(std::vector<int32_t> pictures) {
  pictures_ = std::move(pictures);
  source_.of_row = tensor::indices("pictures", pictures_, num_pictures());
}

}  // namespace blip
