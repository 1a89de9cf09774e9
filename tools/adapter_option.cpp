#include "tools/adapter_option.h"

#include "tools/checks.h"

namespace tools {

void AdapterArguments::add_to(Command command, const std::string& group) {
  Option adapter =
      command
          .add_option_function<std::string>(
              "--adapter", [this](const std::string& folder) { folder_ = folder; },
              "Folder of a LoRA adapter (adapter_config.json, adapter_model.safetensors, as PEFT "
              "writes them)")
          .type_name("DIR")
          .check(not_empty());
  Option scale =
      command
          .add_option("--adapter-scale", scale_,
                      "How strong it is: 1 as trained (the default), 0 as if it were not there")
          .type_name("X")
          .needs("--adapter");
  if (group.empty()) return;
  adapter.group(group);
  scale.group(group);
}

std::optional<lora::Adapter> AdapterArguments::put_on(const blip::Captioner& captioner) const {
  if (folder_.empty()) return std::nullopt;
  std::optional<lora::Adapter> adapter = lora::Adapter::load(captioner.model(), folder_);
  adapter->enable(scale_.value_or(1));
  return adapter;
}

}  // namespace tools
