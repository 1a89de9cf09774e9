// The captioner: pictures in, captions out. This is the type that a program links this library for
// (docs/examples/caption.cpp).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "blip/config.h"
#include "blip/image_processor.h"
#include "blip/model.h"
#include "nn/search.h"
#include "text/wordpiece.h"

namespace blip {

struct Caption {
  std::string text;                   ///< prompt included, special tokens left out
  std::vector<int64_t> token_ids;     ///< [DEC], prompt, new tokens, and [SEP] if it was reached
  std::vector<float> token_logprobs;  ///< of the new tokens
  double score = 0;                   ///< see nn::GeneratedSequence::score
  bool finished = false;              ///< false: cut at the length limit
  int64_t prompt_length = 0;          ///< how many of token_ids were given ([DEC] and the prompt)
};

struct LoadOptions {
  /// Pixels of a side of the pictures that the model is given, whatever the folder says; else what
  /// both its files say. The position embeddings are interpolated to another size than the model's.
  std::optional<int64_t> image_size;
};

class Captioner {
 public:
  /// A model folder in Hugging Face form. Without vocabulary files the captioner works on ids
  /// alone: `tokenizer()` is then a UsageError. FormatError if the image processor's pictures have
  /// another size than the model's, and `image_size` does not decide.
  static Captioner load(const std::filesystem::path& folder, const LoadOptions& options = {});

  const std::filesystem::path& folder() const { return folder_; }
  const Config& config() const { return config_; }
  const ImageProcessor& image_processor() const { return image_processor_; }
  const text::WordPiece& tokenizer() const;
  bool has_tokenizer() const { return tokenizer_ != nullptr; }
  /// The folder's decoding defaults (generation_config.json).
  const nn::GenerationOptions& generation_options() const { return generation_options_; }
  Model& model() const { return *model_; }

  /// [DEC] and the prompt's tokens: what the decoder starts from. An empty prompt gives [DEC].
  std::vector<int64_t> prompt_ids(std::string_view prompt) const;
  /// [DEC], the caption's tokens and [SEP]: what a captioner is trained to write. UsageError if
  /// they are more than the model's positions.
  std::vector<int64_t> caption_ids(std::string_view caption) const;
  /// The image encoder's output [B, tokens, hidden] of pixel_values [B, 3, H, W].
  tensor::Tensor encode(const tensor::Tensor& pixel_values) const;
  /// For each encoded picture its num_return_sequences captions. `prompts` holds token ids for each
  /// picture (see prompt_ids); `streams` as in nn::generate.
  std::vector<std::vector<Caption>> generate(const tensor::Tensor& image_embeds,
                                             std::span<const std::vector<int64_t>> prompts,
                                             const nn::GenerationOptions& options,
                                             std::span<const uint64_t> streams = {}) const;
  /// All of it for one picture: the best caption with the folder's defaults.
  Caption caption(const data::Image& image, std::string_view prompt = {}) const;

 private:
  /// [DEC] and the text's tokens.
  std::vector<int64_t> first_ids(std::string_view text) const;

  std::filesystem::path folder_;
  Config config_;
  ImageProcessor image_processor_;
  nn::GenerationOptions generation_options_;
  std::shared_ptr<const text::WordPiece> tokenizer_;
  std::shared_ptr<Model> model_;
};

}  // namespace blip
