// The numbers inside a forward pass, for those who want to look.
#pragma once

#include <span>

#include "blip/captioner.h"
#include "tensor/tensor.h"

namespace blip {

/// A padded batch of pictures with texts.
struct Inputs {
  tensor::Tensor pixel_values{};    ///< [B, 3, height, width]
  tensor::Tensor input_ids{};       ///< i64 [B, T]; undefined: pictures alone
  tensor::Tensor attention_mask{};  ///< i64 [B, T], 1 for a token, 0 for padding (on the right)
  tensor::Tensor labels{};  ///< i64 [B, T], -100 does not count; undefined: the ids, no padding
};

/// Every intermediate of a teacher-forced pass: `pixel_values`, `vision.hidden.N`,
/// `vision.attention.N`, `vision.last_hidden_state`; with texts also `text.input_ids`,
/// `text.attention_mask`, `text.labels`, `text.hidden.N`, `text.attention.N`,
/// `text.cross_attention.N`, `text.logits` [B, T, V], `text.token_nll` [B, T-1] (token t's logits
/// against label t+1), `text.nll` their mean, and `text.loss`: the mean with the config's label
/// smoothing.
tensor::TensorMap intermediates(const Captioner& captioner, const Inputs& inputs);

/// Where each token of a caption looked: cross-attention [tokens, image tokens], averaged over
/// heads and layers; row i belongs to the step that reads ids[i] and so predicts ids[i + 1]. Column
/// 0 is the class token. pixel_values [1, 3, height, width].
tensor::Tensor caption_attention(const Captioner& captioner, const tensor::Tensor& pixel_values,
                                 std::span<const int64_t> ids);

}  // namespace blip
