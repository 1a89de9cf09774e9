// blip inspect: what a model consists of, and the numbers inside it at work.
#include "blip/inspect.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>

#include "base/error.h"
#include "blip/captioner.h"
#include "blip/checkpoint_names.h"
#include "blip/flops.h"
#include "blip/gradients.h"
#include "blip/stack.h"
#include "blip/word_maps.h"
#include "nn/checkpoint.h"
#include "tools/adapter_option.h"
#include "tools/checks.h"
#include "tools/commands.h"
#include "tools/module_tree.h"
#include "tools/output.h"
#include "tools/output_files.h"

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
  AdapterArguments adapter;
  std::vector<std::string> pictures, texts;
  std::string inputs, dump, attention, gradients, saliency;
  bool check_gradients = false;
  int64_t elements = 2;

  bool any_output() const {
    return !dump.empty() || !attention.empty() || !gradients.empty() || !saliency.empty() ||
           check_gradients;
  }
};

void check(const Options& options) {
  const bool given = !options.pictures.empty() || !options.inputs.empty();
  if (!options.inputs.empty() && !(options.pictures.empty() && options.texts.empty())) {
    throw UsageError("--inputs takes the place of --picture and --text");
  }
  if (!options.texts.empty() && options.pictures.empty()) {
    throw UsageError("--text needs --picture");
  }
  if (given && !options.any_output()) {
    throw UsageError(
        "--picture and --inputs need --dump, --attention, --gradients, --saliency or "
        "--check-gradients, which say what to do with them");
  }
  if (!options.dump.empty() && !given) throw UsageError("--dump needs --picture or --inputs");
  for (const auto& [name, wanted] : {std::pair{"--gradients", !options.gradients.empty()},
                                     std::pair{"--check-gradients", options.check_gradients}}) {
    if (wanted && options.texts.empty() && options.inputs.empty()) {
      throw UsageError(str(name,
                           " needs --picture and --text, or --inputs: the gradient is that of "
                           "the loss of a caption"));
    }
  }
  for (const auto& [name, file] :
       {std::pair{"--attention", options.attention}, std::pair{"--saliency", options.saliency}}) {
    if (!file.empty() && (options.pictures.size() != 1 || options.texts.size() > 1)) {
      throw UsageError(str(name, " needs one --picture, and at most one --text"));
    }
  }
  const std::size_t pictures = options.pictures.size(), texts = options.texts.size();
  if (texts > 0 && pictures != texts && pictures != 1 && texts != 1) {
    throw UsageError(str(pictures, " pictures and ", texts,
                         " texts: expected as many, or one for all of the others"));
  }
}

void check_outputs(const Options& options, const std::filesystem::path& model) {
  std::vector<std::filesystem::path> inputs(options.pictures.begin(), options.pictures.end());
  inputs.insert(inputs.end(), {options.inputs, model});
  const OutputFile outputs[] = {{"--dump", options.dump},
                                {"--attention", options.attention},
                                {"--gradients", options.gradients},
                                {"--saliency", options.saliency}};
  check_output_files(outputs, inputs);
}

