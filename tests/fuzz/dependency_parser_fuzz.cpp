// Whatever the words and tags, the parser gives one tree.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "metrics/english/dependency_parser.h"
#include "metrics/english/tagger.h"

namespace {

using metrics::english::DependencyParser;
using metrics::english::Sentence;
using metrics::english::Tagger;
using metrics::english::Word;

/// The bytes between spaces are words; one with a byte 1 in it brings its tag, behind that.
Sentence sentence_of(std::string_view text, const Tagger& tagger) {
  Sentence sentence;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    Word word;
    word.form = text.substr(0, end);
    sentence.push_back(std::move(word));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  tagger.tag(sentence);
  for (Word& word : sentence) {
    const std::size_t mark = word.form.find('\1');
    if (mark != std::string::npos) word.tag = word.form.substr(mark + 1);
  }
  return sentence;
}

void expect(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  static const std::filesystem::path folder =
      std::filesystem::path(__FILE__).parent_path() / "../../weights/parser";
  static const Tagger tagger = Tagger::load(folder);
  static const DependencyParser parser = DependencyParser::load(folder);
  Sentence sentence = sentence_of({reinterpret_cast<const char*>(data), size}, tagger);
  parser.parse(sentence);

  std::size_t roots = 0;
  for (const Word& word : sentence) {
    expect(word.head >= 0 && word.head <= static_cast<int>(sentence.size()));
    expect((word.head == 0) == (word.relation == "root") && !word.relation.empty());
    roots += word.head == 0;
    // A head for each word but one: without a cycle that is one tree.
    std::size_t steps = 0;
    for (int head = word.head; head != 0; head = sentence[head - 1].head) {
      expect(++steps <= sentence.size());
    }
  }
  expect(roots == (sentence.empty() ? 0 : 1));
  return 0;
}
