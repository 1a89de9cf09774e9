// Beam search, called by nn::generate, which checks what goes in.
#pragma once

#include "base/random.h"
#include "nn/search.h"

namespace nn {

/// What one prompt's search starts from.
struct BeamSearchStart {
  std::vector<int64_t> prompt;
  int64_t max_new_tokens;  ///< at least 1
  base::Random random;     ///< for options.do_sample
};

/// For each prompt (in the order in which `logits`, the decoder's prefill, has them) its
/// num_return_sequences best sequences.
std::vector<std::vector<GeneratedSequence>> beam_search(Decoder& decoder, tensor::Tensor logits,
                                                        std::span<const BeamSearchStart> starts,
                                                        const GenerationOptions& options);

}  // namespace nn
