#include "data/png_chunks.h"

#include <algorithm>
#include <array>

namespace data {
namespace {

/// The checksum of PNG chunks (ISO 3309).
uint32_t crc32(Bytes bytes) {
  constexpr auto kTable = [] {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0xEDB88320u : 0);
      table[i] = value;
    }
    return table;
  }();
  uint32_t crc = ~0u;
  for (const std::byte byte : bytes) {
    crc = kTable[(crc ^ static_cast<uint32_t>(byte)) & 0xFF] ^ crc >> 8;
  }
  return ~crc;
}

}  // namespace

bool PngChunk::is_named() const {
  return std::all_of(type.begin(), type.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Bytes PngChunk::data() const {
  constexpr std::size_t kSequenceNumber = 4;
  if (type != "fdAT") return content;
  return content.subspan(std::min(kSequenceNumber, content.size()));
}

bool PngChunk::matches_checksum() const {
  return file.size() >= end() &&
         crc32(file.subspan(content_at - 4, length + 4)) == u32_big(file, content_at + length);
}

std::optional<PngChunk> PngChunks::next() const {
  if (at_ > file_.size() || file_.size() - at_ < 8) return std::nullopt;
  const std::size_t length = u32_big(file_, at_), content_at = at_ + 8;
  const auto* type = reinterpret_cast<const char*>(file_.data()) + at_ + 4;
  return PngChunk{{type, 4},
                  length,
                  file_.subspan(content_at, std::min(length, file_.size() - content_at)),
                  content_at,
                  file_};
}

void PngChunks::skip() {
  if (const auto chunk = next()) at_ = chunk->end();
}

}  // namespace data
