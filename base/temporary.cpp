#include "base/temporary.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <system_error>

namespace base {
namespace {

namespace fs = std::filesystem;

// .blip-MMMMMMMM-RRRRRRRRRRRR.tmp: the machine since it was started, and a random number.
constexpr std::string_view kBegin = ".blip-", kEnd = ".tmp";
constexpr std::size_t kMachineDigits = 8, kRandomDigits = 12;
constexpr std::size_t kNameLength =
    kBegin.size() + kMachineDigits + 1 + kRandomDigits + kEnd.size();

std::string hexadecimal(uint64_t number, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; number >>= 4) text[i] = "0123456789abcdef"[number & 15];
  return text;
}

/// Equal for the processes that see one another's locks for certain: those of one running kernel.
const std::string& machine() {
  static const std::string digits = [] {
    std::string id;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
    uint64_t hash = 14695981039346656037u;  // FNV-1a
    for (const char c : id) hash = (hash ^ static_cast<uint8_t>(c)) * 1099511628211u;
    return hexadecimal(hash, kMachineDigits);
  }();
  return digits;
}

fs::path random_name() {
  std::random_device random;
  const uint64_t number = uint64_t{random()} << 32 | random();
  std::string name(kBegin);
  name += machine() + '-' + hexadecimal(number, kRandomDigits);
  return name += kEnd;
}

/// False if there is something of this name.
bool make(const fs::path& path, Temporary::Kind kind) {
  int result = 0;
  if (kind == Temporary::Kind::folder) {
    result = ::mkdir(path.c_str(), 0777);
  } else {
    result = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (result >= 0) ::close(result);
  }
  if (result >= 0) return true;
  if (errno == EEXIST) return false;
  throw fs::filesystem_error("cannot make", path, std::error_code(errno, std::generic_category()));
}

bool is_old(const fs::path& path) {
  std::error_code unknown;
  const fs::file_time_type written = fs::last_write_time(path, unknown);
  return !unknown && fs::file_time_type::clock::now() - written > std::chrono::hours(24);
}

void remove_if_left_over(const fs::path& path) {
  const std::string name = path.filename().native();
  if (!is_temporary_name(name)) return;
  const bool from_here = name.compare(kBegin.size(), kMachineDigits, machine()) == 0;
  if (!from_here && !is_old(path)) return;
  const FileLock lock = FileLock::try_for(path);
  std::error_code ignored;
  if (lock.held() && lock.is_of(path)) fs::remove_all(path, ignored);
}

/// Once a process: a folder of 100,000 pictures is not searched for each of their files.
void remove_leftovers_once(const fs::path& folder) {
  static std::mutex mutex;
  static std::set<fs::path> searched;
  const std::lock_guard lock(mutex);
  if (searched.insert(fs::absolute(folder).lexically_normal()).second) remove_leftovers(folder);
}

}  // namespace

Temporary::Temporary(const fs::path& folder, Kind kind) {
  const fs::path beside = folder.empty() ? fs::path(".") : folder;
  remove_leftovers_once(beside);
  while (true) {
    const fs::path path = beside / random_name();
    if (!make(path, kind)) continue;
    // Between making and locking, another process may have taken it for a leftover; then the lock
    // comes when it is gone.
    lock_ = FileLock::wait_for(path);
    std::error_code ignored;
    if (lock_.held() ? lock_.is_of(path) : fs::exists(path, ignored)) {
      path_ = path;
      return;
    }
  }
}

Temporary::~Temporary() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

bool is_temporary_name(std::string_view name) {
  if (name.size() != kNameLength || !name.starts_with(kBegin) || !name.ends_with(kEnd)) {
    return false;
  }
  name = name.substr(kBegin.size(), kMachineDigits + 1 + kRandomDigits);
  return name[kMachineDigits] == '-' &&
         name.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

void remove_leftovers(const fs::path& folder) noexcept {
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      remove_if_left_over(entry.path());
    }
  } catch (const std::exception&) {  // unreadable, or changing: what is left stays
  }
}

}  // namespace base
