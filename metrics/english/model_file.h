// The files of the tagger and the parser: eight letters that say what a file is, u64 checksum of
// its content, u64 number of its bytes, the content. Numbers are little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace metrics::english {

/// A file whose head and checksum are right.
struct ModelFile {
  std::shared_ptr<const base::MappedFile> file;  ///< owns the content
  std::string_view content;
};

/// `mark`: the eight letters. FileError, FormatError.
ModelFile read_model_file(const std::filesystem::path& path, std::string_view mark);
/// FileError.
void write_model_file(const std::filesystem::path& path, std::string_view mark,
                      std::string_view content);

void append_number(std::string& content, std::uint64_t value);

/// Takes a content apart from its front. All throw FormatError if it ends before.
class ContentReader {
 public:
  explicit ContentReader(std::string_view content) : rest_(content) {}
  std::uint64_t number();
  std::string_view bytes(std::uint64_t count);
  /// As many strings as stand in so many bytes, each with a line feed behind it.
  std::vector<std::string> names(std::uint64_t byte_count);
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace metrics::english
