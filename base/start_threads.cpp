#include "base/start_threads.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <new>
#include <string>
#include <system_error>

namespace base {
namespace {

std::atomic<ThreadShortage> shortage{nullptr};

/// CPUs in the affinity mask, limited by the cgroup v2 quota (a container may see 64 cores and be
/// granted two).
int available_cpus() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  int cpus = 1;
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) cpus = std::max(1, CPU_COUNT(&mask));
  std::ifstream quota_file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (quota_file >> quota >> period && quota != "max" && period > 0) {
    const double granted = std::atof(quota.c_str()) / period;
    if (granted > 0) cpus = std::min(cpus, std::max(1, static_cast<int>(std::ceil(granted))));
  }
  return cpus;
}

}  // namespace

int num_cpus() {
  static const int available = available_cpus();
  return available;
}

void start_threads(std::vector<std::thread>& threads, std::size_t count,
                   const std::function<void()>& body) {
  threads.reserve(threads.size() + count);  // may throw: nothing runs yet
  std::size_t started = 0;
  try {
    for (; started < count; ++started) threads.emplace_back(body);
    return;
  } catch (const std::system_error&) {  // no more threads
  } catch (const std::bad_alloc&) {     // no memory to describe one
  }
  if (const ThreadShortage tell = shortage) tell(count, started);
}

void on_thread_shortage(ThreadShortage tell) {
  shortage = tell;
}

}  // namespace base