void print_tree(const Captioner& captioner, const std::filesystem::path& folder) {
  tensor::TensorMap tensors = blip::with_hugging_face_names(nn::read_checkpoint(folder));
  blip::tie_weights(tensors);
  auto parameters = nn::parameter_shapes(captioner.model());
  if (!captioner.model().text_decoder.predictions.decoder) {  // a parameter of the model just once
    const std::string tied = "text_decoder.cls.predictions.decoder.weight";
    parameters.emplace_back(tied, tensors.at(tied).shape());
  }
  print(module_tree("BlipForConditionalGeneration", parameters, tensors));
  const blip::Config& config = captioner.config();
  char text[256];
  std::snprintf(text, sizeof text,
                "\nGFLOP a picture: encode %.4g, keys and values of its cross-attention %.3g, each "
                "new token %.3g\n",
                blip::encode_flops(config) / 1e9, blip::image_memory_flops(config) / 1e9,
                blip::token_flops(config, 0) / 1e9);
  print(text);
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
      .pixel_values = blip::stack(pixels), .input_ids = {}, .attention_mask = {}, .labels = {}};
  if (options.texts.empty()) return inputs;

  std::vector<std::vector<int64_t>> texts;
  std::size_t longest = 0;
  for (const std::string& text : options.texts) {
    texts.push_back(captioner.caption_ids(text));
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

/// A caption of a picture to draw maps for: that of --text, or the one that the model writes.
struct DrawnCaption {
  data::Image picture;
  Tensor pixels;
  std::vector<int64_t> ids;
  std::vector<blip::MapWord> words;  // of ids[1] and on, which row 0 and on predict
};

DrawnCaption drawn_caption(const Captioner& captioner, const Options& options) {
  DrawnCaption drawn;
  drawn.picture = data::read_image(options.pictures.front());
  drawn.pixels = captioner.image_processor()(drawn.picture);
  if (options.texts.empty()) {
    const std::vector<int64_t> prompt = captioner.prompt_ids({});
    drawn.ids = captioner
                    .generate(captioner.encode(drawn.pixels), std::span(&prompt, 1),
                              captioner.generation_options())
                    .front()
                    .front()
                    .token_ids;
  } else {
    drawn.ids = captioner.caption_ids(options.texts.front());
  }
  std::vector<std::string> pieces;
  for (std::size_t i = 1;
       i < drawn.ids.size() && drawn.ids[i] != captioner.config().text.sep_token_id; ++i) {
    pieces.push_back(captioner.tokenizer().piece(drawn.ids[i]));
  }
  if (pieces.empty()) {
    throw UsageError(options.texts.empty() ? "the model's caption has no words to draw maps of"
                                           : "--text has no words to draw maps of");
  }
  drawn.words = blip::join_pieces(pieces, 0);
  return drawn;
}

void write_maps(const std::string& path, const Captioner& captioner, const DrawnCaption& drawn,
                std::span<const blip::WordMap> maps) {
  const int64_t patch = captioner.config().vision.patch_size;
  data::write_png(path, blip::draw_maps(drawn.picture, maps, drawn.pixels.dim(2) / patch,
                                        drawn.pixels.dim(3) / patch, drawn.words));
}

void write_attention(const Captioner& captioner, const Options& options) {
  const DrawnCaption drawn = drawn_caption(captioner, options);
  const blip::WordMap map{"", blip::caption_attention(captioner, drawn.pixels, drawn.ids)};
  write_maps(options.attention, captioner, drawn, std::span(&map, 1));
}

/// Both maps, because they answer two questions.
void write_saliency(const Captioner& captioner, const Options& options) {
  const DrawnCaption drawn = drawn_caption(captioner, options);
  const std::array maps{blip::WordMap{"looked at: cross-attention",
                                      blip::caption_attention(captioner, drawn.pixels, drawn.ids)},
                        blip::WordMap{"depends on: gradient x input",
                                      blip::saliency(captioner.model(), drawn.pixels, drawn.ids)}};
  write_maps(options.saliency, captioner, drawn, maps);
}

/// The batch whose loss is differentiated.
blip::CaptionBatch caption_batch(const Captioner& captioner, const Options& options,
                                 const blip::Inputs& inputs) {
  const blip::TextConfig& config = captioner.config().text;
  if (!options.inputs.empty()) {
    if (!inputs.input_ids.defined() || !inputs.attention_mask.defined() ||
        !inputs.labels.defined()) {
      throw base::FormatError(str(options.inputs,
                                  ": a loss needs pixel_values, input_ids, attention_mask and "
                                  "labels"));
    }
    return blip::CaptionBatch::from_padded(inputs.input_ids, inputs.attention_mask, inputs.labels,
                                           config);
  }
  std::vector<std::vector<int64_t>> captions;
  for (const std::string& text : options.texts) captions.push_back(captioner.caption_ids(text));
  captions.resize(static_cast<std::size_t>(inputs.pixel_values.dim(0)), captions.front());
  return blip::CaptionBatch::of(captions, config);
}

void print_gradient_checks(const Captioner& captioner, const Tensor& pixels,
                           const blip::CaptionBatch& batch, const blip::LossOptions& loss,
                           int64_t elements) {
  print(
      "|gradient| of the loss with respect to each module's parameters; for the elements of "
      "largest\ngradient, their gradient beside central differences of the loss.\n\n");
  const auto line = [](const char* module, const char* a, const char* b, const char* c,
                       const char* d) {
    char text[256];
    std::snprintf(text, sizeof text, "%-62s %11s %11s %11s %9s\n", module, a, b, c, d);
    print(text);
  };
  line("module", "|gradient|", "elements", "differences", "error");
  double worst = 0;
  blip::check_gradients(
      captioner.model(), pixels, batch, loss, elements, [&](const blip::GradientCheck& check) {
        const auto number = [](double value, const char* form) {
          char text[32];
          std::snprintf(text, sizeof text, form, value);
          return std::string(text);
        };
        // Against the largest gradients there are: where a gradient is nothing
        // but rounding, so is its difference.
        const double error = check.error / std::max(check.gradient, 1e-3);
        worst = std::max(worst, error);
        line(check.module.c_str(), number(check.norm, "%.4e").c_str(),
             number(check.gradient, "%.4e").c_str(), number(check.differences, "%.4e").c_str(),
             number(error, "%.1e").c_str());
      });
  print(str("\nlargest error: ", worst, "\n"));
}

int run(const Options& options) {
  check(options);
  const std::filesystem::path folder = model_folder(options.model);
  check_outputs(options, folder);
  const Captioner captioner = Captioner::load(folder, {.image_size = options.image_size});
  const std::optional<lora::Adapter> adapter = options.adapter.put_on(captioner);
  if (!options.any_output()) print_tree(captioner, folder);
  if (!options.attention.empty()) write_attention(captioner, options);
  if (!options.saliency.empty()) write_saliency(captioner, options);
  if (options.dump.empty() && options.gradients.empty() && !options.check_gradients) return kOk;

  const blip::Inputs inputs =
      options.inputs.empty() ? make_batch(captioner, options) : read_inputs(options.inputs);
  if (!options.dump.empty()) {
    tensor::write_safetensors(options.dump, blip::intermediates(captioner, inputs));
  }
  if (options.gradients.empty() && !options.check_gradients) return kOk;
  const blip::CaptionBatch batch = caption_batch(captioner, options, inputs);
  const blip::LossOptions loss{.label_smoothing = captioner.config().label_smoothing};
  if (!options.gradients.empty()) {
    tensor::write_safetensors(options.gradients,
                              blip::gradients(captioner.model(), inputs.pixel_values, batch, loss));
  }
  if (options.check_gradients) {
    print_gradient_checks(captioner, inputs.pixel_values, batch, loss, options.elements);
  }
  return kOk;
}

}  // namespace

