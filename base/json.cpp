#include "base/json.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace base {
namespace {

constexpr std::size_t kDeepest = 256;

/// What is wrong, from the library's account of it: "[json.exception.parse_error.101] parse error
/// at line 1, column 3: syntax error while parsing value - invalid literal; last read: '{x'; ..."
std::string reason(std::string_view account) {
  const auto says = [&](std::string_view words) { return account.find(words) != account.npos; };
  if (says("ill-formed UTF-8")) return "not UTF-8";
  if (says("control character")) return "a line feed or another control character in a string";
  if (says("unexpected end of input") || says("missing closing quote")) return "it ends too early";
  if (says("out_of_range")) return "a number is too large";
  constexpr std::string_view kRead = "last read: '";
  const std::size_t begin = account.find(kRead);
  if (begin == account.npos) return "something unexpected";
  std::string_view read = account.substr(begin + kRead.size());
  read = read.substr(0, std::min(read.rfind('\''), read.find("'; ")));
  // Of the last line alone; the library writes control characters so.
  constexpr std::string_view kLineFeed = "<U+000A>";
  if (const std::size_t line = read.rfind(kLineFeed); line != read.npos) {
    read.remove_prefix(line + kLineFeed.size());
  }
  if (read.size() > 40) read = read.substr(read.size() - 40);
  return str("something unexpected at the end of \"", read, "\"");
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

/// Builds the value from the parser's events. nlohmann's own builder looks through all earlier keys
/// of an object for each new one (a vocabulary's 30,000 take half a second) and keeps one of two
/// equal keys silently; this one appends and looks for equal keys when the object is complete.
class Builder : public nlohmann::json_sax<Json> {
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
  bool binary(binary_t& value) override { return add(std::move(value)); }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override {
    open_.pop_back();
    return true;
  }

  bool key(string_t& value) override {
    auto& members = open_.back()->get_ref<Json::object_t&>();
    members.emplace_back(std::move(value), nullptr);
    return true;
  }

  bool end_object() override {
    std::vector<std::string_view> keys;
    for (const auto& member : open_.back()->get_ref<const Json::object_t&>()) {
      keys.push_back(member.first);
    }
    std::sort(keys.begin(), keys.end());
    const auto duplicate = std::adjacent_find(keys.begin(), keys.end());
    if (duplicate != keys.end()) {
      throw FormatError(str(name_, ": duplicate key \"", *duplicate, "\" in an object"));
    }
    open_.pop_back();
    return true;
  }

  bool parse_error(std::size_t offset, const std::string&,
                   const nlohmann::detail::exception& error) override {
    refuse(text_, name_, offset, reason(error.what()));
  }

 private:
  template <class Value>
  bool add(Value&& value) {
    place() = std::forward<Value>(value);
    return true;
  }

  template <class Number>
  bool add_number(Number value) {
    const double* python = python_.find(numbers_++);
    return python ? add(*python) : add(value);
  }

  bool open(Json&& empty) {
    if (open_.size() == kDeepest) {
      throw FormatError(str(name_, ": JSON is nested more than ", kDeepest, " deep"));
    }
    Json& container = place();
    container = std::move(empty);
    open_.push_back(&container);
    return true;
  }

  /// Where the next value belongs.
  Json& place() {
    if (open_.empty()) return root_;
    if (open_.back()->is_object()) return open_.back()->get_ref<Json::object_t&>().back().second;
    return open_.back()->get_ref<Json::array_t&>().emplace_back();
  }

  std::string_view text_;
  const std::string& name_;
  const PythonNumbers& python_;
  std::size_t numbers_ = 0;  // how many came so far
  Json root_;
  std::vector<Json*> open_;  // only the innermost grows, so these stay valid
};

}  // namespace

Json parse_json(std::string_view text, const std::string& name, JsonNumbers numbers) {
  // The library takes a zero byte for the end of the text, whatever comes after it.
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    refuse(text, name, zero, "a zero byte");
  }
  const PythonNumbers python(numbers == JsonNumbers::kPython ? text : std::string_view());
  text = python.replaced(text);
  Builder builder(text, name, python);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

Json read_json(const std::filesystem::path& path) {
  return parse_json(read_file(path), path.string());
}

}  // namespace base
