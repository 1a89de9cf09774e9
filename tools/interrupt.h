// Ctrl-C: the first asks to stop at the next good moment, the second ends the program at once.
#pragma once

namespace tools {

/// From now on the first SIGINT only makes interrupted() true.
void catch_interrupt();
bool interrupted();

}  // namespace tools
