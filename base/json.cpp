#include "base/json.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace base {
namespace {

constexpr std::size_t kDeepest = 256;

[[noreturn]] void refuse(std::string_view text, const std::string& name, std::size_t offset,
                         const std::string& why) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  throw FormatError(
      str(name, ":", 1 + std::count(text.begin(), end, '\n'), ": not valid JSON (", why, ")"));
}

/// The reason in words of our own, from what the library read last; its own tell of its states.
std::string reason(const std::string& read, const nlohmann::detail::exception& error, bool at_end) {
  constexpr int kOutOfRange = 406;
  constexpr std::size_t kLongest = 40;
  const std::string shown = read.size() > kLongest ? read.substr(0, kLongest) + "..." : read;
  if (error.id == kOutOfRange) return str("the number ", shown, " is too large");
  if (at_end || read.empty()) return "it ends too early";
  if (read.front() == '"') return str("in the string ", shown);
  return str("unexpected '", read.back(), "'");
}

/// Builds the value from the parser's events. nlohmann's own builder looks through all earlier keys
/// of an object for each new one (a vocabulary's 30,000 take half a second) and keeps one of two
/// equal keys silently; this one appends and looks for equal keys when the object is complete.
class Builder : public nlohmann::json_sax<Json> {
 public:
  Builder(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  Json take() { return std::move(root_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
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
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) {
      throw FormatError(str(name_, ": key \"", *twice, "\" stands twice in an object"));
    }
    open_.pop_back();
    return true;
  }

  bool parse_error(std::size_t offset, const std::string& found,
                   const nlohmann::detail::exception& error) override {
    refuse(text_, name_, offset, reason(found, error, offset > text_.size()));
  }

 private:
  template <class Value>
  bool add(Value&& value) {
    place() = std::forward<Value>(value);
    return true;
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
  Json root_;
  std::vector<Json*> open_;  // only the innermost grows, so these stay valid
};

}  // namespace

Json parse_json(std::string_view text, const std::string& name) {
  // The library takes a zero byte for the end of the text, whatever comes after it.
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    refuse(text, name, zero, "a zero byte");
  }
  Builder builder(text, name);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

Json read_json(const std::filesystem::path& path) {
  return parse_json(read_file(path), path.string());
}

}  // namespace base
