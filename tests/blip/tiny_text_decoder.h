// A text decoder small enough to run in no time, with random weights, and pictures for it.
#pragma once

#include "blip/caption_decoder.h"
#include "tests/reference/twins.h"

struct TinyTextDecoder {
  blip::TextDecoder model{{.vocab_size = 20,
                           .hidden_size = 8,
                           .encoder_hidden_size = 6,
                           .intermediate_size = 12,
                           .num_hidden_layers = 2,
                           .num_attention_heads = 2,
                           .max_position_embeddings = 16,
                           .bos_token_id = 1,
                           .sep_token_id = 2}};
  tensor::Tensor pictures = reference::random({3, 5, 6}, 77);  ///< encoded

  TinyTextDecoder() {
    uint64_t seed = 1;
    nn::for_each_parameter(
        model, [&](const std::string&, nn::Parameter& value, const tensor::Shape& shape) {
          value.assign(reference::random(shape, seed++, 0.5f));
        });
  }
};
