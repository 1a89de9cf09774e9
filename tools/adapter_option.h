// The options that put an adapter on the model.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "blip/captioner.h"
#include "lora/adapter.h"
#include "tools/command_line.h"

namespace tools {

class AdapterArguments {
 public:
  /// --adapter DIR, --adapter-scale X.
  void add_to(Command command, const std::string& group = "");
  /// The adapter, in use, as long as it lives; nothing if none was given.
  std::optional<lora::Adapter> put_on(const blip::Captioner& captioner) const;

 private:
  std::filesystem::path folder_;
  std::optional<float> scale_;  // 1 if not given
};

}  // namespace tools
