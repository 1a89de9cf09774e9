// JSON as text: the reader and the writer of base/json.h, on nlohmann/json. No other file includes
// the library, whose templates take seconds to compile.
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <ostream>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

namespace base {
namespace {

using Library = nlohmann::ordered_json;

constexpr std::size_t kMaxDepth = 256;

/// Whether a text that begins with a string goes on behind it.
bool ends_before_its_end(const std::string& text) {
  std::size_t at = 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return at + 1 < text.size();
}

/// The reason in words of our own, from what the library read last; its own tell of its states.
std::string reason(const std::string& read, const nlohmann::detail::exception& error, bool at_end) {
  constexpr int kOutOfRange = 406;
  constexpr std::size_t kLongest = 40;
  const std::string_view account = error.what();
  const std::string shown = read.size() > kLongest ? read.substr(0, kLongest) + "..." : read;
  if (account.find("ill-formed UTF-8") != account.npos) return "not UTF-8";
  if (account.find("control character") != account.npos) {
    return "a line feed or another control character in a string";
  }
  if (error.id == kOutOfRange) return str("the number ", shown, " is too large");
  if (at_end || read.empty()) return "it ends too early";
  // A sign's text begins with that of what was read before it.
  if (read.front() == '"' && !ends_before_its_end(read)) return str("in the string ", shown);
  return str("unexpected '", read.back(), "'");
}

[[noreturn]] void refuse(std::string_view text, const std::string& name, std::size_t offset,
                         const std::string& why) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  throw FormatError(
      str(name, ":", 1 + std::count(text.begin(), end, '\n'), ": not valid JSON (", why, ")"));
}

/// NaN and the infinities of a text, which the library's parser does not know.
class PythonNumbers {
 public:
  /// Puts a 0 and spaces in their place, outside of strings, and remembers which of the text's
  /// numbers they are: where lines and numbers stand does not change.
  explicit PythonNumbers(std::string_view text) {
    if (text.find("NaN") == text.npos && text.find("Infinity") == text.npos) return;
    text_ = text;
    std::size_t numbers = 0;
    for (std::size_t at = 0; at < text.size();) {
      const char c = text[at];
      if (c == '"') {
        at = end_of_string(at);
      } else if (take(at, "NaN", std::numeric_limits<double>::quiet_NaN(), numbers) ||
                 take(at, "Infinity", std::numeric_limits<double>::infinity(), numbers) ||
                 take(at, "-Infinity", -std::numeric_limits<double>::infinity(), numbers)) {
        ++numbers;
      } else if (c == '-' || (c >= '0' && c <= '9')) {
        at = std::min(text.find_first_not_of("+-.0123456789eE", at), text.size());
        ++numbers;
      } else {
        ++at;
      }
    }
  }

  /// The text with its replacements; `text` itself if there are none.
  std::string_view replaced(std::string_view text) const { return found_.empty() ? text : text_; }

  /// What the text's number `number` (from 0) was; null if it is one.
  const double* find(std::size_t number) const {
    const auto found = found_.find(number);
    return found == found_.end() ? nullptr : &found->second;
  }

 private:
  /// Behind the closing quote.
  std::size_t end_of_string(std::size_t at) const {
    for (++at; at < text_.size() && text_[at] != '"'; ++at) at += text_[at] == '\\';
    return at + 1;
  }

  bool take(std::size_t& at, std::string_view word, double value, std::size_t number) {
    constexpr std::string_view kBefore = " \t\r\n:,[";
    const bool begins = at == 0 || kBefore.find(text_[at - 1]) != kBefore.npos;
    if (!begins || text_.compare(at, word.size(), word) != 0) return false;
    text_.replace(at, word.size(), word.size(), ' ')[at] = '0';
    at += word.size();
    found_.emplace(number, value);
    return true;
  }

