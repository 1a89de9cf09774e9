// blip init: a model folder with random weights, for benchmarks and tests.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>

#include "base/error.h"
#include "base/file.h"
#include "base/parallel.h"
#include "base/random.h"
#include "base/staged_folder.h"
#include "blip/captioner.h"
#include "blip/checkpoint_config.h"
#include "blip/convert.h"
#include "nn/checkpoint.h"
#include "tensor/copy.h"
#include "text/made_up_vocabulary.h"
#include "tools/checks.h"
#include "tools/commands.h"
#include "tools/interrupt.h"

namespace tools {
namespace {

using tensor::DType;
using tensor::Tensor;

struct Options {
  std::string size = "tiny", dtype = "f32", vocabulary, out;
  uint64_t seed = 0;
  bool overwrite = false;
};

constexpr const char* kSpecialTokensBehind[] = {"[DEC]", "[ENC]"};

/// The sizes of the BLIP paper's models (ViT-B/16 and ViT-L/16 at 384 pixels, a BERT-base decoder),
/// and one that runs in an instant.
blip::Config config_of(const std::string& size) {
  blip::Config config;
  config.text.num_attention_heads = 12;
  if (size == "large") {
    config.vision.hidden_size = 1024;
    config.vision.intermediate_size = 4096;
    config.vision.num_hidden_layers = 24;
    config.vision.num_attention_heads = 16;
  } else if (size == "tiny") {
    config.vision.hidden_size = config.text.hidden_size = 64;
    config.vision.intermediate_size = config.text.intermediate_size = 256;
    config.vision.num_hidden_layers = config.text.num_hidden_layers = 2;
    config.vision.num_attention_heads = config.text.num_attention_heads = 2;
    config.vision.image_size = 64;
    config.text.max_position_embeddings = 64;
    config.text.vocab_size = 1024;
  }
  config.text.encoder_hidden_size = config.vision.hidden_size;
  return config;
}

/// Sets the config's token ids to those of a vocabulary, whose [DEC] and [ENC] follow its pieces if
/// they are not among them.
void set_tokens(blip::TextConfig& text, const std::vector<std::string>& pieces,
                const std::string& name) {
  const auto id = [&](const char* token) {
    const auto found = std::find(pieces.begin(), pieces.end(), token);
    return found == pieces.end() ? int64_t{-1} : static_cast<int64_t>(found - pieces.begin());
  };
  for (const char* token : {"[PAD]", "[UNK]", "[CLS]", "[SEP]"}) {
    if (id(token) < 0) {
      throw base::FormatError(
          base::str(name, ": has no ", token, ", which BERT's vocabularies have"));
    }
  }
  text.pad_token_id = id("[PAD]");
  text.sep_token_id = id("[SEP]");
  text.vocab_size = static_cast<int64_t>(pieces.size());
  text.bos_token_id = id("[DEC]") >= 0 ? id("[DEC]") : text.vocab_size++;
  if (id("[ENC]") < 0) ++text.vocab_size;
}

/// What a checkpoint holds: the model's parameters. (The output layer is tied, so it is not there.)
std::map<std::string, tensor::TensorType> checkpoint_types(const blip::Config& config,
                                                           DType dtype) {
  blip::Model model(config);
  std::map<std::string, tensor::TensorType> types;
  for (const auto& [name, shape] : nn::parameter_shapes(model)) types[name] = {shape, dtype};
  return types;
}

/// Four numbers of the standard normal distribution (Box and Muller, 1958), in f32: half a billion
/// are drawn for a large model.
std::array<float, 4> four_normals(uint64_t seed, uint64_t stream, uint64_t index) {
  const auto low = [](uint64_t value) { return static_cast<uint32_t>(value); };
  const auto high = [](uint64_t value) { return static_cast<uint32_t>(value >> 32); };
  const std::array<uint32_t, 4> words =
      base::philox({low(index), high(index), low(stream), high(stream)}, {low(seed), high(seed)});
  std::array<float, 4> normals{};
  for (std::size_t i = 0; i < 4; i += 2) {
    const float uniform = static_cast<float>((words[i] >> 8) + 1) * 0x1p-24f;  // in (0, 1]
    const float angle = static_cast<float>(words[i + 1]) * 0x1p-32f * 6.2831853f;
    const float radius = std::sqrt(-2 * std::log(uniform));
    normals[i] = radius * std::cos(angle);
    normals[i + 1] = radius * std::sin(angle);
  }
  return normals;
}

/// As BLIP is initialised: weights and embeddings normal with deviation 0.02, norms' weights 1,
/// biases 0. Depends on seed and stream alone.
Tensor initial_value(const std::string& name, const tensor::TensorType& type, uint64_t seed,
                     uint64_t stream) {
  Tensor value = Tensor::empty(type.shape);
  float* values = value.data<float>();
  const bool is_bias = name.ends_with(".bias"), is_norm = type.shape.rank() == 1 && !is_bias;
  constexpr int64_t kChunk = 1 << 16;
  base::parallel_for(value.elements(), kChunk, [&](int64_t begin, int64_t end) {
    if (is_bias || is_norm) {
      std::fill(values + begin, values + end, is_norm ? 1.0f : 0.0f);
      return;
    }
    for (int64_t i = begin; i < end; i += 4) {
      const std::array<float, 4> four = four_normals(seed, stream, static_cast<uint64_t>(i / 4));
      for (int64_t j = i; j < std::min(i + 4, end); ++j)
        values[j] = 0.02f * four[static_cast<std::size_t>(j - i)];
    }
  });
  if (type.dtype == DType::f32) return value;
  Tensor converted = Tensor::empty(type.shape, type.dtype);
  tensor::cast_forward(converted, value);
  return converted;
}

int run(const Options& options) {
  catch_interrupt();
  const std::map<std::string, std::pair<DType, const char*>> dtypes{
      {"f32", {DType::f32, "float32"}},
      {"f16", {DType::f16, "float16"}},
      {"bf16", {DType::bf16, "bfloat16"}}};
  const auto& [dtype, dtype_name] = dtypes.at(options.dtype);
  blip::Config config = config_of(options.size);
  const std::vector<std::string> pieces =
      options.vocabulary.empty()
          ? text::made_up_vocabulary(static_cast<std::size_t>(config.text.vocab_size) -
                                     std::size(kSpecialTokensBehind))
          : blip::read_pieces(options.vocabulary);
  set_tokens(config.text, pieces, options.vocabulary);

  base::StagedFolder folder(options.out, options.overwrite, blip::text_files());
  const auto write_json = [&](const char* name, const base::Json& json) {
    base::replace_file(folder.path() / name, json.dump(2) + "\n");
  };
  base::Json config_json = blip::to_json(config);
  config_json["dtype"] = dtype_name;
  write_json("config.json", config_json);
  write_json("generation_config.json", blip::generation_config(config.text));
  write_json("preprocessor_config.json", blip::preprocessor_config(config.vision.image_size));
  write_json("processor_config.json", blip::processor_config());
  write_json("tokenizer_config.json", blip::tokenizer_config(pieces));
  std::string vocabulary;
  for (const std::string& piece : pieces) vocabulary += piece + '\n';
  base::replace_file(folder.path() / "vocab.txt", vocabulary);

  const auto types = checkpoint_types(config, dtype);
  tensor::write_safetensors(folder.path() / "model.safetensors", types,
                            [&](const std::string& name) {
                              throw_if_interrupted();
                              const auto type = types.find(name);
                              const auto stream =
                                  static_cast<uint64_t>(std::distance(types.begin(), type));
                              return initial_value(name, type->second, options.seed, stream);
                            },
                            {{"format", "pt"}});
  folder.commit();
  return kOk;
}

}  // namespace

void add_init(Command app, Job& job) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand(
      "init", "Make a model folder with random weights, for benchmarks and tests");
  command.add_option("OUT", options->out, "The folder to make").required();
  command
      .add_option("--size", options->size,
                  "tiny (64 pixels), base (ViT-B/16, 224 M parameters) or large (ViT-L/16, 446 M)")
      .type_name("tiny|base|large")
      .check(one_of({"tiny", "base", "large"}))
      .required();
  command.add_option("--seed", options->seed, "Other weights for another N (0)")
      .type_name("N")
      .check(whole_number<uint64_t>());
  command.add_option("--dtype", options->dtype, "Type of the weights (f32)")
      .type_name("f32|f16|bf16")
      .check(one_of({"f32", "f16", "bf16"}));
  command
      .add_option("--vocab", options->vocabulary,
                  "A vocab.txt of BERT's kind (default: made-up words as many as the size has)")
      .type_name("FILE");
  command.add_flag("--overwrite", options->overwrite, "Write into a folder that has files");
  add_threads_option(command);
  command.footer(
      "The folder has the form that transformers and this program read. Its captions are "
      "nonsense.\n"
      "\n"
      "Examples:\n"
      "  blip init --size tiny /tmp/tiny\n"
      "  blip init --size large --seed 7 /tmp/large && blip bench --model /tmp/large");
  command.callback([options, &job] { job = [options] { return run(*options); }; });
}

}  // namespace tools
