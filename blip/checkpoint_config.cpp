#include "blip/checkpoint_config.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/lines.h"

namespace blip {
namespace {

using base::str;
using tensor::Shape;
using tensor::TensorMap;

/// The shapes of a checkpoint's tensors, with errors that name it.
class Shapes {
 public:
  Shapes(const TensorMap& tensors, const std::string& source)
      : tensors_(tensors), source_(source) {}

  bool has(const std::string& name) const { return tensors_.contains(name); }

  const Shape& of(const std::string& name, int rank) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) fail(str("has no tensor ", name, ", which every BLIP has"));
    if (found->second.rank() != rank) {
      fail(str(name, " is ", found->second.shape().str(), ", expected ", rank, " axes"));
    }
    return found->second.shape();
  }

  /// How many numbers N from 0 have tensors that begin with `prefix`N.
  int64_t layers(const std::string& prefix) const {
    int64_t count = 0;
    for (;; ++count) {
      const std::string layer = str(prefix, count, ".");
      const auto found = tensors_.lower_bound(layer);
      if (found == tensors_.end() || !found->first.starts_with(layer)) return count;
    }
  }

  [[noreturn]] void fail(const std::string& problem) const {
    throw base::CheckpointError(str(source_, ": ", problem));
  }

 private:
  const TensorMap& tensors_;
  const std::string& source_;
};

VisionConfig vision_config(const Shapes& shapes, const OriginalOptions& options) {
  VisionConfig vision;
  const Shape& patches = shapes.of("vision_model.embeddings.patch_embedding.weight", 4);
  vision.hidden_size = patches[0];
  vision.patch_size = patches[3];
  vision.num_hidden_layers = shapes.layers("vision_model.encoder.layers.");
  vision.intermediate_size = shapes.of("vision_model.encoder.layers.0.mlp.fc1.weight", 2)[0];
  vision.layer_norm_eps = options.vision_eps.value_or(1e-6f);
  vision.num_attention_heads = options.vision_heads.value_or(vision.hidden_size == 1024 ? 16 : 12);
  if (vision.num_attention_heads < 1 || vision.hidden_size % vision.num_attention_heads != 0) {
    throw base::UsageError(str("the image encoder is ", vision.hidden_size, " wide, which ",
                               vision.num_attention_heads,
                               " heads do not divide; --vision-heads says how many it has"));
  }
  const int64_t positions = shapes.of("vision_model.embeddings.position_embedding", 3)[1] - 1;
  const auto side = static_cast<int64_t>(std::lround(std::sqrt(std::max<int64_t>(positions, 0))));
  if (side * side != positions) {
    shapes.fail(str("has embeddings for ", positions, " patches, expected a square number"));
  }
  vision.image_size = options.image_size.value_or(side * vision.patch_size);
  return vision;
}

/// med_config.json describes BERT: its keys are those of text_config.
void read_med_config(const std::filesystem::path& path, TextConfig& text) {
  const base::Json json = base::read_json(path);
  if (!json.is_object()) throw base::FormatError(path.string() + ": is not a JSON object");
  base::Json known = {{"hidden_size", text.hidden_size},
                      {"num_attention_heads", text.num_attention_heads}};
  for (const char* key : {"num_attention_heads", "layer_norm_eps", "hidden_act"}) {
    if (json.contains(key)) known[key] = json[key];
  }
  const Config config = parse_config({{"text_config", known}}, path.string());
  text.num_attention_heads = config.text.num_attention_heads;
  text.layer_norm_eps = config.text.layer_norm_eps;
}

void read_special_tokens(const std::filesystem::path& path, TextConfig& text) {
  const std::vector<std::string> pieces = read_pieces(path);
  const auto id = [&](const char* piece, int64_t absent) {
    const auto found = std::find(pieces.begin(), pieces.end(), piece);
    return found == pieces.end() ? absent : static_cast<int64_t>(found - pieces.begin());
  };
  text.pad_token_id = id("[PAD]", text.pad_token_id);
  text.sep_token_id = id("[SEP]", text.sep_token_id);
  text.bos_token_id =
      id("[DEC]", static_cast<int64_t>(pieces.size()));  // the original code adds it
}

TextConfig text_config(const Shapes& shapes, const OriginalOptions& options) {
  const bool decoder = shapes.has("text_decoder.bert.embeddings.word_embeddings.weight");
  const std::string model = decoder ? "text_decoder.bert." : "text_encoder.";
  TextConfig text;
  const Shape& words = shapes.of(model + "embeddings.word_embeddings.weight", 2);
  text.vocab_size = words[0];
  text.hidden_size = words[1];
  text.max_position_embeddings = shapes.of(model + "embeddings.position_embeddings.weight", 2)[0];
  text.num_hidden_layers = shapes.layers(model + "encoder.layer.");
  text.intermediate_size = shapes.of(model + "encoder.layer.0.intermediate.dense.weight", 2)[0];
  text.encoder_hidden_size =
      shapes.of(model + "encoder.layer.0.crossattention.self.key.weight", 2)[1];
  text.num_attention_heads = 12;
  // [DEC] and [ENC] are the last two.
  text.bos_token_id = std::max<int64_t>(text.vocab_size - 2, 0);
  if (!options.med_config.empty()) read_med_config(options.med_config, text);
  if (!options.vocabulary.empty()) read_special_tokens(options.vocabulary, text);
  return text;
}

}  // namespace

Config config_of_tensors(const TensorMap& tensors, const OriginalOptions& options,
                         const std::string& source) {
  const Shapes shapes(tensors, source);
  Config config;
  config.vision = vision_config(shapes, options);
  config.text = text_config(shapes, options);
  parse_config(to_json(config), source);  // refuses what makes no model
  return config;
}

std::vector<std::string> read_pieces(const std::filesystem::path& vocabulary) {
  const std::string text = base::read_file(vocabulary);
  base::Lines lines(text, vocabulary.string());
  std::vector<std::string> pieces;
  while (const auto piece = lines.next()) pieces.emplace_back(*piece);
  return pieces;
}

}  // namespace blip
