// Layout and names of fields: PKWARE's APPNOTE.TXT 6.3, sections 4.3 and 4.5.3.
#include "tensor/zip.h"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tensor {
namespace {

using base::FormatError;
using base::str;
using Bytes = std::span<const std::byte>;

constexpr uint32_t kLocalSignature = 0x04034b50, kCentralSignature = 0x02014b50,
                   kEndSignature = 0x06054b50, kEnd64Signature = 0x06064b50,
                   kLocatorSignature = 0x07064b50;
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kEnd64Size = 56,
                      kLocatorSize = 20;
constexpr uint16_t kEncrypted = 1, kSizesFollowData = 8;
constexpr uint32_t kIn64 = 0xFFFFFFFF;  // the value stands in the zip64 field

class Archive {
 public:
  explicit Archive(const base::MappedFile& file)
      : file_(file.bytes()), name_(file.path().string()) {}

  std::map<std::string, Bytes> read() {
    find_directory();
    read_directory();
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) { return a.local_offset < b.local_offset; });
    std::map<std::string, Bytes> result;
    uint64_t free_from = 0;
    for (const Entry& entry : entries_) {
      if (entry.local_offset < free_from) fail(entry, "overlaps the entry before it");
      const Bytes content = read_entry(entry);
      free_from = static_cast<uint64_t>(content.data() - file_.data()) + content.size();
      if (!result.emplace(entry.name, content).second) fail(entry, "is a duplicate");
    }
    return result;
  }

 private:
  /// What the central directory says of an entry.
  struct Entry {
    std::string name;
    uint16_t flags = 0, method = 0;
    uint64_t stored_size = 0, size = 0, local_offset = 0;
  };

  [[noreturn]] void fail(const std::string& problem) const {
    throw FormatError(str(name_, ": ", problem));
  }
  [[noreturn]] void fail(const Entry& entry, const std::string& problem) const {
    fail(str("zip entry \"", entry.name, "\" ", problem));
  }

  /// `size` bytes at `offset`, which must end at or before `end`.
  Bytes slice(uint64_t offset, uint64_t size, uint64_t end, const char* what) const {
    if (offset > end || size > end - offset) {
      fail(str("the zip's ", what, " at byte ", offset, " passes byte ", end, ", its end"));
    }
    return file_.subspan(offset, size);
  }

  template <std::unsigned_integral T>
  static T number(Bytes bytes, std::size_t offset) {
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
  }

  void find_directory() {
    if (file_.size() < kEndSize) fail("is too short for a zip (truncated?)");
    // The end record closes the file, but for a comment of at most 64 KiB.
    std::size_t end = file_.size() - kEndSize;
    const std::size_t first = end > 0xFFFF ? end - 0xFFFF : 0;
    while (number<uint32_t>(file_, end) != kEndSignature ||
           number<uint16_t>(file_, end + 20) != file_.size() - end - kEndSize) {
      if (end == first) fail("the zip has no end record (truncated?)");
      --end;
    }
    const Bytes record = file_.subspan(end, kEndSize);
    uint64_t disk = number<uint16_t>(record, 4) | number<uint16_t>(record, 6);
    count_ = number<uint16_t>(record, 10);
    uint64_t size = number<uint32_t>(record, 12), offset = number<uint32_t>(record, 16);
    if (end >= kLocatorSize && number<uint32_t>(file_, end - kLocatorSize) == kLocatorSignature) {
      const uint64_t place = number<uint64_t>(file_, end - kLocatorSize + 8);
      const Bytes record64 = slice(place, kEnd64Size, end - kLocatorSize, "zip64 end record");
      if (number<uint32_t>(record64, 0) != kEnd64Signature) fail("the zip64 end record is not one");
      disk = number<uint32_t>(record64, 16) | number<uint32_t>(record64, 20);
      count_ = number<uint64_t>(record64, 32);
      size = number<uint64_t>(record64, 40);
      offset = number<uint64_t>(record64, 48);
      end = place;
    }
    if (disk != 0) fail("the zip is one part of several");
    directory_ = slice(offset, size, end, "directory");
    data_end_ = offset;
  }

  void read_directory() {
    Bytes rest = directory_;
    for (uint64_t i = 0; i < count_; ++i) {
      if (rest.size() < kCentralSize || number<uint32_t>(rest, 0) != kCentralSignature) {
        fail(str("the zip's directory has ", i, " entries, expected ", count_));
      }
      Entry entry;
      entry.flags = number<uint16_t>(rest, 8);
      entry.method = number<uint16_t>(rest, 10);
      entry.stored_size = number<uint32_t>(rest, 20);
      entry.size = number<uint32_t>(rest, 24);
      entry.local_offset = number<uint32_t>(rest, 42);
      const std::size_t name_size = number<uint16_t>(rest, 28),
                        extra_size = number<uint16_t>(rest, 30),
                        comment_size = number<uint16_t>(rest, 32);
      if (rest.size() - kCentralSize < name_size + extra_size + comment_size) {
        fail(str("entry ", i, " of the zip's directory passes its end"));
      }
      entry.name.assign(reinterpret_cast<const char*>(rest.data()) + kCentralSize, name_size);
      read_zip64(entry, rest.subspan(kCentralSize + name_size, extra_size));
      rest = rest.subspan(kCentralSize + name_size + extra_size + comment_size);
      entries_.push_back(std::move(entry));
    }
    if (!rest.empty()) fail(str("the zip's directory has more than its ", count_, " entries"));
  }

  /// Replaces what did not fit 32 bits by the extra field with id 1.
  void read_zip64(Entry& entry, Bytes extra) const {
    Bytes wide;
    while (extra.size() >= 4) {
      const std::size_t size = number<uint16_t>(extra, 2);
      if (size > extra.size() - 4) fail(entry, "has an extra field that passes its end");
      if (number<uint16_t>(extra, 0) == 1) wide = extra.subspan(4, size);
      extra = extra.subspan(4 + size);
    }
    for (uint64_t* field : {&entry.size, &entry.stored_size, &entry.local_offset}) {
      if (*field != kIn64) continue;
      if (wide.size() < 8) fail(entry, "lacks its zip64 sizes");
      *field = number<uint64_t>(wide, 0);
      wide = wide.subspan(8);
    }
  }

  /// Checks an entry's own header against the directory, and finds its content.
  Bytes read_entry(const Entry& entry) const {
    if (entry.flags & kEncrypted) fail(entry, "is encrypted");
    if (entry.method != 0 || entry.stored_size != entry.size) {
      fail(entry, str("is compressed (method ", entry.method,
                      "); torch.save never compresses: unpack and load it there, save it again"));
    }
    const Bytes header = slice(entry.local_offset, kLocalSize, data_end_, "entry header");
    if (number<uint32_t>(header, 0) != kLocalSignature)
      fail(entry, "is not where the directory says");
    const std::size_t name_size = number<uint16_t>(header, 26);
    const Bytes name = slice(entry.local_offset + kLocalSize, name_size, data_end_, "entry name");
    const std::string_view local_name(reinterpret_cast<const char*>(name.data()), name.size());
    // Where the sizes follow the data, those of the header are 0; zip64 has them elsewhere.
    const auto agrees = [&](std::size_t field, uint64_t expected) {
      const uint64_t found = number<uint32_t>(header, field);
      return found == expected || found == kIn64 ||
             (found == 0 && (number<uint16_t>(header, 6) & kSizesFollowData));
    };
    if (local_name != entry.name || number<uint16_t>(header, 8) != entry.method ||
        !agrees(18, entry.stored_size) || !agrees(22, entry.size)) {
      fail(entry, "has a header that disagrees with the directory");
    }
    const uint64_t begin =
        entry.local_offset + kLocalSize + name_size + number<uint16_t>(header, 28);
    return slice(begin, entry.size, data_end_, "entry content");
  }

  Bytes file_;
  std::string name_;
  Bytes directory_;
  uint64_t data_end_ = 0, count_ = 0;  // entries lie before data_end_
  std::vector<Entry> entries_;
};

}  // namespace

std::map<std::string, Bytes> read_zip(const base::MappedFile& file) {
  return Archive(file).read();
}

}  // namespace tensor
