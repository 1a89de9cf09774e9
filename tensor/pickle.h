// Reading Python pickles without Python. The stack machine of the format is run over symbols: what
// a pickle would call is written down as a call, and nothing is ever called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace tensor {

/// An object of a pickle. Containers may be shared and may contain themselves.
struct PickleValue {
  enum class Kind : uint8_t {
    none,
    boolean,     ///< integer: 0 or 1
    integer,     ///< integer
    real,        ///< not kept
    string,      ///< text
    tuple,       ///< items
    list,        ///< items
    dict,        ///< items: key, value, key, value, ...; OrderedDict too
    global,      ///< text: "module.name"
    call,        ///< items: the function and its arguments, a tuple
    persistent,  ///< items: the id of something that is stored outside of the pickle
    other        ///< bytes, integers beyond 64 bits
  };
  Kind kind = Kind::none;
  int64_t integer = 0;
  std::string text;
  std::vector<const PickleValue*> items;
};

/// "a dict", "an integer", ...
const char* describe(PickleValue::Kind kind);

/// Owns what it read.
class Pickle {
 public:
  /// Reads a pickle of protocol 2 to 4. `allowed` says of each class and function that the pickle
  /// names ("collections.OrderedDict") whether it may stand there. FormatError (`name` first) for
  /// one that may not, for opcodes that no state dict needs, for more than 16 MiB or a million
  /// objects, and for anything that ends early or does not add up.
  Pickle(std::span<const std::byte> bytes, const std::string& name,
         const std::function<bool(const std::string&)>& allowed);

  const PickleValue& root() const { return *root_; }

 private:
  std::deque<PickleValue> values_;
  const PickleValue* root_ = nullptr;
};

}  // namespace tensor
