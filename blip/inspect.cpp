#include "blip/inspect.h"

#include <vector>

#include "base/error.h"
#include "tensor/cross_entropy.h"
#include "tensor/index.h"

namespace blip {
namespace {

using base::str;
using tensor::DType;
using tensor::Tensor;

/// The ids, but for padding.
Tensor default_labels(const Tensor& ids, const Tensor& mask) {
  Tensor result = Tensor::empty(ids.shape(), DType::i64);
  for (int64_t i = 0; i < ids.elements(); ++i) {
    result.data<int64_t>()[i] =
        mask.data<int64_t>()[i] == 0 ? tensor::kIgnoredLabel : ids.data<int64_t>()[i];
  }
  return result;
}

/// Rows 0 .. T-2 of logits [B, T, V] against labels 1 .. T-1: the one shift there is.
void add_losses(tensor::TensorMap& trace, float label_smoothing) {
  const Tensor &logits = trace["text.logits"], &labels = trace["text.labels"];
  const int64_t rows = logits.dim(0), length = logits.dim(1), vocabulary = logits.dim(2);
  Tensor all_nll = Tensor::zeros({rows, length - 1});
  double nll_sum = 0, smooth_sum = 0;
  int64_t counted = 0;
  for (int64_t b = 0; b < rows; ++b) {
    const Tensor of_row = logits.slice(b, b + 1).reshape({length, vocabulary}).slice(0, length - 1);
    const Tensor next = tensor::labels(
        "labels", labels.slice(b, b + 1).reshape({length}).slice(1, length).span<int64_t>(),
        vocabulary);
    Tensor nll = all_nll.slice(b, b + 1).reshape({length - 1}),
           smooth = Tensor::empty({length - 1});
    Tensor not_wanted;
    tensor::cross_entropy_forward(nll, smooth, not_wanted, of_row, next);
    for (int64_t t = 0; t + 1 < length; ++t) {
      if (next.data<int32_t>()[t] == tensor::kIgnoredLabel) continue;
      nll_sum += nll.data<float>()[t];
      smooth_sum += smooth.data<float>()[t];
      ++counted;
    }
  }
  const auto mean = [&](double sum) {
    return counted > 0 ? sum / static_cast<double>(counted) : 0;
  };
  const double nll = mean(nll_sum), smooth = mean(smooth_sum);
  trace["text.token_nll"] = all_nll;
  trace["text.nll"] = Tensor::from<float>({}, std::vector{static_cast<float>(nll)});
  trace["text.loss"] = Tensor::from<float>(
      {}, std::vector{static_cast<float>(nll + label_smoothing * (smooth - nll))});
}

}  // namespace

tensor::TensorMap intermediates(const Captioner& captioner, const Inputs& inputs) {
  const Model& model = captioner.model();
  tensor::TensorMap trace;
  trace["pixel_values"] = inputs.pixel_values;
  const nn::Pass pass{.trace = &trace};
  const Var image_embeds = model.vision_model(Var(inputs.pixel_values), pass);
  if (!inputs.input_ids.defined()) return trace;

  const TextConfig& config = model.text_decoder.config;
  const Tensor& ids = inputs.input_ids;
  if (ids.rank() != 2 || ids.dim(0) != image_embeds.dim(0) || ids.dim(1) < 1) {
    throw base::ShapeError(str("inspect: input_ids is ", ids.shape().str(), ", expected [",
                               image_embeds.dim(0), ", T] for as many pictures"));
  }
  const int64_t rows = ids.dim(0), length = ids.dim(1);
  Tensor mask = inputs.attention_mask, labels = inputs.labels;
  if (!mask.defined()) {
    mask = Tensor::from({rows, length},
                        std::vector<int64_t>(static_cast<std::size_t>(rows * length), 1));
  }
  const CaptionBatch batch = CaptionBatch::from_padded(
      ids, mask, labels.defined() ? labels : default_labels(ids, mask), config);
  if (!labels.defined()) labels = default_labels(ids, mask);

  const SourceMemory source = model.text_decoder.bert.memory(image_embeds, batch.of_row);
  const Var hidden = model.text_decoder.bert(BertPass{pass, batch.tokens, &source});
  trace["text.input_ids"] = ids;
  trace["text.attention_mask"] = mask;
  trace["text.labels"] = labels;
  trace["text.logits"] =
      model.text_decoder.logits(hidden).value.reshape({rows, length, config.vocab_size});
  add_losses(trace, captioner.config().label_smoothing);
  return trace;
}

Tensor caption_attention(const Captioner& captioner, const Tensor& pixel_values,
                         std::span<const int64_t> ids) {
  const auto tokens = static_cast<int64_t>(ids.size());
  const tensor::TensorMap trace =
      intermediates(captioner, {.pixel_values = pixel_values,
                                .input_ids = Tensor::from({1, tokens}, ids),
                                .attention_mask = {},
                                .labels = {}});
  const int64_t layers = captioner.config().text.num_hidden_layers,
                heads = captioner.config().text.num_attention_heads;
  Tensor mean;
  for (int64_t layer = 0; layer < layers; ++layer) {
    const Tensor& weights = trace.at(str("text.cross_attention.", layer));  // [1, H, T, tokens]
    if (!mean.defined()) mean = Tensor::zeros({tokens, weights.dim(3)});
    for (int64_t i = 0; i < weights.elements(); ++i) {
      mean.data<float>()[i % mean.elements()] +=
          weights.data<float>()[i] / static_cast<float>(layers * heads);
    }
  }
  return mean;
}

}  // namespace blip
