#include "base/json.h"

#include <algorithm>
#include <set>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace base {
namespace {

constexpr int kDeepest = 256;

/// "name:LINE" of a byte offset.
std::string place(std::string_view text, const std::string& name, std::size_t offset) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  return str(name, ":", 1 + std::count(text.begin(), end, '\n'));
}

}  // namespace

Json parse_json(std::string_view text, const std::string& name) {
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  const auto check = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > kDeepest) {
      throw FormatError(str(name, ": JSON is nested more than ", kDeepest, " deep"));
    }
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key &&
        !keys.back().insert(value.get_ref<const std::string&>()).second) {
      throw FormatError(
          str(name, ": key \"", value.get_ref<const std::string&>(), "\" stands twice in an object"));
    }
    return true;
  };
  try {
    return Json::parse(text.begin(), text.end(), check);
  } catch (const Json::parse_error& error) {
    throw FormatError(str(place(text, name, error.byte), ": not valid JSON (", error.what(), ")"));
  }
}

Json read_json(const std::filesystem::path& path) {
  return parse_json(read_file(path), path.string());
}

}  // namespace base
