#include "tools/picture_list.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "base/lines.h"
#include "tools/checks.h"

namespace fs = std::filesystem;

namespace tools {
namespace {

using base::str;

/// The endings that Pillow knows of the formats that data/image.h reads.
constexpr std::array kExtensions{".jpg",  ".jpeg", ".jpe", ".jfif", ".mpo", ".png",
                                 ".apng", ".webp", ".bmp", ".dib",  ".gif"};

/// Hidden files are left out: "._a.jpg" is what some systems put beside a.jpg, and no picture. A
/// link that leads nowhere, or to itself, is none that can be left out without a word.
bool is_picture(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().native();
  if (name[0] == '.' || !has_picture_extension(name)) return false;
  std::error_code unknown;
  const fs::file_type type = entry.status(unknown).type();
  return type == fs::file_type::regular ||
         (entry.is_symlink(unknown) &&
          (type == fs::file_type::none || type == fs::file_type::not_found));
}

/// Adds the pictures of a folder, and an entry with an error for each folder that cannot be read.
void add_pictures(std::vector<PictureEntry>& found, const PictureEntry& folder, bool recursive) {
  std::error_code error;
  std::vector<PictureEntry> below;
  for (fs::directory_iterator entry(folder.path, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code unknown;
    if (is_picture(*entry)) {
      found.push_back({entry->path().native(), folder.prompt, {}});
    } else if (recursive && entry->is_directory(unknown) && !entry->is_symlink(unknown)) {
      below.push_back({entry->path().native(), folder.prompt, {}});
    }
  }
  if (error) {
    found.push_back({folder.path, folder.prompt,
                     str(folder.path, ": cannot read the folder: ", error.message())});
  }
  for (const PictureEntry& entry : below) add_pictures(found, entry, recursive);
}

void add_folder(std::vector<PictureEntry>& entries, const PictureEntry& folder, bool recursive) {
  std::vector<PictureEntry> found;
  add_pictures(found, folder, recursive);
  std::sort(found.begin(), found.end(),
            [](const PictureEntry& a, const PictureEntry& b) { return a.path < b.path; });
  if (found.empty()) {
    std::string endings;
    for (const char* extension : kExtensions) endings += str(" ", extension);
    found.push_back({folder.path, folder.prompt,
                     str(folder.path, ": no pictures in this folder; their names end in", endings,
                         recursive ? "" : "; --recursive looks in the folders below, too")});
  }
  entries.insert(entries.end(), found.begin(), found.end());
}

void add_path(std::vector<PictureEntry>& entries, const PictureEntry& entry, bool recursive) {
  std::error_code absent;
  if (fs::is_directory(entry.path, absent)) {
    add_folder(entries, entry, recursive);
  } else {
    entries.push_back(entry);
  }
}

/// What can be read of a descriptor; FileError, which calls it `name`. (std::cin takes an error for
/// the end.)
std::string read_all(int descriptor, const std::string& name) {
  std::string content;
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got > 0) {
      content.append(buffer.data(), static_cast<std::size_t>(got));
    } else if (got == 0) {
      return content;
    } else if (errno != EINTR) {
      throw base::FileError(str(name, ": cannot read: ", std::strerror(errno)));
    }
  }
}

std::string read_list(const std::string& path) {
  if (path == "-") return read_standard_input();
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    throw base::FileError(str(path, ": cannot open this list: ", std::strerror(errno)));
  }
  try {
    std::string content = read_all(file, path);
    ::close(file);
    return content;
  } catch (...) {
    ::close(file);
    throw;
  }
}

/// Adds the pictures of a list of lines `path` or `path<TAB>prompt`, empty ones aside. No path has
/// a zero byte.
void add_list(std::vector<PictureEntry>& entries, const std::string& path, bool recursive) {
  const std::string content = read_list(path);
  // All are read before the first folder is: a list that is broken has no pictures.
  std::vector<PictureEntry> listed;
  base::Lines lines(content, path == "-" ? "standard input" : path);
  while (const auto line = lines.next()) {
    if (line->find('\0') != line->npos) {
      lines.fail("has a zero byte; is the list UTF-16 (save it as UTF-8), or for --list0?");
    }
    if (line->empty()) continue;
    const std::size_t tab = std::min(line->find('\t'), line->size());
    const std::string_view prompt = tab < line->size() ? line->substr(tab + 1) : "";
    listed.push_back({std::string(line->substr(0, tab)), std::string(prompt), {}});
  }
  for (const PictureEntry& entry : listed) add_path(entries, entry, recursive);
}

/// Adds the pictures of a list of paths that end in NUL bytes.
void add_list0(std::vector<PictureEntry>& entries, const std::string& path, bool recursive) {
  const std::string content = read_list(path);
  for (std::size_t begin = 0; begin < content.size();) {
    const std::size_t end = std::min(content.find('\0', begin), content.size());
    if (end > begin) add_path(entries, {content.substr(begin, end - begin), {}, {}}, recursive);
    begin = end + 1;
  }
}

}  // namespace

bool has_picture_extension(const std::string& path) {
  std::string extension = fs::path(path).extension().native();
  for (char& c : extension) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

std::string read_standard_input() {
  return read_all(STDIN_FILENO, "standard input");
}

void add_picture_options(Command command, PictureArguments& arguments) {
  command.add_option("PICTURE|FOLDER|-", arguments.paths,
                     "Picture files, folders of pictures, or - for a picture on standard input");
  command.add_flag("--recursive", arguments.recursive, "Look in the folders below a folder, too");
  command
      .add_option("--list", arguments.list,
                  "File of lines PATH or PATH<TAB>PROMPT; - reads them from standard input")
      .type_name("FILE")
      .check(not_empty());
  command
      .add_option(
          "--list0", arguments.list0,
          "File of paths that end in NUL bytes, as find -print0 writes them, for names with "
          "tabs or line feeds")
      .type_name("FILE")
      .check(not_empty());
}

std::vector<PictureEntry> list_pictures(const PictureArguments& arguments) {
  if (arguments.paths.empty() && arguments.list.empty() && arguments.list0.empty()) {
    throw base::UsageError("no picture, folder or list is named");
  }
  if (std::count(arguments.paths.begin(), arguments.paths.end(), "-") + (arguments.list == "-") +
          (arguments.list0 == "-") >
      1) {
    throw base::UsageError("standard input (-) is named more than once");
  }
  std::vector<PictureEntry> entries;
  for (const std::string& path : arguments.paths) {
    add_path(entries, {path, {}, {}}, arguments.recursive);
  }
  if (!arguments.list.empty()) add_list(entries, arguments.list, arguments.recursive);
  if (!arguments.list0.empty()) add_list0(entries, arguments.list0, arguments.recursive);
  return entries;
}

}  // namespace tools
