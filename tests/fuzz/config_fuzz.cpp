#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "blip/config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const blip::Config config = blip::parse_config(base::parse_json(text, "fuzz"), "fuzz");
    blip::parse_config(blip::to_json(config), "written");
  } catch (const base::Error&) {
  }
  return 0;
}
