#include "data/caption_records.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/error.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/utf8.h"
#include "data/csv.h"

namespace data {
namespace {

using base::FormatError;
using base::Json;
using base::str;

constexpr std::string_view kBlank = " \t\r\n";

bool is_blank(std::string_view text) {
  return text.find_first_not_of(kBlank) == std::string_view::npos;
}

/// Whether a text that starts with an object goes on with another one on a line of its own.
bool has_object_lines(std::string_view text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::size_t last = text.find_last_not_of(kBlank, end);
  const std::size_t next = text.find_first_not_of(kBlank, end);
  return text[last] == '}' && next != std::string_view::npos && text[next] == '{';
}

/// What a reader must hear about an object that should be one picture's.
void expect_object(const Json& json, const std::string& where) {
  if (!json.is_object()) {
    throw FormatError(str(where, ": ", kind_of(json), ", expected an object of a picture"));
  }
}

std::vector<CaptionRecord> list_records(Json&& list, const std::string& name) {
  std::vector<CaptionRecord> records;
  records.reserve(list.size());
  for (Json& entry : list.elements()) {
    std::string where = str(name, ": entry ", records.size() + 1);
    expect_object(entry, where);
    records.push_back({std::move(entry), std::move(where)});
  }
  return records;
}

std::vector<CaptionRecord> line_records(std::string_view text, const std::string& name) {
  std::vector<CaptionRecord> records;
  base::Lines lines(text, name);
  while (const auto line = lines.next()) {
    if (is_blank(*line)) continue;
    std::string where = lines.where();
    Json json = base::parse_json(*line, where, base::JsonNumbers::kPython);
    expect_object(json, where);
    records.push_back({std::move(json), std::move(where)});
  }
  return records;
}

/// "42" for "42.0", which tables hold where a column of whole numbers has gaps; else the field.
std::string without_zero_fraction(const std::string& field) {
  const std::size_t digits = field.starts_with('-') ? 1 : 0;
  const std::size_t point = std::min(field.find_first_not_of("0123456789", digits), field.size());
  const bool whole = point > digits && field.size() > point + 1 && field[point] == '.' &&
                     field.find_first_not_of('0', point + 1) == std::string::npos;
  return whole ? field.substr(0, point) : field;
}

bool is_id(const std::string& key) {
  return std::find(kRecordIds.begin(), kRecordIds.end(), key) != kRecordIds.end();
}

std::vector<CaptionRecord> csv_records(std::string_view text, const std::string& name) {
  if (const std::size_t bad = base::find_not_utf8(text); bad != std::string_view::npos) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(bad);
    throw FormatError(str(name, ":", 1 + std::count(text.begin(), end, '\n'), ": not UTF-8"));
  }
  const std::vector<CsvRow> rows = read_csv(text, name);
  const std::vector<std::string>& header = rows.front().fields;
  std::vector<std::string_view> sorted(header.begin(), header.end());
  std::sort(sorted.begin(), sorted.end());
  const auto duplicate = std::adjacent_find(sorted.begin(), sorted.end());
  if (duplicate != sorted.end()) {
    throw FormatError(str(name, ": duplicate column \"", *duplicate, "\" in the header"));
  }
  if (std::find(header.begin(), header.end(), "caption") == header.end() ||
      std::none_of(header.begin(), header.end(), is_id)) {
    throw FormatError(
        str(name, ": neither JSON nor a table of captions: the first line is no CSV ",
            "header with \"caption\" and \"image_id\" (or id, image, path, file_name)"));
  }
  std::vector<CaptionRecord> records;
  records.reserve(rows.size() - 1);
  for (std::size_t row = 1; row < rows.size(); ++row) {
    CaptionRecord record{.json = Json::object(), .where = str(name, ", line ", rows[row].line)};
    for (std::size_t column = 0; column < header.size(); ++column) {
      const std::string& field = rows[row].fields[column];
      const bool wanted = header[column] == "category"
                              ? !field.empty()
                              : header[column] == "caption" || is_id(header[column]);
      if (!wanted) continue;
      const bool number = header[column] == "image_id" || header[column] == "id";
      record.json[header[column]] = number ? without_zero_fraction(field) : field;
    }
    records.push_back(std::move(record));
  }
  return records;
}

/// "caption" where the key is absent, else "caption is null".
std::string found(const Json& object, const char* key) {
  return object.contains(key) ? str("\"", key, "\" is ", kind_of(object[key]))
                              : str("no \"", key, "\"");
}

}  // namespace

std::string kind_of(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  if (value.is_string()) return "a string";
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_integer()) return "a number";
  if (std::isnan(value.get<double>())) return "NaN";
  if (std::isinf(value.get<double>())) return "infinity";
  return std::trunc(value.get<double>()) == value.get<double>() ? "a number too large to be exact"
                                                                : "a number with a fraction";
}

CaptionFile read_caption_file(const std::filesystem::path& path) {
  const std::string name = path == "-" ? "standard input" : path.string();
  const std::string content = base::read_file_or_pipe(path);
  const std::string_view text = base::without_byte_order_mark(content, name);
  const std::size_t start = text.find_first_not_of(kBlank);
  if (start == std::string_view::npos) throw FormatError(str(name, ": the file is empty"));

  using Form = CaptionFile::Form;
  CaptionFile file;
  const std::string extension = path.extension().string();
  const bool bracket = text[start] == '{' || text[start] == '[';
  if (extension == ".csv" || (extension != ".jsonl" && !bracket)) {
    file.form = Form::kLines;
    file.records = csv_records(text, name);
  } else if (extension == ".jsonl" || has_object_lines(text.substr(start))) {
    file.form = Form::kLines;
    file.records = line_records(text, name);
  } else {
    Json json = base::parse_json(text, name, base::JsonNumbers::kPython);
    if (json.is_array()) {
      file.form = Form::kList;
      file.records = list_records(std::move(json), name);
    } else if (json.contains("images") || json.contains("annotations")) {
      file.object = std::move(json);
    } else {  // JSONL of a single line
      file.form = Form::kLines;
      file.records.push_back({std::move(json), name});
    }
  }
  return file;
}

std::string picture_id(const Json& object, std::initializer_list<const char*> keys,
                       const std::string& where) {
  const auto key =
      std::find_if(keys.begin(), keys.end(), [&](const char* k) { return object.contains(k); });
  if (key == keys.end()) throw FormatError(str(where, ": no \"", *keys.begin(), "\""));
  const Json& id = object[*key];
  if (id.is_integer()) return id.dump();
  if (id.is_number()) {
    const double value = id.get<double>();
    // Beyond 2^53 a double no longer tells neighbouring numbers apart.
    if (std::trunc(value) == value && std::abs(value) <= 0x1p53) {
      return std::to_string(static_cast<std::int64_t>(value));
    }
  }
  if (!id.is_string()) {
    throw FormatError(
        str(where, ": ", found(object, *key), ", expected a whole number or a string"));
  }
  if (id.string().empty()) {
    throw FormatError(str(where, ": \"", *key, "\" is empty"));
  }
  return id.string();
}

const std::string& text_of(const Json& object, const char* key, const std::string& where) {
  if (!object.contains(key) || !object[key].is_string()) {
    throw FormatError(str(where, ": ", found(object, key), ", expected a string"));
  }
  return object[key].string();
}

const Json& list_of(const Json& object, const char* key, const std::string& where) {
  if (!object.contains(key) || !object[key].is_array()) {
    throw FormatError(str(where, ": ", found(object, key), ", expected a list"));
  }
  return object[key];
}

}  // namespace data