  std::string text_;
  std::unordered_map<std::size_t, double> found_;
};

/// Builds the value from the parser's events. Looks for equal keys when an object is complete:
/// looking through all earlier ones for each new one takes half a second for a vocabulary's 30,000.
class Builder : public nlohmann::json_sax<Library> {
 public:
  Builder(std::string_view text, const std::string& name, const PythonNumbers& numbers)
      : text_(text), name_(name), python_(numbers) {}

  Json take() { return std::move(root_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add_number(value); }
  bool number_unsigned(number_unsigned_t value) override { return add_number(value); }
  bool number_float(number_float_t value, const string_t&) override { return add_number(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // of other formats than text
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override {
    open_.pop_back();
    return true;
  }

  bool key(string_t& value) override {
    open_.back()->items().push_back({std::move(value), nullptr});
    return true;
  }

  bool end_object() override {
    std::vector<std::string_view> keys;
    for (const Json::Member& member : open_.back()->items()) keys.push_back(member.key);
    std::sort(keys.begin(), keys.end());
    const auto duplicate = std::adjacent_find(keys.begin(), keys.end());
    if (duplicate != keys.end()) {
      throw FormatError(str(name_, ": duplicate key \"", *duplicate, "\" in an object"));
    }
    open_.pop_back();
    return true;
  }

  bool parse_error(std::size_t offset, const std::string& found,
                   const nlohmann::detail::exception& error) override {
    refuse(text_, name_, offset, reason(found, error, offset > text_.size()));
  }

 private:
  bool add(Json value) {
    place() = std::move(value);
    return true;
  }

  bool add_number(Json value) {
    const double* python = python_.find(numbers_++);
    return add(python ? Json(*python) : std::move(value));
  }

  bool open(Json empty) {
    if (open_.size() == kMaxDepth) {
      throw FormatError(str(name_, ": JSON is nested more than ", kMaxDepth, " deep"));
    }
    Json& container = place();
    container = std::move(empty);
    open_.push_back(&container);
    return true;
  }

  /// Where the next value belongs.
  Json& place() {
    if (open_.empty()) return root_;
    if (open_.back()->is_object()) return open_.back()->items().back().value;
    return open_.back()->elements().emplace_back();
  }

  std::string_view text_;
  const std::string& name_;
  const PythonNumbers& python_;
  std::size_t numbers_ = 0;  // how many came so far
  Json root_;
  std::vector<Json*> open_;  // only the innermost grows, so these stay valid
};

/// The library's value of ours, for its writer.
Library to_library(const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_integer(INT64_MIN, INT64_MAX)) return json.get<int64_t>();
  if (json.is_integer()) return json.get<uint64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.string();
  if (json.is_array()) {
    Library list = Library::array();
    for (const Json& item : json) list.push_back(to_library(item));
    return list;
  }
  if (json.is_object()) {
    Library object = Library::object();
    // Behind the others without a look for an equal key.
    auto& members = object.get_ref<Library::object_t&>();
    for (const Json::Member& member : json.items()) {
      members.emplace_back(member.key, to_library(member.value));
    }
    return object;
  }
  return nullptr;
}

}  // namespace

Json parse_json(std::string_view text, const std::string& name, JsonNumbers numbers) {
  // The library takes a zero byte for the end of the text, whatever comes after it.
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    refuse(text, name, zero, "a zero byte");
  }
  const PythonNumbers python(numbers == JsonNumbers::kPython ? text : std::string_view());
  text = python.replaced(text);
  Builder builder(text, name, python);
  Library::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

Json read_json(const std::filesystem::path& path) {
  return parse_json(read_file(path), path.string());
}

std::string Json::dump(int indent, NotUtf8 not_utf8) const {
  using Handler = Library::error_handler_t;
  try {
    return to_library(*this).dump(
        indent, ' ', false, not_utf8 == NotUtf8::replace ? Handler::replace : Handler::strict);
  } catch (const Library::type_error&) {  // the one that the writer throws
    throw FormatError("a string is not UTF-8, which JSON has to be");
  }
}

std::ostream& operator<<(std::ostream& out, const Json& json) {
  return out << json.dump(-1, Json::NotUtf8::replace);
}

}  // namespace base
