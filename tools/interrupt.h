// Ctrl-C, and the signals by which a program is asked to end: the first asks to stop at the next
// good moment, the second ends the program at once.
#pragma once

namespace tools {

/// Ends a command from within; main makes its exit code of it.
struct Interrupted {};

/// From now on the first SIGINT, SIGTERM or SIGHUP only makes interrupted() true. One that is
/// ignored (nohup) stays so.
void catch_interrupt();
bool interrupted();
/// Interrupted if interrupted().
void throw_if_interrupted();
/// The exit code for the signal that came: 128 and its number, kInterrupted for Ctrl-C.
int interrupt_code();

}  // namespace tools
