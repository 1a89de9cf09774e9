// nn::GenerationOptions from the arguments of transformers' generate, as fixtures keep them.
#pragma once

#include "base/json.h"
#include "nn/search.h"

/// An argument that this does not know is an error: a fixture must not pass half read.
inline nn::GenerationOptions generation_options(const base::Json& arguments) {
  nn::GenerationOptions options;
  for (const auto& [name, value] : arguments.items()) {
    if (name == "max_new_tokens") {
      value.get_to(options.max_new_tokens);
    } else if (name == "min_new_tokens") {
      value.get_to(options.min_new_tokens);
    } else if (name == "num_beams") {
      value.get_to(options.num_beams);
    } else if (name == "num_return_sequences") {
      value.get_to(options.num_return_sequences);
    } else if (name == "length_penalty") {
      value.get_to(options.length_penalty);
    } else if (name == "repetition_penalty") {
      value.get_to(options.repetition_penalty);
    } else if (name == "no_repeat_ngram_size") {
      value.get_to(options.no_repeat_ngram_size);
    } else if (name == "bad_words_ids") {
      value.get_to(options.bad_words_ids);
    } else if (name == "early_stopping") {
      options.early_stopping = value == "never"    ? nn::EarlyStopping::never
                               : value.get<bool>() ? nn::EarlyStopping::yes
                                                   : nn::EarlyStopping::no;
    } else {
      throw base::UsageError("a fixture has the unknown argument " + name);
    }
  }
  return options;
}
