// The chunks that a PNG consists of, for those who look for the picture and for what is said of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "data/codec.h"

namespace data {

struct PngChunk {
  std::string_view type;
  std::size_t length;  ///< as the chunk says
  Bytes content;       ///< as much of it as the file has
  std::size_t content_at;
  Bytes file;

  /// Letters, digits and underscores: what Pillow takes for a chunk's name.
  bool is_named() const;
  /// Does it hold a part of the picture? (fdAT is the IDAT of an animation's later frames.)
  bool is_data() const { return type == "IDAT" || type == "DDAT" || type == "fdAT"; }
  Bytes data() const;
  bool matches_checksum() const;
  /// Where the next chunk begins.
  std::size_t end() const { return content_at + length + 4; }
};

/// Walks from chunk to chunk.
class PngChunks {
 public:
  /// `at` is where a chunk begins; the first one does behind the signature.
  explicit PngChunks(Bytes file, std::size_t at = 8) : file_(file), at_(at) {}

  /// The chunk that begins here, if the file goes on for a length and a type.
  std::optional<PngChunk> next() const;
  void skip();

 private:
  Bytes file_;
  std::size_t at_;
};

}  // namespace data