void add_inspect(Command app, Job& job) {
  auto options = std::make_shared<Options>();
  Command command =
      app.add_subcommand("inspect", "Show a model's modules, its intermediates, its attention");
  add_model_option(command, options->model);
  add_image_size_option(command, options->image_size);
  options->adapter.add_to(command);
  command.add_option("--picture", options->pictures, "Pictures to run through the model")
      .type_name("FILE");
  command
      .add_option("--text", options->texts,
                  "Captions of the pictures, read by the decoder ([DEC] text [SEP])")
      .type_name("CAPTION");
  command
      .add_option("--inputs", options->inputs,
                  "Safetensors file with pixel_values, input_ids, attention_mask and perhaps "
                  "labels, for a model folder without tokenizer")
      .type_name("FILE")
      .check(not_empty());
  command
      .add_option("--dump", options->dump,
                  "Write every intermediate under a readable name: pixel_values, vision.hidden.N, "
                  "vision.attention.N, text.logits, text.token_nll, text.loss, ...")
      .type_name("FILE")
      .check(not_empty());
  command
      .add_option("--attention", options->attention,
                  "Draw where in the picture the model looked at each word (of --text, or of the "
                  "caption that it writes)")
      .type_name("FILE.png")
      .check(not_empty());
  command
      .add_option("--gradients", options->gradients,
                  "Write the gradient of the caption's loss of every parameter, under its "
                  "checkpoint name")
      .type_name("FILE")
      .check(not_empty());
  command
      .add_option("--saliency", options->saliency,
                  "Draw two maps for each word: where the decoder looked (cross-attention), and "
                  "on what in the picture the word depends (gradient x input)")
      .type_name("FILE.png")
      .check(not_empty());
  command.add_flag("--check-gradients", options->check_gradients,
                   "Print each module's gradient and compare a few of its elements with central "
                   "differences of the loss");
  command
      .add_option("--elements", options->elements,
                  "How many elements of each module --check-gradients looks at")
      .type_name("N")
      .check(in_range(1, 1000))
      .capture_default_str()
      .needs("--check-gradients");
  add_threads_option(command);
  command.footer(
      "Without any of these, prints the tree of modules with shapes, parameters, bytes\n"
      "and GFLOP.\n"
      "\n"
      "Examples:\n"
      "  blip inspect\n"
      "  blip inspect --picture shirt.jpg --attention looked.png\n"
      "  blip inspect --picture shirt.jpg --text \"a blue shirt\" --gradients grad.safetensors\n"
      "  blip inspect --picture shirt.jpg --text \"a blue shirt\" --check-gradients\n"
      "  blip inspect --picture a.jpg b.jpg --text \"a shirt\" \"a dress\" --dump out.safetensors");
  command.callback([options, &job] { job = [options] { return run(*options); }; });
}

}  // namespace tools
