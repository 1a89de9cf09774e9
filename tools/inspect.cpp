// blip inspect: what a model consists of, and the numbers inside it at work.
#include "blip/inspect.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>

#include "base/error.h"
#include "blip/captioner.h"
#include "blip/checkpoint_names.h"
#include "blip/flops.h"
#include "nn/checkpoint.h"
#include "tools/attention_map.h"
#include "tools/checks.h"
#include "tools/commands.h"
#include "tools/module_tree.h"
#include "tools/output.h"
#include "tools/stack.h"

namespace tools {
namespace {

using base::str;
using base::UsageError;
using blip::Captioner;
using tensor::DType;
using tensor::Tensor;

struct Options {
  std::filesystem::path model;
  std::optional<int64_t> image_size;
  std::vector<std::string> pictures, texts;
  std::string inputs, dump, attention;
};

void check(const Options& options) {
  const bool given = !options.pictures.empty() || !options.inputs.empty();
  if (!options.inputs.empty() && !(options.pictures.empty() && options.texts.empty())) {
    throw UsageError("--inputs takes the place of --picture and --text");
  }
  if (!options.texts.empty() && options.pictures.empty()) {
    throw UsageError("--text needs --picture");
  }
  if (given && options.dump.empty() && options.attention.empty()) {
    throw UsageError(
        "--picture and --inputs need --dump or --attention, which say what to do with them");
  }
  if (!options.dump.empty() && !given) throw UsageError("--dump needs --picture or --inputs");
  if (!options.attention.empty() && (options.pictures.size() != 1 || options.texts.size() > 1)) {
    throw UsageError("--attention needs one --picture, and at most one --text");
  }
  const std::size_t pictures = options.pictures.size(), texts = options.texts.size();
  if (texts > 0 && pictures != texts && pictures != 1 && texts != 1) {
    throw UsageError(str(pictures, " pictures and ", texts,
                         " texts: expected as many, or one for all of the others"));
  }
}

void print_tree(const Captioner& captioner, const std::filesystem::path& folder) {
  tensor::TensorMap tensors = blip::with_hugging_face_names(nn::read_checkpoint(folder));
  blip::tie_weights(tensors);
  print(module_tree("BlipForConditionalGeneration", nn::parameter_shapes(captioner.model()),
                    tensors));
  const blip::Config& config = captioner.config();
  char text[256];
  std::snprintf(text, sizeof text,
                "\nGFLOP a picture: encode %.4g, keys and values of its cross-attention %.3g, each "
                "new token %.3g\n",
                blip::encode_flops(config) / 1e9, blip::image_memory_flops(config) / 1e9,
                blip::token_flops(config, 0) / 1e9);
  print(text);
}

/// [DEC], the text's tokens and [SEP]: what a captioner is trained to write.
std::vector<int64_t> caption_ids(const Captioner& captioner, const std::string& text) {
  std::vector<int64_t> ids = captioner.prompt_ids(text);
  ids.push_back(captioner.config().text.sep_token_id);
  return ids;
}

Tensor read_pixels(const Captioner& captioner, const std::string& path) {
  return captioner.image_processor()(data::read_image(path));
}

/// Pictures and texts as a padded batch; the one that is single is repeated.
blip::Inputs make_batch(const Captioner& captioner, const Options& options) {
  const std::size_t rows = std::max(options.pictures.size(), options.texts.size());
  std::vector<Tensor> pixels;
  for (const std::string& path : options.pictures) pixels.push_back(read_pixels(captioner, path));
  pixels.resize(rows, pixels.front());
  blip::Inputs inputs{
      .pixel_values = stack(pixels), .input_ids = {}, .attention_mask = {}, .labels = {}};
  if (options.texts.empty()) return inputs;

  std::vector<std::vector<int64_t>> texts;
  std::size_t longest = 0;
  for (const std::string& text : options.texts) {
    texts.push_back(caption_ids(captioner, text));
    longest = std::max(longest, texts.back().size());
  }
  texts.resize(rows, texts.front());
  std::vector<int64_t> ids, mask;
  for (const std::vector<int64_t>& text : texts) {
    ids.insert(ids.end(), text.begin(), text.end());
    ids.resize(ids.size() + longest - text.size(), captioner.config().text.pad_token_id);
    mask.resize(mask.size() + text.size(), 1);
    mask.resize(ids.size(), 0);
  }
  const tensor::Shape shape{static_cast<int64_t>(rows), static_cast<int64_t>(longest)};
  inputs.input_ids = Tensor::from(shape, ids);
  inputs.attention_mask = Tensor::from(shape, mask);
  return inputs;
}

blip::Inputs read_inputs(const std::string& path) {
  tensor::TensorMap tensors = tensor::read_safetensors(path);
  if (!tensors.count("pixel_values")) {
    throw base::FormatError(str(path,
                                ": has no pixel_values; expected pixel_values, input_ids, "
                                "attention_mask and perhaps labels"));
  }
  return {.pixel_values = tensors["pixel_values"],
          .input_ids = tensors["input_ids"],
          .attention_mask = tensors["attention_mask"],
          .labels = tensors["labels"]};
}

void write_attention(const Captioner& captioner, const Options& options) {
  const data::Image picture = data::read_image(options.pictures.front());
  const Tensor pixels = captioner.image_processor()(picture);
  std::vector<int64_t> ids;
  if (options.texts.empty()) {
    const std::vector<int64_t> prompt = captioner.prompt_ids({});
    ids = captioner
              .generate(captioner.encode(pixels), std::span(&prompt, 1),
                        captioner.generation_options())
              .front()
              .front()
              .token_ids;
  } else {
    ids = caption_ids(captioner, options.texts.front());
  }
  const Tensor attention = blip::caption_attention(captioner, pixels, ids);
  std::vector<std::string> pieces;  // of ids[1] and on, which row 0 and on predict
  for (std::size_t i = 1; i < ids.size() && ids[i] != captioner.config().text.sep_token_id; ++i) {
    pieces.push_back(captioner.tokenizer().piece(ids[i]));
  }
  const int64_t patch = captioner.config().vision.patch_size;
  data::write_png(options.attention, draw_attention(picture, attention, pixels.dim(2) / patch,
                                                    pixels.dim(3) / patch, join_pieces(pieces, 0)));
}

int run(const Options& options) {
  check(options);
  const std::filesystem::path folder = model_folder(options.model);
  const Captioner captioner = Captioner::load(folder, {.image_size = options.image_size});
  if (options.dump.empty() && options.attention.empty()) print_tree(captioner, folder);
  if (!options.dump.empty()) {
    const blip::Inputs inputs =
        options.inputs.empty() ? make_batch(captioner, options) : read_inputs(options.inputs);
    tensor::write_safetensors(options.dump, blip::intermediates(captioner, inputs));
  }
  if (!options.attention.empty()) write_attention(captioner, options);
  return kOk;
}

}  // namespace

void add_inspect(CLI::App& app, Job& job) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("inspect", "Show a model's modules, its intermediates, its attention");
  add_model_option(*command, options->model);
  add_image_size_option(*command, options->image_size);
  command->add_option("--picture", options->pictures, "Pictures to run through the model")
      ->type_name("FILE");
  command
      ->add_option("--text", options->texts,
                   "Captions of the pictures, read by the decoder ([DEC] text [SEP])")
      ->type_name("CAPTION");
  command
      ->add_option("--inputs", options->inputs,
                   "Safetensors file with pixel_values, input_ids, attention_mask and perhaps "
                   "labels, for a model folder without tokenizer")
      ->type_name("FILE")
      ->check(not_empty());
  command
      ->add_option("--dump", options->dump,
                   "Write every intermediate under a readable name: pixel_values, vision.hidden.N, "
                   "vision.attention.N, text.logits, text.token_nll, text.loss, ...")
      ->type_name("FILE")
      ->check(not_empty());
  command
      ->add_option("--attention", options->attention,
                   "Draw where in the picture the model looked at each word (of --text, or of the "
                   "caption that it writes)")
      ->type_name("FILE.png")
      ->check(not_empty());
  add_threads_option(*command);
  command->footer(
      "Without --dump or --attention, prints the tree of modules with shapes, parameters, bytes\n"
      "and GFLOP.\n"
      "\n"
      "Examples:\n"
      "  blip inspect\n"
      "  blip inspect --picture shirt.jpg --attention looked.png\n"
      "  blip inspect --picture a.jpg b.jpg --text \"a shirt\" \"a dress\" --dump out.safetensors");
  command->callback([options, &job] { job = [options] { return run(*options); }; });
}

}  // namespace tools
