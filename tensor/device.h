// Where a tensor's memory lies and its operations run.
#pragma once

#include <cstdint>
#include <string>

namespace tensor {

struct Device {
  enum class Kind : uint8_t { cpu, cuda };

  Kind kind = Kind::cpu;
  int index = 0;  ///< among the devices of its kind; of the CPU there is one

  static constexpr Device cpu() { return {}; }
  static constexpr Device cuda(int index = 0) { return {Kind::cuda, index}; }

  /// Whether the program itself can read and write this device's memory.
  constexpr bool is_host() const { return kind == Kind::cpu; }
  /// "cpu", "cuda:0"
  std::string str() const { return is_host() ? "cpu" : "cuda:" + std::to_string(index); }
  bool operator==(const Device&) const = default;
};

}  // namespace tensor
