// Results on standard output, and how names and texts of any bytes are written there.
#pragma once

#include <string>
#include <string_view>

namespace tools {

/// Whoever read standard output has gone (`| head`): a reason to stop, not one to complain.
struct OutputClosed {};

/// Writes all of it to standard output at once, unbuffered. OutputClosed, or a FileError with the
/// reason (a full disk).
void print(std::string_view text);

/// Text for a field of a line: backslash, tab, line feed and carriage return become \\ \t \n \r;
/// all other bytes stay.
std::string escape_field(std::string_view text);

/// A JSON string, quotes included. Bytes that are not UTF-8 become lone surrogates \udc80 .. \udcff
/// (PEP 383), so that Python's `os.fsencode(json.loads(line)["path"])` gives the file name back.
std::string json_string(std::string_view bytes);

/// A float as the shortest decimal number that reads back as the same float; null if not finite.
std::string json_number(float value);

}  // namespace tools
