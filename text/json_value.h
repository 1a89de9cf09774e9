// A value of a JSON file that knows where it stands, so that errors can say so.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"

namespace text {

/// Refers to a JSON that must outlive it. Every error is a FormatError that names the file, the
/// path of the value and the value: `tokenizer.json: model.type is "BPE", expected "WordPiece"`.
class JsonValue {
 public:
  JsonValue(const base::Json& json, const std::filesystem::path& file);

  [[noreturn]] void refuse(std::string_view expected) const;
  bool is_null() const { return json_->is_null(); }
  bool is_object() const { return json_->is_object(); }
  bool is_string() const { return json_->is_string(); }
  const std::string& string() const;
  bool boolean() const;
  /// An integer in [0, 2^31).
  int64_t token_id() const;

  /// The member of an object; nothing where it is absent or null.
  std::optional<JsonValue> find(const std::string& key) const;
  JsonValue at(const std::string& key) const;
  std::vector<std::pair<std::string, JsonValue>> members() const;
  std::vector<JsonValue> elements() const;
  bool flag(const std::string& key, bool otherwise) const;

  void expect(const base::Json& wanted) const;
  /// The member must equal `wanted`, where it is there and not null.
  void expect(const std::string& key, const base::Json& wanted) const;

 private:
  JsonValue(const base::Json& json, std::string file, std::string path)
      : json_(&json), file_(std::move(file)), path_(std::move(path)) {}
  JsonValue child(const base::Json& json, const std::string& key) const;

  const base::Json* json_;
  std::string file_, path_;
};

}  // namespace text
