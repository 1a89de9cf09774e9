// Any bytes as a file of references, as one of results and as CSV. Whatever is read is text, and
// every picture has captions.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "base/error.h"
#include "base/utf8.h"
#include "data/captions.h"
#include "data/csv.h"
#include "tests/fuzz/memory_file.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void require_text(const std::string& text) {
  require(base::find_not_utf8(text) == text.npos);
}

void read_as_references(const std::string& path) {
  for (const char* split : {"", "test"}) {
    try {
      std::set<std::string> ids;
      for (const data::ReferencePicture& picture : data::read_references(path, split)) {
        require(!picture.id.empty() && ids.insert(picture.id).second && !picture.captions.empty());
        for (const std::string& caption : picture.captions) require_text(caption);
      }
    } catch (const base::Error&) {
    }
  }
}

void read_as_results(const std::string& path) {
  try {
    std::set<std::string> ids;
    for (const data::CaptionResult& result : data::read_results(path)) {
      require(!result.id.empty() && ids.insert(result.id).second);
      require_text(result.caption);
    }
  } catch (const base::Error&) {
  }
}

/// Rows that are written again, every field in quotes, are the same rows.
void read_as_csv(const std::string& text) {
  try {
    const auto rows = data::read_csv(text, "csv");
    std::string again;
    for (const data::CsvRow& row : rows) {
      for (std::size_t i = 0; i < row.fields.size(); ++i) {
        again += i > 0 ? ",\"" : "\"";
        for (const char c : row.fields[i]) again += c == '"' ? "\"\"" : std::string(1, c);
        again += '"';
      }
      again += "\r\n";
    }
    const auto read = data::read_csv(again, "again");
    require(read.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) require(read[i].fields == rows[i].fields);
  } catch (const base::FormatError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const MemoryFile file(data, size);
  read_as_references(file.path());
  read_as_results(file.path());
  read_as_csv(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
