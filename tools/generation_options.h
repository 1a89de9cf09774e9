// The decoding options of a command line, under transformers' names.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "blip/captioner.h"
#include "tools/command_line.h"

namespace tools {

class GenerationArguments {
 public:
  void add_to(Command command);

  /// The model folder's own defaults with what was given on the command line in their place.
  /// UsageError for values that make no sense; FormatError if they are the folder's.
  nn::GenerationOptions apply(const blip::Captioner& captioner) const;

 private:
  enum class Use { always, sampling };

  template <class T>
  void add(Command command, const std::string& name, T nn::GenerationOptions::*field,
           const std::string& type, const std::string& help, Use use = Use::always);

  void expect_sampling(const blip::Captioner& captioner) const;

  std::vector<std::function<void(nn::GenerationOptions&)>> changes_;
  std::vector<std::string> sampling_;  ///< the given options that only sampling reads
  std::vector<std::string> bad_words_;
};

}  // namespace tools
