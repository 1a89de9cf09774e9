#include "blip/model.h"

#include <algorithm>
#include <numeric>

#include "autograd/copy.h"           // gather_rows
#include "autograd/cross_entropy.h"  // cross_entropy
#include "base/error.h"
#include "tensor/index.h"

namespace blip {

using base::str;
using base::UsageError;
using tensor::DType;
using tensor::Tensor;

namespace {

/// How many tokens each row of a mask [B, T] has; they must be its first.
std::vector<std::size_t> lengths_of(const Tensor& mask) {
  std::vector<std::size_t> lengths;
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
    lengths.push_back(static_cast<std::size_t>(end - row));
  }
  return lengths;
}

void expect_batch(const char* what, const Tensor& found, const tensor::Shape& shape) {
  tensor::expect_shape("caption batch", what, found, shape);
  tensor::expect_dtype("caption batch", what, found, DType::i64);
}

/// Dropout is what a training pass would add.
void expect_no_dropout(const TextConfig& text, const VisionConfig& vision, const nn::Pass& pass) {
  if (!pass.training) return;
  for (const auto& [key, probability] :
       {std::pair{"text_config.hidden_dropout_prob", text.hidden_dropout_prob},
        std::pair{"text_config.attention_probs_dropout_prob", text.attention_probs_dropout_prob},
        std::pair{"vision_config.attention_dropout", vision.attention_dropout}}) {
    if (probability != 0) {
      throw UsageError(str("the model's ", key, " is ", probability,
                           "; this engine has no dropout there yet, set it to 0 to train without"));
    }
  }
}

/// `numbers`, or 0, 1, ... if there are none.
std::vector<int32_t> numbers_or_count(const Tensor& numbers, int64_t count) {
  if (numbers.defined()) {
    tensor::expect_shape("loss", "samples", numbers, {count});
    return {numbers.span<int32_t>().begin(), numbers.span<int32_t>().end()};
  }
  std::vector<int32_t> result(static_cast<std::size_t>(count));
  std::iota(result.begin(), result.end(), 0);
  return result;
}

nn::RowIds row_ids(const std::vector<int32_t>& samples, const std::vector<int32_t>& tokens) {
  return {.samples = Tensor::from({std::ssize(samples)}, samples),
          .tokens = Tensor::from({std::ssize(tokens)}, tokens)};
}

/// Rows for `tokens` tokens of each picture. None unless training, when nothing asks for them.
nn::RowIds rows_of_pictures(const nn::Pass& pass, const Tensor& numbers, int64_t pictures,
                            int64_t tokens) {
  if (!pass.training) return {};
  std::vector<int32_t> samples, places;
  for (const int32_t picture : numbers_or_count(numbers, pictures)) {
    for (int32_t token = 0; token < tokens; ++token) {
      samples.push_back(picture);
      places.push_back(token);
    }
  }
  return row_ids(samples, places);
}

/// Rows for the places of the captions' block, padding included.
nn::RowIds rows_of_tokens(const nn::Pass& pass, const CaptionBatch& batch) {
  if (!pass.training) return {};
  const std::span<const int32_t> positions = batch.tokens.positions.span<int32_t>();
  const std::vector<int32_t> numbers = numbers_or_count(batch.samples, batch.tokens.rows);
  std::vector<int32_t> samples;
  std::size_t row = 0;
  for (const int32_t position : positions) {
    // Each row begins at position 0.
    if (position == 0 && !samples.empty()) ++row;
    samples.push_back(numbers[row]);
  }
  return row_ids(samples, {positions.begin(), positions.end()});
}

nn::RowIds gathered(const nn::RowIds& rows, const Tensor& places) {
  if (!rows.samples.defined()) return {};
  std::vector<int32_t> samples, tokens;
  for (const int32_t place : places.span<int32_t>()) {
    samples.push_back(rows.samples.span<int32_t>()[static_cast<std::size_t>(place)]);
    tokens.push_back(rows.tokens.span<int32_t>()[static_cast<std::size_t>(place)]);
  }
  return row_ids(samples, tokens);
}

}  // namespace

CaptionBatch CaptionBatch::of(const std::vector<std::vector<int64_t>>& captions,
                              const TextConfig& config, std::vector<int64_t> given,
                              std::vector<int64_t> of_row, Layout layout) {
  const auto expect_count = [&](const char* what, std::size_t count) {
    if (count == captions.size()) return;
    throw UsageError(str("caption batch: ", what, " has ", count, " entries for ", captions.size(),
                         " captions"));
  };
  if (given.empty()) given.assign(captions.size(), 1);
  expect_count("given", given.size());
  if (of_row.empty()) {
    of_row.resize(captions.size());
    std::iota(of_row.begin(), of_row.end(), 0);
  }
  expect_count("of_row", of_row.size());

  CaptionBatch batch{.tokens = layout == Layout::ragged ? TokenBlock::ragged(captions, config)
                                                        : TokenBlock::padded(captions, config)};
  std::vector<int64_t> predicting, labels;
  int64_t place = 0;  // where the row begins
  for (std::size_t r = 0; r < captions.size(); ++r) {
    const auto length = static_cast<int64_t>(captions[r].size());
    if (given[r] < 1) {
      throw UsageError(str("caption batch: row ", r, " has ", given[r],
                           " given tokens, expected at least 1, the first"));
    }
    for (int64_t t = given[r]; t < length; ++t) {
      predicting.push_back(place + t - 1);
      labels.push_back(captions[r][static_cast<std::size_t>(t)]);
    }
    place += layout == Layout::ragged ? length : batch.tokens.longest;
  }
  batch.of_row = tensor::indices("of_row", of_row, INT32_MAX);
  batch.predicting = tensor::indices("predicting", predicting, place);
  batch.labels = tensor::indices("labels", labels, config.vocab_size);
  return batch;
}

