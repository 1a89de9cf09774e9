#include "tools/picture_list.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/error.h"

namespace fs = std::filesystem;

namespace tools {
namespace {

using base::str;

/// The endings that Pillow knows of the formats that data/image.h reads.
constexpr std::array kExtensions{".jpg",  ".jpeg", ".jpe", ".jfif", ".mpo", ".png",
                                 ".apng", ".webp", ".bmp", ".dib",  ".gif"};

/// Hidden files are left out: "._a.jpg" is what some systems put beside a.jpg, and no picture.
bool is_picture(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().native();
  return name[0] != '.' && has_picture_extension(name) && entry.is_regular_file();
}

template <class Iterator>
std::vector<std::string> pictures_in(const fs::path& folder) {
  std::vector<std::string> paths;
  for (const fs::directory_entry& entry : Iterator(folder)) {
    if (is_picture(entry)) paths.push_back(entry.path().native());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

void add_folder(std::vector<PictureEntry>& entries, const PictureEntry& folder, bool recursive) {
  PictureEntry failed = folder;
  try {
    const std::vector<std::string> paths =
        recursive ? pictures_in<fs::recursive_directory_iterator>(folder.path)
                  : pictures_in<fs::directory_iterator>(folder.path);
    for (const std::string& path : paths) entries.push_back({path, folder.prompt, {}});
    if (!paths.empty()) return;
    failed.error =
        str(folder.path, ": no pictures in this folder (.jpg .jpeg .png .webp .bmp .gif)",
            recursive ? "" : "; --recursive looks in the folders below, too");
  } catch (const fs::filesystem_error& error) {
    failed.error = str(folder.path, ": cannot read the folder: ", error.code().message());
  }
  entries.push_back(failed);
}

void add_path(std::vector<PictureEntry>& entries, const PictureEntry& entry, bool recursive) {
  std::error_code absent;
  if (fs::is_directory(entry.path, absent)) {
    add_folder(entries, entry, recursive);
  } else {
    entries.push_back(entry);
  }
}

/// The rest of a stream; FileError, which calls it `name`.
std::string read_all(std::istream& in, const std::string& name) {
  std::string content;
  std::array<char, 65536> buffer{};
  while (in.read(buffer.data(), buffer.size()), in.gcount() > 0) {
    content.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) throw base::FileError(str(name, ": cannot read: ", std::strerror(errno)));
  return content;
}

std::string read_list(const std::string& path) {
  if (path == "-") return read_standard_input();
  std::ifstream file(path, std::ios::binary);
  if (!file) throw base::FileError(str(path, ": cannot open this list: ", std::strerror(errno)));
  return read_all(file, path);
}

/// The non-empty parts between separators.
std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
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
  return read_all(std::cin, "standard input");
}

void add_picture_options(CLI::App& command, PictureArguments& arguments) {
  command.add_option("PICTURE|FOLDER|-", arguments.paths,
                     "Picture files, folders of pictures, or - for a picture on standard input");
  command.add_flag("--recursive", arguments.recursive, "Look in the folders below a folder, too");
  command
      .add_option("--list", arguments.list,
                  "File of lines PATH or PATH<TAB>PROMPT; - reads them from standard input")
      ->type_name("FILE");
  command
      .add_option(
          "--list0", arguments.list0,
          "File of paths that end in NUL bytes, as find -print0 writes them, for names with "
          "tabs or line feeds")
      ->type_name("FILE");
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
  if (!arguments.list.empty()) {
    for (std::string& line : split(read_list(arguments.list), '\n')) {
      if (line.back() == '\r') line.pop_back();
      if (line.empty()) continue;
      const std::size_t tab = std::min(line.find('\t'), line.size());
      const std::string prompt = tab < line.size() ? line.substr(tab + 1) : std::string();
      add_path(entries, {line.substr(0, tab), prompt, {}}, arguments.recursive);
    }
  }
  if (!arguments.list0.empty()) {
    for (const std::string& path : split(read_list(arguments.list0), '\0')) {
      add_path(entries, {path, {}, {}}, arguments.recursive);
    }
  }
  return entries;
}

}  // namespace tools
