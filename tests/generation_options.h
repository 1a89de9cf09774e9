// nn::GenerationOptions from the arguments of transformers' generate, as fixtures keep them.
#pragma once

#include "base/json.h"
#include "nn/search.h"

/// An argument that this does not know is an error: a fixture must not pass half read.
inline nn::GenerationOptions generation_options(const base::Json& arguments) {
  nn::GenerationOptions options;
  for (const auto& [name, json] : arguments.items()) {
    const base::Json& value = json;
    const auto read = [&](auto& option) {
      option = value.get<std::remove_reference_t<decltype(option)>>();
    };
    if (name == "max_new_tokens") {
      read(options.max_new_tokens);
    } else if (name == "min_new_tokens") {
      read(options.min_new_tokens);
    } else if (name == "num_beams") {
      read(options.num_beams);
    } else if (name == "num_return_sequences") {
      read(options.num_return_sequences);
    } else if (name == "length_penalty") {
      read(options.length_penalty);
    } else if (name == "repetition_penalty") {
      read(options.repetition_penalty);
    } else if (name == "no_repeat_ngram_size") {
      read(options.no_repeat_ngram_size);
    } else if (name == "bad_words_ids") {
      read(options.bad_words_ids);
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
