// The text decoder as nn::search sees it: rows that grow by a token at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "blip/text_decoder.h"
#include "nn/search.h"

namespace blip {

/// Decodes captions of encoded pictures. Prompt r belongs to picture r; rows that descend from it
/// (beams) share the picture's keys and values.
class CaptionDecoder : public nn::Decoder {
 public:
  /// image_embeds [pictures, image tokens, encoder width]. Memory is laid out for prompts followed
  /// by at most `max_new_tokens`.
  CaptionDecoder(const TextDecoder& model, const Var& image_embeds, int64_t max_new_tokens);

  tensor::Tensor prefill(std::span<const std::vector<int64_t>> prompts,
                         const tensor::Tensor& prefix) override;
  tensor::Tensor step(std::span<const int64_t> ids, std::span<const int32_t> parents) override;
  int64_t max_length() const override { return model_.config.max_position_embeddings; }

 private:
  /// The block of tokens that prompts behind a prefix are.
  TokenBlock prompt_tokens(std::span<const std::vector<int64_t>> prompts,
                           const tensor::Tensor& prefix) const;
  int64_t num_pictures() const { return source_.layers.front().keys.dim(0); }
  int64_t capacity() const { return cache_.table.dim(1); }
  /// New row r is old row parents[r]: a matter of numbers, keys and values stay where they are.
  void reorder(std::span<const int32_t> parents);
  void set_pictures(std::vector<int32_t> pictures);

  const TextDecoder& model_;
  int64_t max_new_tokens_;
  SourceMemory source_;
  TextCache cache_;
  std::vector<int32_t> lengths_;   // of each row: tokens in the cache
  std::vector<int32_t> pictures_;  // of each row
};

}  // namespace blip
