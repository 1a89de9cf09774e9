// The pictures of tests/data/fixtures and what Pillow makes of them (make_fixtures.py).
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "data/image.h"

namespace fixtures {

inline std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(BLIP_SOURCE_DIR) / "tests/data/fixtures" / name;
}

struct Expected {
  std::string name;
  data::Image image;
};

/// All lines of decoded.txt or resized.txt.
inline std::vector<Expected> expected(const std::string& list) {
  std::vector<Expected> all;
  std::ifstream in(fixture(list));
  std::string hexadecimal;
  for (Expected one; in >> one.name >> one.image.width >> one.image.height >> hexadecimal;) {
    one.image.pixels.clear();
    for (std::size_t i = 0; i < hexadecimal.size(); i += 2) {
      one.image.pixels.push_back(
          static_cast<uint8_t>(std::stoi(hexadecimal.substr(i, 2), nullptr, 16)));
    }
    all.push_back(one);
  }
  return all;
}

}  // namespace fixtures
