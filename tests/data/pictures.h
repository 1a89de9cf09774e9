// Pictures that tests make byte by byte, and what is read from them in a form that fits on a line.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/error.h"
#include "data/image.h"
#include "tests/temporary_folder.h"

namespace pictures {

/// `count` bytes of a number.
inline std::string little(uint64_t value, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}
inline std::string big(uint64_t value, int count) {
  std::string bytes;
  for (int i = count; i-- > 0;) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}
/// Bytes from their numbers.
inline std::string bytes(std::initializer_list<int> numbers) {
  std::string text;
  for (const int number : numbers) text += static_cast<char>(number);
  return text;
}

inline data::Image decode(const std::string& file) {
  return data::decode_image(std::as_bytes(std::span(file)), "picture");
}

/// The message of the FormatError that decoding ends with.
inline std::string refusal(const std::string& file) {
  return error_of<base::FormatError>([&] { decode(file); });
}

/// "ff0000 00ff00/000000 ffffff": the pixels of each row.
inline std::string colors(const std::string& file) {
  const data::Image image = decode(file);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    if (i > 0 && i % 3 == 0) text += i % (3 * static_cast<std::size_t>(image.width)) ? ' ' : '/';
    text += kDigits[image.pixels[i] >> 4];
    text += kDigits[image.pixels[i] & 15];
  }
  return text;
}

/// "255 0/7 100": the same of a picture that is gray, "colours" of another.
inline std::string grays(const std::string& file) {
  const data::Image image = decode(file);
  std::string text;
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    if (image.pixels[i] != image.pixels[i + 1] || image.pixels[i] != image.pixels[i + 2]) {
      return "colours";
    }
    if (i > 0) text += i % (3 * static_cast<std::size_t>(image.width)) ? ' ' : '/';
    text += std::to_string(image.pixels[i]);
  }
  return text;
}

}  // namespace pictures
