// Typed access to the JSON of a file, with errors that say where in it they are.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"

namespace base {

/// One value of a document, which must outlive it. Every error is a FormatError that names the
/// document, the path of the value, the value, and what was expected:
/// `tokenizer.json: model.type is "BPE", expected "WordPiece"`. The path is looked up only then, so
/// a JsonValue is as cheap as three pointers.
class JsonValue {
 public:
  /// A whole document, and what errors call it.
  JsonValue(const Json& document, const std::string& name)
      : json_(&document), document_(&document), name_(&name) {}
  JsonValue(const Json& document, std::string&& name) = delete;

  [[noreturn]] void refuse(std::string_view expected) const;
  /// What is wrong in other words than "is, expected": `trees.jsonl:3: edges: word 2 has no head`.
  [[noreturn]] void fail(std::string_view problem) const;
  const Json& json() const { return *json_; }
  bool is_null() const { return json_->is_null(); }
  bool is_boolean() const { return json_->is_boolean(); }
  bool is_object() const { return json_->is_object(); }
  bool is_array() const { return json_->is_array(); }
  bool is_string() const { return json_->is_string(); }

  const std::string& string() const;
  bool boolean() const;
  /// A number written as an integer, within [least, most].
  int64_t integer(int64_t least, int64_t most) const;
  /// A number within [least, most], so no NaN.
  double number(double least = -kAnyNumber, double most = kAnyNumber) const;
  /// An integer in [0, 2^31).
  int64_t token_id() const;
  std::vector<JsonValue> elements() const;
  /// A list of just this many.
  std::vector<JsonValue> elements(std::size_t count) const;

  /// The member of an object; nothing where it is absent or null.
  std::optional<JsonValue> find(std::string_view key) const;
  JsonValue at(std::string_view key) const;
  std::vector<std::pair<std::string, JsonValue>> members() const;

  // A member that may be absent or null: `value` keeps what it is then.
  void integer(std::string_view key, int64_t& value, int64_t least, int64_t most) const;
  template <class T>
  void number(std::string_view key, T& value, double least = -kAnyNumber,
              double most = kAnyNumber) const {
    if (const auto member = find(key)) value = static_cast<T>(member->number(least, most));
  }
  void boolean(std::string_view key, bool& value) const;
  bool flag(std::string_view key, bool otherwise) const;

  void expect(const Json& wanted) const;
  /// The member must equal `wanted`, where it is there and not null.
  void expect(std::string_view key, const Json& wanted) const;

 private:
  static constexpr double kAnyNumber = std::numeric_limits<double>::max();

  JsonValue child(const Json& json) const;
  std::string place() const;

  const Json* json_;
  const Json* document_;
  const std::string* name_;
};

}  // namespace base
