#include "base/json.h"

#include <algorithm>

#include "base/error.h"

namespace base {

Json::Json() = default;
Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

Json::Json(std::nullptr_t) {}
Json::Json(const char* text) : value_(std::string(text)) {}
Json::Json(std::string_view text) : value_(std::string(text)) {}
Json::Json(std::string text) : value_(std::move(text)) {}
Json::Json(Array items) : value_(std::move(items)) {}

Json Json::array(std::initializer_list<Json> items) {
  return Array(items);
}

Json::Json(std::initializer_list<Json> items) {
  const bool is_object = std::all_of(items.begin(), items.end(), [](const Json& item) {
    const auto* pair = std::get_if<Array>(&item.value_);
    return pair && pair->size() == 2 && pair->front().is_string();
  });
  if (!is_object || items.size() == 0) {
    value_ = Array(items);
    return;
  }
  Object members;
  members.reserve(items.size());
  for (const Json& item : items) members.push_back({item[0].string(), item[1]});
  value_ = std::move(members);
}

Json Json::object() {
  Json json;
  json.value_ = Object();
  return json;
}

void Json::refuse(const char* expected) const {
  throw FormatError(str("a JSON ", type_name(), ", expected ", expected));
}

bool Json::is_integer() const {
  return std::holds_alternative<int64_t>(value_) || std::holds_alternative<uint64_t>(value_);
}

bool Json::is_integer(int64_t least, int64_t most) const {
  const auto* value = std::get_if<int64_t>(&value_);
  return value && *value >= least && *value <= most;
}

const char* Json::type_name() const {
  constexpr const char* kNames[] = {"null",   "boolean", "number", "number",
                                    "number", "string",  "array",  "object"};
  return kNames[value_.index()];
}

bool Json::boolean() const {
  if (!is_boolean()) refuse("true or false");
  return std::get<bool>(value_);
}

int64_t Json::integer(int64_t least, int64_t most) const {
  if (!is_integer(least, most)) refuse(str("an integer from ", least, " to ", most).c_str());
  return std::get<int64_t>(value_);
}

uint64_t Json::unsigned_integer(uint64_t most) const {
  const auto* large = std::get_if<uint64_t>(&value_);
  const auto* small = std::get_if<int64_t>(&value_);
  const uint64_t value = large ? *large : small && *small >= 0 ? static_cast<uint64_t>(*small) : 0;
  if ((!large && (!small || *small < 0)) || value > most) {
    refuse(str("an integer from 0 to ", most).c_str());
  }
  return value;
}

double Json::number() const {
  if (const auto* value = std::get_if<double>(&value_)) return *value;
  if (const auto* value = std::get_if<int64_t>(&value_)) return static_cast<double>(*value);
  if (const auto* value = std::get_if<uint64_t>(&value_)) return static_cast<double>(*value);
  refuse("a number");
}

const std::string& Json::string() const {
  if (!is_string()) refuse("a string");
  return std::get<std::string>(value_);
}

std::size_t Json::size() const {
  if (const auto* items = std::get_if<Array>(&value_)) return items->size();
  if (const auto* members = std::get_if<Object>(&value_)) return members->size();
  return 0;
}

const Json::Array& Json::elements() const {
  if (!is_array()) refuse("a list");
  return std::get<Array>(value_);
}

Json::Array& Json::elements() {
  if (!is_array()) refuse("a list");
  return std::get<Array>(value_);
}

Json::Array::const_iterator Json::begin() const {
  return elements().begin();
}

Json::Array::const_iterator Json::end() const {
  return elements().end();
}

const Json& Json::operator[](std::size_t index) const {
  if (index >= elements().size()) refuse(str("at least ", index + 1, " items").c_str());
  return elements()[index];
}

Json& Json::operator[](std::size_t index) {
  return const_cast<Json&>(std::as_const(*this)[index]);
}

void Json::push_back(Json item) {
  if (is_null()) value_ = Array();
  elements().push_back(std::move(item));
}

const Json::Object& Json::items() const {
  if (!is_object()) refuse("an object");
  return std::get<Object>(value_);
}

Json::Object& Json::items() {
  if (!is_object()) refuse("an object");
  return std::get<Object>(value_);
}

const Json* Json::find(std::string_view key) const {
  if (!is_object()) return nullptr;
  for (const Member& member : std::get<Object>(value_)) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

const Json& Json::at(std::string_view key) const {
  if (const Json* member = find(key)) return *member;
  refuse(str("an object with \"", key, '"').c_str());
}

Json& Json::operator[](std::string_view key) {
  if (is_null()) value_ = Object();
  if (const Json* member = find(key)) return const_cast<Json&>(*member);
  return items().emplace_back(Member{std::string(key), Json()}).value;
}

void Json::erase(std::string_view key) {
  std::erase_if(items(), [&](const Member& member) { return member.key == key; });
}

bool operator==(const Json& a, const Json& b) {
  if (a.value_.index() == b.value_.index()) return a.value_ == b.value_;
  // The kinds of a number: two integers of different kinds are in disjoint ranges.
  return a.is_number() && b.is_number() && a.is_integer() != b.is_integer() &&
         a.number() == b.number();
}

}  // namespace base
