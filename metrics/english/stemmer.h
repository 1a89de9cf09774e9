// Word stems: Snowball's English stemmer (Porter2).
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct sb_stemmer;

namespace metrics::english {

/// Keeps a buffer, so one thread uses it at a time.
class Stemmer {
 public:
  Stemmer();
  /// The stem of a lower-cased word: "jumping" -> "jump".
  std::string operator()(std::string_view word);

 private:
  std::unique_ptr<sb_stemmer, void (*)(sb_stemmer*)> stemmer_;
};

}  // namespace metrics::english
