// Files of torch.save, written by hand: pickles from their opcodes, and a zip with stored entries.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace torch_writer {

/// Little-endian, with zeros after the eighth byte.
inline std::string number(uint64_t value, std::size_t bytes) {
  std::string result(bytes, '\0');
  std::memcpy(result.data(), &value, std::min(bytes, sizeof value));
  return result;
}

// Parts of a pickle.

inline std::string text(const std::string& value) {
  return "X" + number(value.size(), 4) + value;
}
inline std::string integer(int64_t value) {
  return '\x8a' + number(8, 1) + number(static_cast<uint64_t>(value), 8);
}
inline std::string tuple(const std::vector<std::string>& items) {
  std::string result = "(";
  for (const std::string& item : items) result += item;
  return result + "t";
}
inline std::string integers(const std::vector<int64_t>& values) {
  std::vector<std::string> items;
  for (const int64_t value : values) items.push_back(integer(value));
  return tuple(items);
}
inline std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline std::string call(const std::string& function, const std::vector<std::string>& arguments) {
  return function + tuple(arguments) + "R";
}
inline std::string dict(const std::vector<std::pair<std::string, std::string>>& items) {
  std::string result = "}(";
  for (const auto& [key, value] : items) result += text(key) + value;
  return result + "u";
}
inline std::string storage(const std::string& type, const std::string& key, int64_t elements) {
  return tuple(
             {text("storage"), global("torch", type), text(key), text("cpu"), integer(elements)}) +
         "Q";
}
inline std::string view(const std::string& stored, int64_t offset,
                        const std::vector<int64_t>& sizes, const std::vector<int64_t>& strides) {
  return call(global("torch._utils", "_rebuild_tensor_v2"),
              {stored, integer(offset), integers(sizes), integers(strides), "\x89",
               call(global("collections", "OrderedDict"), {})});
}
inline std::string pickle(const std::string& value) {
  return "\x80\x02" + value + ".";
}

// The archive.

struct Entry {
  std::string name, content;
  uint16_t method = 0;
};

/// A zip without checksums. Contents are aligned to 64 bytes, as torch aligns them.
inline std::string zip(const std::vector<Entry>& entries) {
  std::string file, directory;
  for (const Entry& entry : entries) {
    const std::string sizes = number(entry.content.size(), 4) + number(entry.content.size(), 4);
    const std::string versions_flags_method = number(0, 2) + number(0, 2) + number(entry.method, 2);
    const std::size_t offset = file.size();
    const std::size_t padding = (64 - (offset + 34 + entry.name.size()) % 64) % 64;
    file += "PK\3\4" + versions_flags_method + number(0, 8) + sizes + number(entry.name.size(), 2) +
            number(padding + 4, 2) + entry.name + "FB" + number(padding, 2) +
            std::string(padding, 'Z') + entry.content;
    directory += "PK\1\2" + number(0, 2) + versions_flags_method + number(0, 8) + sizes +
                 number(entry.name.size(), 2) + number(0, 12) + number(offset, 4) + entry.name;
  }
  return file + directory + "PK\5\6" + number(0, 4) + number(entries.size(), 2) +
         number(entries.size(), 2) + number(directory.size(), 4) + number(file.size(), 4) +
         number(0, 2);
}

/// A file of torch.save: the pickle and its storages "0", "1", ...
inline std::string file(const std::string& pickled, const std::vector<std::string>& storages = {}) {
  std::vector<Entry> entries{{"archive/data.pkl", pickled}};
  for (std::size_t i = 0; i < storages.size(); ++i) {
    entries.push_back({"archive/data/" + std::to_string(i), storages[i]});
  }
  return zip(entries);
}

inline std::string bytes_of(const std::vector<float>& values) {
  std::string result(values.size() * sizeof(float), '\0');
  std::memcpy(result.data(), values.data(), result.size());
  return result;
}

}  // namespace torch_writer
