// BlipForConditionalGeneration: an image encoder and a text decoder that attends to its output, and
// the loss that training minimises.
#pragma once

#include <cstdint>
#include <vector>

#include "blip/config.h"
#include "blip/text_decoder.h"
#include "nn/vit.h"

namespace blip {

/// Captions of pictures, and which of their tokens are to be predicted.
struct CaptionBatch {
  TokenBlock tokens;
  tensor::Tensor of_row{};    ///< i32 [B]: the picture that a caption describes
  tensor::Tensor samples{};   ///< i32 [B]: the captions' numbers in the data, for dropout's masks;
                              ///< undefined: 0, 1, ...
  tensor::Tensor pictures{};  ///< i32 [pictures]: likewise
  tensor::Tensor predicting{};  ///< i32 [n]: places of the block whose next token counts
  tensor::Tensor labels{};      ///< i32 [n]: that next token
  tensor::Tensor weights{};     ///< f32 [n] of the loss's terms; undefined: 1/n each, the mean

  enum class Layout { ragged, padded };
  /// captions[r] holds [DEC], the caption and [SEP]; its first given[r] tokens ([DEC] and the
  /// prompt; at least 1, the default) are not predicted, all others are, each from those before it:
  /// the one shift there is. `of_row` defaults to a picture for each caption. Both layouts give the
  /// same loss; ragged rows cost nothing for padding. UsageError if no token is left to predict.
  static CaptionBatch of(const std::vector<std::vector<int64_t>>& captions,
                         const TextConfig& config, std::vector<int64_t> given = {},
                         std::vector<int64_t> of_row = {}, Layout layout = Layout::ragged);
  /// From padded arrays i64 [B, T] as transformers takes them: a mask of ones, then zeros; labels
  /// beside the ids (not shifted), -100 where they do not count.
  static CaptionBatch from_padded(const tensor::Tensor& input_ids,
                                  const tensor::Tensor& attention_mask,
                                  const tensor::Tensor& labels, const TextConfig& config);
};

struct LossOptions {
  /// e of (1 - e) nll + e smooth, see tensor/cross_entropy.h.
  float label_smoothing = 0;
};

/// A loss and what it is made of.
struct Loss {
  Var value;             ///< one number: the weighted sum over the predicted tokens
  tensor::Tensor nll{};  ///< f32 [n] of each: -log p(label), without smoothing
};

struct Model : nn::Module {
  explicit Model(const Config& config);
  void visit(nn::Visitor& visitor) override;

  /// Of pixels [pictures, 3, H, W] with captions. UsageError if no token is to be predicted.
  Loss loss(const Var& pixel_values, const CaptionBatch& batch, const LossOptions& options,
            const nn::Pass& pass = {}) const;
  /// The same from encoded pictures [pictures, image tokens, C] (a cached encoder's output).
  Loss loss_of_encoded(const Var& image_embeds, const CaptionBatch& batch,
                       const LossOptions& options, const nn::Pass& pass = {}) const;

  nn::VisionTransformer vision_model;
  TextDecoder text_decoder;
};

}  // namespace blip
