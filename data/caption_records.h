// What files of captions are made of: objects that say something about one picture. The readers of
// captions.h share this.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace data {

/// An entry of a JSON list, a line of JSONL, a row of CSV.
struct CaptionRecord {
  base::Json json;    ///< an object
  std::string where;  ///< for errors: the file and the line or entry
};

/// A file of captions, before anybody asks what its objects mean.
struct CaptionFile {
  enum class Form { kObject, kList, kLines };
  Form form = Form::kObject;
  base::Json object;                   ///< kObject: the whole file, {"images": ...}
  std::vector<CaptionRecord> records;  ///< kList: of a JSON list; kLines: of JSONL or CSV
};

/// Reads a file, a pipe, or standard input (`-`), and finds the form: `.csv` and `.jsonl` say it,
/// and otherwise a bracket at the start means JSON (an object a line: JSONL), anything else CSV. In
/// JSON, NaN and Infinity are numbers, as Python writes them; in CSV, an id such as 42.0 is the
/// number 42. FileError, FormatError.
CaptionFile read_caption_file(const std::filesystem::path& path);

/// The picture that an object is about: the first of `keys` that it has. Numbers become decimal, so
/// that 1, 1.0 and "1" are the same picture. FormatError for anything but a whole number or a
/// string.
std::string picture_id(const base::Json& object, std::initializer_list<const char*> keys,
                       const std::string& where);
/// The string under a key. FormatError if it is absent or something else.
const std::string& text_of(const base::Json& object, const char* key, const std::string& where);
/// The list under a key; FormatError likewise.
const base::Json& list_of(const base::Json& object, const char* key, const std::string& where);

/// "a number", "null", ...: what errors call a value.
std::string kind_of(const base::Json& value);

/// What records call their picture, the best name first.
inline constexpr std::initializer_list<const char*> kRecordIds = {"image_id", "id", "image", "path",
                                                                  "file_name"};

}  // namespace data
