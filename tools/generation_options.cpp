#include "tools/generation_options.h"

#include <algorithm>
#include <iostream>
#include <map>

#include "base/error.h"
#include "tools/checks.h"
#include "tools/list_option.h"

namespace tools {

using nn::EarlyStopping;
using nn::GenerationOptions;

template <class T>
void GenerationArguments::add(Command command, const std::string& name, T GenerationOptions::*field,
                              const std::string& type, const std::string& help, Use use) {
  Option option = command.add_option_function<T>(
      name,
      [this, field, name, use](const T& value) {
        if (use == Use::sampling) sampling_.push_back(name);
        changes_.push_back([field, value](GenerationOptions& options) { options.*field = value; });
      },
      help);
  option.type_name(type).group("Decoding");
  if constexpr (std::is_integral_v<T>) option.check(whole_number<T>());
}

void GenerationArguments::add_to(Command command) {
  using O = GenerationOptions;
  add(command, "--max-new-tokens", &O::max_new_tokens, "N",
      "Cut a caption after this many tokens (20)");
  add(command, "--min-new-tokens", &O::min_new_tokens, "N", "Do not end a caption before (0)");
  add(command, "--num-beams", &O::num_beams, "N", "Beam search with N beams (1: greedy)");
  add(command, "--length-penalty", &O::length_penalty, "X",
      "Beams: divide scores by length^X; above 0 favours long captions (1)");
  command
      .add_option_function<std::string>(
          "--early-stopping",
          [this](const std::string& word) {
            const std::map<std::string, EarlyStopping> values{{"false", EarlyStopping::no},
                                                              {"true", EarlyStopping::yes},
                                                              {"never", EarlyStopping::never}};
            const EarlyStopping value = values.at(word);
            changes_.push_back([value](GenerationOptions& o) { o.early_stopping = value; });
          },
          "Beams: stop when num-beams captions are finished (true), when a better one is unlikely "
          "(false, the default), or only when it is impossible (never)")
      .check(one_of({"true", "false", "never"}))
      .type_name("true|false|never")
      .group("Decoding");
  add(command, "--num-return-sequences", &O::num_return_sequences, "N",
      "Captions of each picture (1)");
  command
      .add_flag_callback(
          "--do-sample", [this] { changes_.push_back([](O& o) { o.do_sample = true; }); },
          "Draw tokens by their probability instead of taking the best")
      .group("Decoding");
  add(command, "--temperature", &O::temperature, "X",
      "Sampling: divide logits by X; below 1 is bolder, above 1 more varied (1)", Use::sampling);
  add(command, "--top-k", &O::top_k, "N", "Sampling: among the N best tokens (50; 0: all)",
      Use::sampling);
  add(command, "--top-p", &O::top_p, "X",
      "Sampling: among the best tokens that make up probability X (1)", Use::sampling);
  add(command, "--seed", &O::seed, "N",
      "Sampling: other captions for another N, the same for the same (0)", Use::sampling);
  add(command, "--repetition-penalty", &O::repetition_penalty, "X",
      "Above 1: tokens that stand in the caption become less likely (1)");
  add(command, "--no-repeat-ngram-size", &O::no_repeat_ngram_size, "N",
      "No N tokens in a row twice (0: off)");
  add_list_option(command, "--bad-words", bad_words_,
                  "Words that no caption may use; commas between several, or the option again")
      .type_name("WORD,...")
      .group("Decoding");
}

/// What a folder says of sampling without meaning to sample is looked at only now.
void GenerationArguments::expect_sampling(const blip::Captioner& captioner) const {
  GenerationOptions options = captioner.generation_options();
  const auto given = [&](const char* name) {
    return std::count(sampling_.begin(), sampling_.end(), name) > 0;
  };
  if (given("--temperature")) options.temperature = 1;
  if (given("--top-k")) options.top_k = 0;
  if (given("--top-p")) options.top_p = 1;
  options.do_sample = true;
  blip::expect_valid(options, captioner.folder());
}

GenerationOptions GenerationArguments::apply(const blip::Captioner& captioner) const {
  GenerationOptions options = captioner.generation_options();
  for (const auto& change : changes_) change(options);
  if (!options.do_sample && !sampling_.empty()) {
    throw base::UsageError(sampling_.front() + " needs --do-sample");
  }
  if (options.do_sample && !captioner.generation_options().do_sample) {
    expect_sampling(captioner);
  }
  for (const std::string& word : bad_words_) {
    std::vector<int64_t> ids = captioner.tokenizer().encode(word);
    if (ids.empty()) throw base::UsageError("--bad-words: an empty word");
    if (std::count(ids.begin(), ids.end(), captioner.tokenizer().unk_id()) > 0) {
      std::cerr << "note: --bad-words: the model cannot write \"" << word << "\" anyway\n";
    } else {
      options.bad_words_ids.push_back(std::move(ids));
    }
  }
  nn::validate(options);
  return options;
}

}  // namespace tools
