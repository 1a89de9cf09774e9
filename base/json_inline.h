// The templates of base/json.h, which includes this.
#pragma once

#include <limits>
#include <utility>

#include "base/json.h"

namespace base {

struct Json::Member {
  std::string key;
  Json value;
  friend bool operator==(const Member&, const Member&) = default;
};

template <class T>
requires std::is_arithmetic_v<T> Json::Json(T value) {
  if constexpr (std::same_as<T, bool>) {
    value_ = value;
  } else if constexpr (std::floating_point<T>) {
    value_ = static_cast<double>(value);
  } else if (std::in_range<int64_t>(value)) {
    value_ = static_cast<int64_t>(value);
  } else {
    value_ = static_cast<uint64_t>(value);
  }
}

template <class T>
requires(!std::same_as<T, Json>) Json::Json(const std::vector<T>& items)
    : Json(Array(items.begin(), items.end())) {}

template <class T>
T Json::get() const {
  if constexpr (std::same_as<T, bool>) {
    return boolean();
  } else if constexpr (std::floating_point<T>) {
    return static_cast<T>(number());
  } else if constexpr (std::signed_integral<T>) {
    return static_cast<T>(integer(std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  } else if constexpr (std::unsigned_integral<T>) {
    return static_cast<T>(unsigned_integer(std::numeric_limits<T>::max()));
  } else if constexpr (std::same_as<T, std::string>) {
    return string();
  } else {
    T items;
    for (const Json& item : elements()) items.push_back(item.get<typename T::value_type>());
    return items;
  }
}

}  // namespace base
