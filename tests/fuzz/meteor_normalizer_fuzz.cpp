// Any bytes as a line for METEOR's normaliser.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "metrics/english/unicode.h"
#include "metrics/meteor/normalizer.h"

namespace {

using metrics::meteor::Abbreviations;

void require(bool condition) {
  if (!condition) std::abort();
}

std::string letters_and_digits(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  static const Abbreviations abbreviations{
      {{U"mr", Abbreviations::Rule::kAlways}, {U"no", Abbreviations::Rule::kBeforeNumber}}};
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  std::string joined;
  for (const std::string& word : metrics::meteor::normalized_words(line, abbreviations)) {
    require(!word.empty() && word.find_first_of(" \t\n\r\f") == word.npos);
    require(base::find_not_utf8(word) == std::string::npos);
    joined += word;
  }
  // Words are cut apart, punctuation goes and changes, but letters and digits stay in their order.
  using namespace metrics::english;
  require(letters_and_digits(joined) ==
          letters_and_digits(base::encode_utf8(lower_case(base::decode_utf8(line)))));
  return 0;
}
