// Loops over all cores. Chunk boundaries depend on the loop alone, never on the number of threads,
// so that results are bitwise the same for any thread count.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace base {

/// A call to something callable that outlives the call: two pointers, no allocation.
class RangeFunction {
 public:
  template <class F>
  RangeFunction(const F& f)  // NOLINT: implicit on purpose, so that a lambda can be passed
      : object_(std::addressof(f)), call_([](const void* object, int64_t begin, int64_t end) {
          (*static_cast<const F*>(object))(begin, end);
        }) {}
  void operator()(int64_t begin, int64_t end) const { call_(object_, begin, end); }

 private:
  const void* object_;
  void (*call_)(const void*, int64_t, int64_t);
};

/// Calls `body(begin, end)` for consecutive chunks of `grain` indices (the last may be shorter)
/// that cover [0, count). Chunks run on several threads in any order; the call returns when all
/// are done. The first exception thrown by a chunk is thrown again here. Loops do not nest: a loop
/// started inside a chunk runs on the thread that started it.
void parallel_for(int64_t count, int64_t grain, RangeFunction body);

/// How many threads parallel_for uses: the CPUs this process may use (affinity mask and cgroup
/// quota) unless set. Set it between loops, from the thread that runs them.
int num_threads();
void set_num_threads(int threads);

}  // namespace base
