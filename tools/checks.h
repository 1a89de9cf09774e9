// Checks of the values of options, with messages in the program's words (CLI11 puts "--option: " in
// front of them).
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace tools {

/// A whole number from `least` to `most`.
inline CLI::Validator in_range(int64_t least, int64_t most) {
  const auto check = [least, most](const std::string& text) {
    int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && stop == end && value >= least && value <= most)
      return std::string();
    return '"' + text + "\", expected a whole number from " + std::to_string(least) + " to " +
           std::to_string(most);
  };
  return {check, "", "range"};
}

/// A whole number that its type T holds: CLI11 takes the nearest one that does, without a word.
template <class T>
CLI::Validator whole_number() {
  const auto check = [](const std::string& text) {
    T value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && stop == end) return std::string();
    return '"' + text + "\", expected a whole number" +
           (error == std::errc::result_out_of_range ? " of at most 64 bits"
            : std::is_unsigned_v<T>                 ? " from 0"
                                                    : "");
  };
  return {check, "", "whole"};
}

/// A name: not what an unset variable leaves of it.
inline CLI::Validator not_empty() {
  const auto check = [](const std::string& text) {
    return text.empty() ? std::string("the value is empty") : std::string();
  };
  return {check, "", "name"};
}

/// A number above 0.
inline CLI::Validator positive() {
  const auto check = [](const std::string& text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && stop == end && value > 0 && value < 1e18) return std::string();
    return '"' + text + "\", expected a number above 0";
  };
  return {check, "", "positive"};
}

/// One of a few words.
inline CLI::Validator one_of(std::vector<std::string> words) {
  const auto check = [words = std::move(words)](const std::string& text) {
    for (const std::string& word : words) {
      if (text == word) return std::string();
    }
    return '"' + text + "\", expected " + CLI::detail::join(words, " or ");
  };
  return {check, "", "words"};
}

}  // namespace tools
