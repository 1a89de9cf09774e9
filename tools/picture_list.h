// Which pictures a command works on: the files, folders and lists of its command line.
#pragma once

#include <string>
#include <vector>

#include "tools/command_line.h"

namespace tools {

/// A picture to read, or one that could not even be found.
struct PictureEntry {
  std::string path;    ///< any bytes; "-" is standard input
  std::string prompt;  ///< empty: none of its own
  std::string error;   ///< not empty: why there is no picture
};

/// The options that name pictures.
struct PictureArguments {
  std::vector<std::string> paths;  ///< files, folders, "-"
  bool recursive = false;
  std::string list;   ///< file of lines `path` or `path<TAB>prompt`; "-": standard input
  std::string list0;  ///< file of paths that each end in a NUL byte; "-": standard input
};

void add_picture_options(Command command, PictureArguments& arguments);

/// All pictures in the order of the command line, then of the lists; a folder's in the order of
/// their paths. A folder that has none or cannot be read (below another one, too) is an entry with
/// an error. UsageError if nothing is named at all, or standard input twice; FileError if a list
/// cannot be read, FormatError if it is not UTF-8 text.
std::vector<PictureEntry> list_pictures(const PictureArguments& arguments);

/// All of standard input. FileError.
std::string read_standard_input();

/// Whether a name ends like a picture's, in any case: .jpg .png .webp .bmp .gif and the rarer
/// endings of these formats.
bool has_picture_extension(const std::string& path);

}  // namespace tools
