// Reads reference files that are packed with gzip, through the program of that name.
#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

/// The lines of a .gz file, without their line feeds.
inline std::vector<std::string> gzip_lines(const std::filesystem::path& path) {
  const std::string command = "gzip -dc -- '" + path.string() + "'";
  FILE* const pipe = ::popen(command.c_str(), "r");
  if (!pipe) throw std::runtime_error("cannot start " + command);
  std::string text;
  std::array<char, 1 << 16> buffer;
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    text.append(buffer.data(), size);
  }
  if (::pclose(pipe) != 0) throw std::runtime_error("failed: " + command);

  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}
