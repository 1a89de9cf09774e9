// Any bytes as a caption.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "metrics/english/ptb_rules.h"
#include "metrics/english/ptb_tokenizer.h"
#include "metrics/tokens.h"

namespace {

namespace ptb = metrics::english::ptb;

void require(bool condition) {
  if (!condition) std::abort();
}

/// What a scanner remembers of the text behind must not change what it finds.
void compare_with_fresh_scanners(std::string_view line) {
  const ptb::Text text(line);
  ptb::Scanner scanner(text);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const ptb::Match match = scanner.longest(at), fresh = ptb::Scanner(text).longest(at);
    require(match.rule == fresh.rule && match.end == fresh.end && match.reach == fresh.reach);
    require(match.end > at && match.reach >= match.end && match.end <= text.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  std::size_t longer = 0;
  for (const std::string& token : metrics::english::ptb_tokenize(line)) {
    require(!token.empty() && token.find(' ') == token.npos);
    require(base::find_not_utf8(token) == std::string::npos);
    longer += token.size();
  }
  require(longer <= 5 * line.size() + 1);  // a bracket becomes five characters
  require(base::find_not_utf8(metrics::caption_tokens(line)) == std::string::npos);
  if (size <= 200) compare_with_fresh_scanners(line);
  return 0;
}
