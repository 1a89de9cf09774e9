// Captions in text files beside the pictures: shirt.jpg -> shirt.txt.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tools {

/// What to do where the text file exists already.
enum class Existing { refuse, skip, overwrite, append };

class Sidecars {
 public:
  /// `extension` with its dot; UsageError if it is none, or is one that pictures have.
  Sidecars(std::string extension, Existing existing);

  /// Reserves the text file of each picture, so that shirt.jpg and shirt.png cannot write into one
  /// another's: the first has it. Call once, with all pictures.
  void reserve(const std::vector<std::string>& pictures);

  /// Whether picture i (of reserve) needs a caption; false: its file exists and is to be skipped.
  /// FileError where nothing could be written in the end (a folder has the name, ...).
  bool wanted(std::size_t i) const;
  /// Writes picture i's captions, one a line, or adds them. The file is replaced as a whole: an
  /// error or interruption leaves the old one. Runs that work in one folder at the same time take
  /// turns, as far as its file system has locks; a file that another has written meanwhile is
  /// treated as one that was there. FileError.
  void write(std::size_t i, const std::vector<std::string>& captions) const;

 private:
  const std::string extension_;
  const Existing existing_;
  std::vector<std::filesystem::path> paths_;  // of each picture
  std::vector<std::string> conflicts_;        // the error of each picture, mostly empty
};

}  // namespace tools