CaptionBatch CaptionBatch::from_padded(const Tensor& input_ids, const Tensor& attention_mask,
                                       const Tensor& labels, const TextConfig& config) {
  if (input_ids.rank() != 2) {
    throw base::ShapeError(
        str("caption batch: input_ids is ", input_ids.shape().str(), ", expected [B, T]"));
  }
  expect_batch("input_ids", input_ids, input_ids.shape());
  expect_batch("attention_mask", attention_mask, input_ids.shape());
  expect_batch("labels", labels, input_ids.shape());
  const int64_t rows = input_ids.dim(0), length = input_ids.dim(1);
  const std::vector<std::size_t> lengths = lengths_of(attention_mask);

  CaptionBatch batch;
  std::vector<std::vector<int64_t>> padded;
  std::vector<int64_t> of_row, predicting, next, valid;
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t* ids = input_ids.data<int64_t>() + r * length;
    const int64_t* label = labels.data<int64_t>() + r * length;
    padded.emplace_back(ids, ids + length);
    of_row.push_back(r);
    valid.push_back(static_cast<int64_t>(lengths[static_cast<std::size_t>(r)]));
    for (int64_t t = 1; t < length; ++t) {
      if (label[t] == tensor::kIgnoredLabel) continue;
      predicting.push_back(r * length + t - 1);
      next.push_back(label[t]);
    }
  }
  batch.tokens = TokenBlock::padded(padded, config);
  batch.tokens.lengths = tensor::indices("lengths", valid, length + 1);
  batch.of_row = tensor::indices("of_row", of_row, rows);
  batch.predicting = tensor::indices("predicting", predicting, rows * length);
  batch.labels = tensor::indices("labels", next, config.vocab_size);
  return batch;
}

Model::Model(const Config& config) : vision_model(config.vision), text_decoder(config.text) {
  nn::name_paths(*this);
}

void Model::visit(nn::Visitor& visitor) {
  visitor("vision_model", vision_model);
  visitor("text_decoder", text_decoder);
}

Loss Model::loss(const Var& pixel_values, const CaptionBatch& batch, const LossOptions& options,
                 const nn::Pass& pass) const {
  const auto& vision = vision_model.embeddings.config;
  const int64_t patches =
      (pixel_values.dim(2) / vision.patch_size) * (pixel_values.dim(3) / vision.patch_size);
  const nn::Pass over_pictures =
      pass.over(rows_of_pictures(pass, batch.pictures, pixel_values.dim(0), patches + 1));
  return loss_of_encoded(vision_model(pixel_values, over_pictures), batch, options, pass);
}

Loss Model::loss_of_encoded(const Var& image_embeds, const CaptionBatch& batch,
                            const LossOptions& options, const nn::Pass& pass) const {
  expect_no_dropout(text_decoder.config, vision_model.embeddings.config, pass);
  if (batch.labels.elements() == 0) throw UsageError("loss: the batch has no token to predict");
  const int64_t pictures = image_embeds.dim(0);
  for (const int32_t picture : batch.of_row.span<int32_t>()) {
    if (picture >= pictures) {
      throw UsageError(str("loss: a caption describes picture ", picture, " of ", pictures));
    }
  }
  const SourceMemory source = text_decoder.bert.memory(
      image_embeds, batch.of_row,
      pass.over(rows_of_pictures(pass, batch.pictures, pictures, image_embeds.dim(1))));
  const nn::Pass over_tokens = pass.over(rows_of_tokens(pass, batch));
  const Var hidden = text_decoder.bert(BertPass{over_tokens, batch.tokens, &source});
  const Var logits =
      text_decoder.logits(autograd::gather_rows(hidden, batch.predicting),
                          over_tokens.over(gathered(over_tokens.rows, batch.predicting)));
  const int64_t terms = batch.labels.elements();
  Tensor weights = batch.weights;
  if (!weights.defined()) {
    weights = Tensor::from(
        {terms}, std::vector(static_cast<std::size_t>(terms), 1 / static_cast<float>(terms)));
  }
  Loss result{.value = {}, .nll = Tensor::empty({terms})};
  result.value =
      autograd::cross_entropy(logits, batch.labels, weights, options.label_smoothing, result.nll);
  return result;
}

}  // namespace blip
