// Threads, as many as the system grants.
#pragma once

#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace base {

/// The CPUs that this process may use: affinity mask and cgroup quota.
int num_cpus();

/// Adds `count` threads that run `body` to `threads`, or fewer where the system grants no more (a
/// limit on memory or processes); none is a possible number. Never throws while a thread runs.
void start_threads(std::vector<std::thread>& threads, std::size_t count,
                   const std::function<void()>& body);

/// Is told when fewer threads could be started than were wanted; by default nobody is.
using ThreadShortage = void (*)(std::size_t wanted, std::size_t started);
void on_thread_shortage(ThreadShortage tell);

}  // namespace base
