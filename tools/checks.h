// Checks of the values of options, with messages in the program's words (the parser puts "--option:
// " in front of them).
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "tools/command_line.h"

namespace tools {

/// A whole number from `least` to `most`.
inline Check in_range(int64_t least, int64_t most) {
  return [least, most](const std::string& text) {
    int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && stop == end && value >= least && value <= most)
      return std::string();
    return '"' + text + "\", expected a whole number from " + std::to_string(least) + " to " +
           std::to_string(most);
  };
}

/// A whole number that its type T holds: CLI11 takes the nearest one that does, without a word.
template <class T>
Check whole_number() {
  return [](const std::string& text) {
    T value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && stop == end) return std::string();
    return '"' + text + "\", expected a whole number" +
           (error == std::errc::result_out_of_range ? " of at most 64 bits"
            : std::is_unsigned_v<T>                 ? " from 0"
                                                    : "");
  };
}

/// A name: not what an unset variable leaves of it.
inline Check not_empty() {
  return [](const std::string& text) {
    return text.empty() ? std::string("the value is empty") : std::string();
  };
}

/// A number above 0.
inline Check positive() {
  return [](const std::string& text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && stop == end && value > 0 && value < 1e18) return std::string();
    return '"' + text + "\", expected a number above 0";
  };
}

/// One of a few words.
inline Check one_of(std::vector<std::string> words) {
  return [words = std::move(words)](const std::string& text) {
    for (const std::string& word : words) {
      if (text == word) return std::string();
    }
    std::string list = words.front();
    for (std::size_t i = 1; i < words.size(); ++i) list += " or " + words[i];
    return '"' + text + "\", expected " + list;
  };
}

}  // namespace tools
