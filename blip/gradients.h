// Gradients of a captioner, for those who want to look: of every parameter, of the picture, and the
// proof that they are right.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "blip/model.h"
#include "tensor/safetensors.h"  // TensorMap

namespace blip {

/// The gradient of the loss (its mean over the batch) of every parameter, under its checkpoint
/// name; zeros for one that the loss does not depend on. Parameters become f32 copies that want
/// gradients for the time of the call, and stay f32.
tensor::TensorMap gradients(Model& model, const tensor::Tensor& pixel_values,
                            const CaptionBatch& batch, const LossOptions& options);

/// What each word of a caption depends on: the gradient of log p(ids[t + 1] | ids[..t], picture)
/// with respect to the pixels, times the pixels (Simonyan et al., 2014; Shrikumar et al., 2017),
/// summed over the channels and, without sign, over each patch: f32 [tokens - 1, height/P *
/// width/P]. pixel_values [1, 3, height, width]. Cross-attention answers another question, namely
/// where the decoder looked (blip/inspect.h); what it found there, it may have ignored.
tensor::Tensor saliency(const Model& model, const tensor::Tensor& pixel_values,
                        std::span<const int64_t> ids);

/// The gradient of one module's own parameters, and what central differences say of a few elements.
struct GradientCheck {
  std::string module;
  int64_t parameters = 0;
  double norm = 0;  ///< of the gradient of all its parameters
  /// The elements looked at (those of largest gradient): norms over them of the gradient, of
  /// (loss(w + h) - loss(w - h)) / 2h, and of the difference between both.
  int64_t elements = 0;
  double gradient = 0, differences = 0, error = 0;
};

/// Checks every module that owns parameters, in the order of the model, and reports each when it is
/// done. Takes four forward passes an element (differences at h and 2h, extrapolated: Richardson,
/// 1911); those of the text decoder do not encode the pictures again.
void check_gradients(Model& model, const tensor::Tensor& pixel_values, const CaptionBatch& batch,
                     const LossOptions& options, int64_t elements,
                     const std::function<void(const GradientCheck&)>& report);

}  // namespace blip
