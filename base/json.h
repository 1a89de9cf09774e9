// JSON: a value type, which is cheap to compile, and a reader and a writer, which are
// nlohmann/json's (base/json_text.cpp) with what a careful reader adds: an error names the file and
// the line, a duplicate key in an object is refused (a file that says two things is broken), and
// nesting is limited to 256. Readers of files take a base/json_value.h, whose errors name the
// place, too.
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace base {

/// One value with all that is in it; a copy is a copy of all of it. What asks for another kind of
/// value than it is throws FormatError.
class Json {
 public:
  struct Member;
  using Array = std::vector<Json>;
  using Object = std::vector<Member>;  ///< in the order of the file

  Json();  ///< null
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();

  Json(std::nullptr_t);
  Json(const char* text);
  Json(std::string_view text);
  Json(std::string text);
  Json(Array items);
  template <class T>
  requires std::is_arithmetic_v<T> Json(T value);
  template <class T>
  requires(!std::same_as<T, Json>) Json(const std::vector<T>& items);
  /// An object if each item is a list of a string and a value, otherwise a list:
  /// `Json{{"ids", {1, 2}}, {"text", "a"}}`.
  Json(std::initializer_list<Json> items);
  static Json array(std::initializer_list<Json> items = {});
  static Json object();

  bool is_null() const { return value_.index() == 0; }
  bool is_boolean() const { return std::holds_alternative<bool>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }
  bool is_number() const { return is_integer() || std::holds_alternative<double>(value_); }
  /// Written without fraction and exponent, and in [-2^63, 2^64).
  bool is_integer() const;
  bool is_integer(int64_t least, int64_t most) const;
  /// "null", "boolean", "number", "string", "array" or "object".
  const char* type_name() const;

  /// bool, a number, std::string or a std::vector of one of them. An integer must be one in the
  /// file and within T; a floating-point number may be any.
  template <class T>
  T get() const;
  const std::string& string() const;

  /// The number of items or members; 0 of any other value.
  std::size_t size() const;
  bool empty() const { return size() == 0; }

  const Array& elements() const;
  Array& elements();
  Array::const_iterator begin() const;
  Array::const_iterator end() const;
  const Json& operator[](std::size_t index) const;
  Json& operator[](std::size_t index);
  /// null becomes a list first.
  void push_back(Json item);

  const Object& items() const;
  Object& items();
  /// The member of an object, or nothing (of any other value, too). Looks at one key after another.
  const Json* find(std::string_view key) const;
  bool contains(std::string_view key) const { return find(key) != nullptr; }
  /// The member must be there.
  const Json& at(std::string_view key) const;
  const Json& operator[](std::string_view key) const { return at(key); }
  /// A member that is not there is added behind the others; null becomes an object first.
  Json& operator[](std::string_view key);
  void erase(std::string_view key);

  enum class NotUtf8 { refuse, replace };
  /// As text: in one line, or with `indent` spaces a level. Numbers have the fewest digits that
  /// read back the same; NaN and the infinities become null. What is not UTF-8 in a string is a
  /// FormatError, or becomes U+FFFD.
  std::string dump(int indent = -1, NotUtf8 not_utf8 = NotUtf8::refuse) const;

  /// Writes dump(-1, NotUtf8::replace).
  friend std::ostream& operator<<(std::ostream& out, const Json& json);

  /// Numbers by value (1 = 1.0), objects with the order of their keys.
  friend bool operator==(const Json& a, const Json& b);

 private:
  [[noreturn]] void refuse(const char* expected) const;
  bool boolean() const;
  int64_t integer(int64_t least, int64_t most) const;
  uint64_t unsigned_integer(uint64_t most) const;
  double number() const;

  // Integers above INT64_MAX alone are uint64_t.
  std::variant<std::nullptr_t, bool, int64_t, uint64_t, double, std::string, Array, Object> value_;
};

enum class JsonNumbers {
  kStrict,
  /// NaN, Infinity and -Infinity, which Python's json module writes, are numbers too.
  kPython,
};

/// Parses a whole text; `name` is what errors (FormatError) call it.
Json parse_json(std::string_view text, const std::string& name,
                JsonNumbers numbers = JsonNumbers::kStrict);
/// Reads and parses a file.
Json read_json(const std::filesystem::path& path);

}  // namespace base

#include "base/json_inline.h"
