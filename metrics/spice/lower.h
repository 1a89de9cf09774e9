#pragma once

#include <string>
#include <string_view>

namespace metrics::spice {

/// Text in lower case.
std::string lower(std::string_view text);

}  // namespace metrics::spice
