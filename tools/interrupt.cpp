#include "tools/interrupt.h"

#include <signal.h>

#include "tools/commands.h"

namespace tools {
namespace {

volatile sig_atomic_t caught = 0;  // the signal's number

}  // namespace

void catch_interrupt() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    struct sigaction action {};
    action.sa_handler = [](int number) { caught = number; };
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;  // the second has its default
    ::sigaction(signal, &action, nullptr);
  }
}

bool interrupted() {
  return caught != 0;
}

void throw_if_interrupted() {
  if (interrupted()) throw Interrupted();
}

int interrupt_code() {
  return caught != 0 ? 128 + caught : static_cast<int>(kInterrupted);
}

}  // namespace tools
