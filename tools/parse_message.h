// What is wrong with a command line, in words of our own.
#pragma once

#include <string>

namespace CLI {
class ParseError;
}

namespace tools {

/// What CLI11 found, said as the rest of the program speaks: the option, what it was given, what
/// was expected. `--temperature x: expected a number`. What a check (checks.h) says stays as it is.
std::string parse_message(const CLI::ParseError& error);

}  // namespace tools
