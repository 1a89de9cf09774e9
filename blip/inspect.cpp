#include "blip/inspect.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "tensor/cross_entropy.h"
#include "tensor/index.h"  // indices, labels

namespace blip {
namespace {

using base::str;
using base::UsageError;
using tensor::DType;
using tensor::Tensor;

/// How many tokens each row of a mask [B, T] has; they must be its first.
std::vector<int32_t> lengths_of(const Tensor& mask) {
  std::vector<int32_t> lengths;
  const int64_t length = mask.dim(1);
  for (int64_t b = 0; b < mask.dim(0); ++b) {
    const int64_t* row = mask.data<int64_t>() + b * length;
    const int64_t* end = std::find(row, row + length, 0);
    const bool right_padded = std::all_of(row, end, [](int64_t m) { return m == 1; }) &&
                              std::all_of(end, row + length, [](int64_t m) { return m == 0; });
    if (!right_padded || end == row) {
      throw UsageError(
          str("attention_mask row ", b, ": expected ones, then zeros, at least one 1"));
    }
    lengths.push_back(static_cast<int32_t>(end - row));
  }
  return lengths;
}

Tensor default_labels(const Tensor& ids, const std::vector<int32_t>& lengths) {
  Tensor labels = Tensor::empty(ids.shape(), DType::i64);
  const int64_t length = ids.dim(1);
  for (int64_t i = 0; i < ids.elements(); ++i) {
    const bool padding = i % length >= lengths[static_cast<std::size_t>(i / length)];
    labels.data<int64_t>()[i] = padding ? tensor::kIgnoredLabel : ids.data<int64_t>()[i];
  }
  return labels;
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
    const Tensor next =
        tensor::labels("labels", labels.slice(b, b + 1).span<int64_t>().subspan(1), vocabulary);
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
  const Var image_embeds = model.vision_model(inputs.pixel_values, &trace);
  if (!inputs.input_ids.defined()) return trace;

  constexpr const char* kWhat = "inspect";
  tensor::expect_dtype(kWhat, "input_ids", inputs.input_ids, DType::i64);
  if (inputs.input_ids.rank() != 2 || inputs.input_ids.dim(0) != image_embeds.dim(0) ||
      inputs.input_ids.dim(1) < 1) {
    throw base::ShapeError(str("inspect: input_ids is ", inputs.input_ids.shape().str(),
                               ", expected [", image_embeds.dim(0), ", T] for as many pictures"));
  }
  const int64_t rows = inputs.input_ids.dim(0), length = inputs.input_ids.dim(1);
  if (length > model.text_decoder.config.max_position_embeddings) {
    throw UsageError(str("inspect: a text has ", length, " tokens, the model ",
                         model.text_decoder.config.max_position_embeddings, " positions"));
  }
  Tensor mask = inputs.attention_mask;
  if (!mask.defined()) {
    mask = Tensor::from({rows, length},
                        std::vector<int64_t>(static_cast<std::size_t>(rows * length), 1));
  }
  tensor::expect_dtype(kWhat, "attention_mask", mask, DType::i64);
  tensor::expect_shape(kWhat, "attention_mask", mask, inputs.input_ids.shape());
  const std::vector<int32_t> lengths = lengths_of(mask), starts(lengths.size(), 0);
  std::vector<int32_t> pictures(lengths.size());
  std::iota(pictures.begin(), pictures.end(), 0);

  const std::vector<ImageMemory> image = model.text_decoder.image_memory(image_embeds);
  const Tensor ids = tensor::indices("input_ids", inputs.input_ids.span<int64_t>(),
                                     model.text_decoder.config.vocab_size, {rows, length});
  const Var hidden = model.text_decoder.hidden(ids, {.starts = starts,
                                                     .lengths = lengths,
                                                     .pictures = pictures,
                                                     .image = image,
                                                     .cache = nullptr,
                                                     .trace = &trace});
  trace["text.input_ids"] = inputs.input_ids;
  trace["text.attention_mask"] = mask;
  trace["text.labels"] =
      inputs.labels.defined() ? inputs.labels : default_labels(inputs.input_ids, lengths);
  tensor::expect_dtype(kWhat, "labels", trace["text.labels"], DType::i64);
  tensor::expect_shape(kWhat, "labels", trace["text.labels"], inputs.input_ids.shape());
  trace["text.logits"] = model.text_decoder.logits(hidden).value;
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
