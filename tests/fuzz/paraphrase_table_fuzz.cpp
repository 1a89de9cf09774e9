#include <cstring>
#include <span>
#include <vector>

#include "base/error.h"
#include "metrics/meteor/paraphrase_format.h"
#include "metrics/meteor/paraphrase_table.h"
#include "tests/fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  using metrics::meteor::ParaphraseTable;
  // A checksum that fits, or nothing behind it would be looked at.
  std::vector<uint8_t> bytes(data, data + size);
  metrics::meteor::ParaphraseHeader header{};
  if (size >= sizeof header) {
    std::memcpy(&header, bytes.data(), sizeof header);
    header.checksum = metrics::meteor::paraphrase_checksum(
        header, std::as_bytes(std::span(bytes)).subspan(sizeof header));
    std::memcpy(bytes.data(), &header, sizeof header);
  }
  const MemoryFile file(bytes.data(), bytes.size());
  const std::vector<std::string> words{"a", "lot", "of", "", "unknown", "many", "a", "lot"};
  try {
    const ParaphraseTable table = ParaphraseTable::open(file.path());
    for (const ParaphraseTable::Occurrence& found : table.find(words)) {
      ParaphraseTable::Phrase sum = 0;  // touches what the table hands out
      for (const ParaphraseTable::Phrase phrase : table.paraphrases(found.phrase)) sum += phrase;
      table.paraphrases(sum);
    }
  } catch (const base::Error&) {
  }
  return 0;
}
