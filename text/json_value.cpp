#include "text/json_value.h"

#include <limits>

#include "base/error.h"

namespace text {

using base::FormatError;
using base::Json;
using base::str;

JsonValue::JsonValue(const Json& json, const std::filesystem::path& file)
    : JsonValue(json, file.string(), "") {}

JsonValue JsonValue::child(const Json& json, const std::string& key) const {
  return {json, file_, path_.empty() ? key : str(path_, '.', key)};
}

void JsonValue::refuse(std::string_view expected) const {
  std::string found = json_->dump(-1, ' ', false, Json::error_handler_t::replace);
  if (found.size() > 60) found = str("a JSON ", json_->type_name());
  throw FormatError(
      str(file_, path_.empty() ? "" : ": ", path_, " is ", found, ", expected ", expected));
}

const std::string& JsonValue::string() const {
  if (!json_->is_string()) refuse("a string");
  return json_->get_ref<const std::string&>();
}

bool JsonValue::boolean() const {
  if (!json_->is_boolean()) refuse("true or false");
  return json_->get<bool>();
}

int64_t JsonValue::token_id() const {
  // The parser makes every integer unsigned that is not negative.
  if (!json_->is_number_unsigned()) refuse("a token id");
  const auto id = json_->get<uint64_t>();
  if (id > std::numeric_limits<int32_t>::max()) refuse("a token id");
  return static_cast<int64_t>(id);
}

std::optional<JsonValue> JsonValue::find(const std::string& key) const {
  if (!json_->is_object()) refuse("an object");
  const auto member = json_->find(key);
  if (member == json_->end() || member->is_null()) return std::nullopt;
  return child(*member, key);
}

JsonValue JsonValue::at(const std::string& key) const {
  auto member = find(key);
  if (!member) throw FormatError(str(file_, ": ", child(*json_, key).path_, " is missing"));
  return *std::move(member);
}

std::vector<std::pair<std::string, JsonValue>> JsonValue::members() const {
  if (!json_->is_object()) refuse("an object");
  std::vector<std::pair<std::string, JsonValue>> all;
  for (const auto& [key, json] : json_->items()) all.emplace_back(key, child(json, key));
  return all;
}

std::vector<JsonValue> JsonValue::elements() const {
  if (!json_->is_array()) refuse("a list");
  std::vector<JsonValue> all;
  for (const Json& json : *json_) all.push_back({json, file_, str(path_, '[', all.size(), ']')});
  return all;
}

bool JsonValue::flag(const std::string& key, bool otherwise) const {
  const auto member = find(key);
  return member ? member->boolean() : otherwise;
}

void JsonValue::expect(const Json& wanted) const {
  if (*json_ != wanted) refuse(wanted.dump());
}

void JsonValue::expect(const std::string& key, const Json& wanted) const {
  if (const auto member = find(key)) member->expect(wanted);
}

}  // namespace text
