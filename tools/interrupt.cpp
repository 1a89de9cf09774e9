#include "tools/interrupt.h"

#include <signal.h>

namespace tools {
namespace {

volatile sig_atomic_t caught = 0;

}  // namespace

void catch_interrupt() {
  struct sigaction action {};
  action.sa_handler = [](int) { caught = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;  // the second one has its default
  ::sigaction(SIGINT, &action, nullptr);
}

bool interrupted() {
  return caught != 0;
}

}  // namespace tools
