// The text model as nn::search sees it: rows that grow by a token at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "blip/text_model.h"
#include "nn/search.h"

namespace blip {

/// Decodes captions of encoded pictures. Prompt r belongs to picture r; rows that descend from it
/// (beams) share the picture's keys and values.
class CaptionDecoder : public nn::Decoder {
 public:
  /// image_embeds [pictures, image tokens, encoder width]. Memory is laid out for prompts followed
  /// by at most `max_new_tokens`.
  CaptionDecoder(const TextModel& model, const Var& image_embeds, int64_t max_new_tokens);

  tensor::Tensor prefill(std::span<const std::vector<int64_t>> prompts) override;
  tensor::Tensor step(std::span<const int64_t> ids, std::span<const int32_t> parents) override;
  int64_t max_length() const override { return model_.config.max_position_embeddings; }

 private:
  const TextModel& model_;
  int64_t max_new_tokens_;
  std::vector<ImageMemory> image_;
  std::vector<nn::KeyValueCache> cache_;  // of each layer
  std::vector<int32_t> lengths_;          // of each row: tokens in the cache
  std::vector<int32_t> pictures_;         // of each row
};

}  // namespace blip
