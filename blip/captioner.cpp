#include "blip/captioner.h"

#include "base/error.h"
#include "blip/caption_decoder.h"
#include "blip/checkpoint_names.h"

namespace blip {

using base::str;
using tensor::Tensor;

namespace {

/// The image processor of a folder, for pictures of the size that the model takes or that was asked
/// for.
ImageProcessor load_image_processor(const std::filesystem::path& folder, const VisionConfig& vision,
                                    std::optional<int64_t> image_size) {
  constexpr int64_t kMaxSize = 8192;
  ImageProcessor processor = ImageProcessor::load(folder, vision.image_size);
  if (!image_size) {
    if (processor.height != vision.image_size || processor.width != vision.image_size) {
      throw base::FormatError(str(read_image_processor_file(folder)->name, ": size is ",
                                  processor.height, " x ", processor.width, ", but ",
                                  (folder / "config.json").string(), " has image_size ",
                                  vision.image_size, "; --image-size ", vision.image_size,
                                  " takes pictures of the model's ", "size, --image-size ",
                                  processor.height, " interpolates its position embeddings"));
    }
    return processor;
  }
  if (*image_size < 1 || *image_size > kMaxSize || *image_size % vision.patch_size != 0) {
    throw base::UsageError(str("--image-size is ", *image_size, ", expected a multiple of ",
                               vision.patch_size, " (the model's patches) up to ", kMaxSize));
  }
  processor.height = processor.width = static_cast<int>(*image_size);
  return processor;
}

}  // namespace

Captioner Captioner::load(const std::filesystem::path& folder, const LoadOptions& options) {
  Captioner captioner;
  captioner.folder_ = folder;
  captioner.config_ = read_config(folder);
  captioner.image_processor_ =
      load_image_processor(folder, captioner.config_.vision, options.image_size);
  captioner.generation_options_ = read_generation_options(folder, captioner.config_);
  if (std::filesystem::exists(folder / "vocab.txt") ||
      std::filesystem::exists(folder / "tokenizer.json")) {
    captioner.tokenizer_ = std::make_shared<text::WordPiece>(text::WordPiece::load(folder));
    if (captioner.tokenizer_->size() > captioner.config_.text.vocab_size) {
      throw base::FormatError(str(folder.string(), ": the vocabulary has ",
                                  captioner.tokenizer_->size(), " pieces, the model ",
                                  captioner.config_.text.vocab_size));
    }
  }
  captioner.model_ = std::make_shared<Model>(captioner.config_);
  load_checkpoint(*captioner.model_, folder);
  return captioner;
}

const text::WordPiece& Captioner::tokenizer() const {
  if (!tokenizer_) {
    throw base::UsageError("the model folder has no vocabulary (vocab.txt or tokenizer.json)");
  }
  return *tokenizer_;
}

std::vector<int64_t> Captioner::first_ids(std::string_view text) const {
  std::vector<int64_t> ids{config_.text.bos_token_id};
  if (!text.empty()) {
    const std::vector<int64_t> tokens = tokenizer().encode(text);
    ids.insert(ids.end(), tokens.begin(), tokens.end());
  }
  return ids;
}

std::vector<int64_t> Captioner::prompt_ids(std::string_view prompt) const {
  const std::vector<int64_t> ids = first_ids(prompt);
  if (static_cast<int64_t>(ids.size()) >= config_.text.max_position_embeddings) {
    throw base::UsageError(str("the prompt has ", ids.size(), " tokens with [DEC], the model has ",
                               config_.text.max_position_embeddings,
                               " positions, and one must be left for the caption"));
  }
  return ids;
}

std::vector<int64_t> Captioner::caption_ids(std::string_view caption) const {
  std::vector<int64_t> ids = first_ids(caption);
  ids.push_back(config_.text.sep_token_id);
  if (static_cast<int64_t>(ids.size()) > config_.text.max_position_embeddings) {
    throw base::UsageError(str("the caption has ", ids.size(), " tokens with [DEC] and [SEP], the ",
                               "model has ", config_.text.max_position_embeddings, " positions"));
  }
  return ids;
}

Tensor Captioner::encode(const Tensor& pixel_values) const {
  return model_->vision_model(Var(pixel_values)).value;
}

std::vector<std::vector<Caption>> Captioner::generate(const Tensor& image_embeds,
                                                      std::span<const std::vector<int64_t>> prompts,
                                                      const nn::GenerationOptions& options,
                                                      std::span<const uint64_t> streams) const {
  CaptionDecoder decoder(model_->text_decoder, Var(image_embeds), options.max_new_tokens);
  std::vector<std::vector<Caption>> captions;
  for (std::vector<nn::GeneratedSequence>& sequences :
       nn::generate(decoder, prompts, options, streams)) {
    std::vector<Caption>& of_picture = captions.emplace_back();
    for (nn::GeneratedSequence& sequence : sequences) {
      of_picture.push_back({.text = tokenizer_ ? tokenizer_->decode(sequence.ids) : std::string(),
                            .token_ids = std::move(sequence.ids),
                            .token_logprobs = std::move(sequence.token_logprobs),
                            .score = sequence.score,
                            .finished = sequence.finished,
                            .prompt_length = sequence.prompt_length});
    }
  }
  return captions;
}

Caption Captioner::caption(const data::Image& image, std::string_view prompt) const {
  const std::vector<int64_t> ids = prompt_ids(prompt);
  return generate(encode(image_processor_(image)), std::span(&ids, 1), generation_options_)
      .front()
      .front();
}

}  // namespace blip
