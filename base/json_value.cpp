#include "base/json_value.h"

#include <limits>

#include "base/error.h"

namespace base {
namespace {

/// Whether `wanted` is `json` or in it; `path` then grows by the way from there to it.
bool find_path(const Json& json, const Json* wanted, std::string& path) {
  if (&json == wanted) return true;
  const std::size_t size = path.size();
  if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) {
      path += str('[', i, ']');
      if (find_path(json[i], wanted, path)) return true;
      path.resize(size);
    }
  } else if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      path += (size > 0 ? "." : "") + key;
      if (find_path(value, wanted, path)) return true;
      path.resize(size);
    }
  }
  return false;
}

}  // namespace

JsonValue JsonValue::child(const Json& json) const {
  JsonValue value = *this;
  value.json_ = &json;
  return value;
}

std::string JsonValue::place() const {
  std::string path;
  find_path(*document_, json_, path);
  return path.empty() ? *name_ : str(*name_, ": ", path);
}

void JsonValue::refuse(std::string_view expected) const {
  std::string found = json_->dump(-1, Json::NotUtf8::replace);
  if (found.size() > 60) found = str("a JSON ", json_->type_name());
  throw FormatError(str(place(), " is ", found, ", expected ", expected));
}

void JsonValue::fail(std::string_view problem) const {
  throw FormatError(str(place(), ": ", problem));
}

const std::string& JsonValue::string() const {
  if (!json_->is_string()) refuse("a string");
  return json_->string();
}

bool JsonValue::boolean() const {
  if (!json_->is_boolean()) refuse("true or false");
  return json_->get<bool>();
}

int64_t JsonValue::integer(int64_t least, int64_t most) const {
  if (!json_->is_integer(least, most)) refuse(str("an integer from ", least, " to ", most));
  return json_->get<int64_t>();
}

double JsonValue::number(double least, double most) const {
  if (!json_->is_number() || !(json_->get<double>() >= least && json_->get<double>() <= most)) {
    const bool any = least == -kAnyNumber && most == kAnyNumber;
    refuse(any ? std::string("a number") : str("a number from ", least, " to ", most));
  }
  return json_->get<double>();
}

int64_t JsonValue::token_id() const {
  if (!json_->is_integer(0, std::numeric_limits<int32_t>::max())) refuse("a token id");
  return json_->get<int64_t>();
}

std::vector<JsonValue> JsonValue::elements() const {
  if (!json_->is_array()) refuse("a list");
  std::vector<JsonValue> all;
  all.reserve(json_->size());
  for (const Json& json : *json_) all.push_back(child(json));
  return all;
}

std::vector<JsonValue> JsonValue::elements(std::size_t count) const {
  if (!json_->is_array() || json_->size() != count) refuse(str("a list of ", count));
  return elements();
}

std::optional<JsonValue> JsonValue::find(std::string_view key) const {
  if (!json_->is_object()) refuse("an object");
  const Json* member = json_->find(key);
  if (!member || member->is_null()) return std::nullopt;
  return child(*member);
}

JsonValue JsonValue::at(std::string_view key) const {
  if (auto member = find(key)) return *member;
  throw FormatError(str(place(), json_ == document_ ? ": " : ".", key, " is missing"));
}

std::vector<std::pair<std::string, JsonValue>> JsonValue::members() const {
  if (!json_->is_object()) refuse("an object");
  std::vector<std::pair<std::string, JsonValue>> all;
  all.reserve(json_->size());
  for (const auto& [key, json] : json_->items()) all.emplace_back(key, child(json));
  return all;
}

void JsonValue::integer(std::string_view key, int64_t& value, int64_t least, int64_t most) const {
  if (const auto member = find(key)) value = member->integer(least, most);
}

void JsonValue::boolean(std::string_view key, bool& value) const {
  if (const auto member = find(key)) value = member->boolean();
}

bool JsonValue::flag(std::string_view key, bool otherwise) const {
  boolean(key, otherwise);
  return otherwise;
}

void JsonValue::expect(const Json& wanted) const {
  if (json() != wanted) refuse(wanted.dump());
}

void JsonValue::expect(std::string_view key, const Json& wanted) const {
  if (const auto member = find(key)) member->expect(wanted);
}

}  // namespace base
