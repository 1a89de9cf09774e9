// Any bytes as a text, and as the files of a tokenizer.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "text/normalize.h"
#include "text/unicode.h"
#include "text/wordpiece.h"

namespace {

namespace fs = std::filesystem;

void require(bool condition) {
  if (!condition) std::abort();
}

/// Whatever is encoded is in the vocabulary and decodes to UTF-8.
void round_trip(const text::WordPiece& pieces, std::string_view input) {
  const std::vector<int64_t> ids = pieces.encode(input);
  for (const int64_t id : ids) require(id >= 0 && id < pieces.size());
  require(base::is_utf8(pieces.decode(ids)));
  require(base::is_utf8(pieces.decode(ids, false)));
  const std::string normal = text::normalize(input, {});
  require(base::is_utf8(normal));
  require(text::normalize(normal, {}).size() <= normal.size() * 3);  // ideographs get new spaces
}

const text::WordPiece& fixed() {
  static const text::WordPiece pieces({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "ab", "abc", "##a",
                                       "##bc", "##c", "'", ".", "##\u0640"});
  return pieces;
}

/// Removed when the program ends.
struct Folder {
  fs::path path = fs::temp_directory_path() / base::str("tokenizer_fuzz.", ::getpid());
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

/// The files of a folder, one after the other, each ended by a record separator; absent if empty.
void load(std::string_view input) {
  static const Folder folder;
  for (const char* name : {"vocab.txt", "tokenizer.json", "tokenizer_config.json",
                           "special_tokens_map.json", "added_tokens.json"}) {
    const std::size_t end = std::min(input.find('\x1e'), input.size());
    fs::remove(folder.path / name);
    if (end > 0) std::ofstream(folder.path / name, std::ios::binary) << input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  try {
    const text::WordPiece pieces = text::WordPiece::load(folder.path);
    for (int64_t id = 0; id < pieces.size(); ++id) require(base::is_utf8(pieces.piece(id)));
    round_trip(pieces, "a [DEC] b\u00e9 [MASK] \u65e5 'the' end.");
  } catch (const base::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.empty()) return 0;
  const bool is_text = input.front() % 2 == 0;
  input.remove_prefix(1);
  is_text ? round_trip(fixed(), input) : load(input);
  return 0;
}
