// Golden answers and data that are not part of the project: a folder `shared` beside the checkout,
// or where BLIP_SHARED points. Tests that need it are skipped, by name, where it is absent.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace shared {

inline std::filesystem::path root() {
  if (const char* place = std::getenv("BLIP_SHARED"); place && *place) return place;
  return std::filesystem::path(BLIP_SOURCE_DIR) / ".." / "shared";
}

inline std::filesystem::path path(const std::string& relative) {
  return root() / relative;
}

/// Use as `if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;`
inline bool available() {
  return std::filesystem::is_directory(path("reference/golden"));
}
inline constexpr const char* kWhyNot =
    "needs the golden answers (the folder `shared`, absent here)";

}  // namespace shared
