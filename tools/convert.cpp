// blip convert: any form of a BLIP checkpoint to a Hugging Face folder.
#include "blip/convert.h"

#include <map>
#include <memory>

#include "tools/checks.h"
#include "tools/commands.h"
#include "tools/interrupt.h"

namespace tools {
namespace {

struct Options {
  std::filesystem::path from, to;
  blip::ConvertOptions convert;
};

int run(Options options) {
  catch_interrupt();
  options.convert.progress = [](const std::string&) { throw_if_interrupted(); };
  blip::convert(options.from, options.to, options.convert);
  return kOk;
}

}  // namespace

void add_convert(Command app, Job& job) {
  auto options = std::make_shared<Options>();
  blip::OriginalOptions& original = options->convert.original;
  Command command = app.add_subcommand(
      "convert", "Turn any form of a BLIP checkpoint into a Hugging Face folder");
  command.add_option("IN", options->from, "A Hugging Face folder, or an original .pth file")
      .required();
  command.add_option("OUT", options->to, "The folder to write").required();
  const std::map<std::string, tensor::DType> dtypes{
      {"f32", tensor::DType::f32}, {"f16", tensor::DType::f16}, {"bf16", tensor::DType::bf16}};
  command
      .add_option_function<std::string>(
          "--dtype",
          [options, dtypes](const std::string& name) { options->convert.dtype = dtypes.at(name); },
          "The type of the weights (default: as they are)")
      .check(one_of({"f32", "f16", "bf16"}));
  command.add_flag("--overwrite", options->convert.overwrite, "Write into a folder that has files");
  command.add_option("--vocab", original.vocabulary, "vocab.txt, for an IN that has none");

  const char* const group = "Of a .pth file, which does not say";
  command.add_option("--config", original.med_config, "med_config.json of the text model")
      .group(group);
  command
      .add_option("--image-size", original.image_size,
                  "Pixels (default: what the position embeddings are for; others are interpolated)")
      .group(group)
      .check(positive());
  command
      .add_option("--vision-heads", original.vision_heads,
                  "Heads of the image encoder (default: 12, or 16 for ViT-L)")
      .group(group)
      .check(positive());
  command
      .add_option("--vision-eps", original.vision_eps,
                  "Of the image encoder's LayerNorm (default: 1e-6)")
      .group(group)
      .check(positive());
  command.footer(
      "Examples:\n"
      "  blip convert model_base_caption_capfilt_large.pth blip-base --config med_config.json \\\n"
      "      --vocab bert-base-uncased/vocab.txt\n"
      "  blip convert blip-image-captioning-large blip-large-bf16 --dtype bf16");
  command.callback([=, &job] { job = [=] { return run(*options); }; });
}

}  // namespace tools
