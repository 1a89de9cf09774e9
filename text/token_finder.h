// Finds whole tokens such as "[SEP]" in a text.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace text {

class TokenFinder {
 public:
  /// `content` is not empty.
  void add(std::string content, int64_t id) {
    auto& same_start = by_first_byte_[static_cast<unsigned char>(content.front())];
    const auto place = std::find_if(same_start.begin(), same_start.end(), [&](const Token& other) {
      return other.first.size() < content.size();
    });
    same_start.emplace(place, std::move(content), id);
  }

  /// Cuts `text` where tokens stand, the leftmost first and of those the longest: in the order of
  /// the text, calls on_text(std::string_view) for what lies between and on_token(id) for tokens.
  template <class OnText, class OnToken>
  void split(std::string_view text, const OnText& on_text, const OnToken& on_token) const {
    std::size_t begin = 0;  // of what has not been handed out
    for (std::size_t at = 0; at < text.size();) {
      const auto* token = find_at(text.substr(at));
      if (token == nullptr) {
        ++at;
        continue;
      }
      if (begin < at) on_text(text.substr(begin, at - begin));
      on_token(token->second);
      begin = at = at + token->first.size();
    }
    if (begin < text.size()) on_text(text.substr(begin));
  }

 private:
  using Token = std::pair<std::string, int64_t>;

  const Token* find_at(std::string_view text) const {
    for (const Token& token : by_first_byte_[static_cast<unsigned char>(text.front())]) {
      if (text.substr(0, token.first.size()) == token.first) return &token;
    }
    return nullptr;
  }

  std::array<std::vector<Token>, 256> by_first_byte_;  // the longest first
};

}  // namespace text
