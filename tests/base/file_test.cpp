#include "base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>
#include <vector>

#include "base/error.h"
#include "tests/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using base::FileError;
using base::MappedFile;
using testing::HasSubstr;
using testing::StartsWith;

std::string_view text_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

std::vector<std::string> names_in(const TemporaryFolder& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(MappedFile, ShowsTheWholeFile) {
  const TemporaryFolder folder;
  const auto path = folder.write("a", std::string_view("one\0two", 7));
  const auto file = MappedFile::open(path);
  EXPECT_EQ(text_of(*file), std::string_view("one\0two", 7));
  EXPECT_EQ(file->path(), path);
}

TEST(MappedFile, OutlivesItsName) {
  const TemporaryFolder folder;
  const auto path = folder.write("a", "content");
  const auto file = MappedFile::open(path);
  fs::remove(path);
  EXPECT_EQ(text_of(*file), "content");
}

TEST(MappedFile, MayBeEmpty) {
  const TemporaryFolder folder;
  const auto file = MappedFile::open(folder.write("empty", ""));
  EXPECT_TRUE(file->bytes().empty());
  file->release(file->bytes().data(), 0);
}

TEST(MappedFile, ReleasedPagesReadTheSame) {
  const TemporaryFolder folder;
  std::string content;
  for (int i = 0; i < 40'000; ++i) content += std::to_string(i);
  const auto file = MappedFile::open(folder.write("a", content));
  EXPECT_EQ(text_of(*file), content);
  file->release(file->bytes().data(), file->bytes().size());
  EXPECT_EQ(text_of(*file), content);
  file->release(file->bytes().data() + 5000, 100'000);  // no page's bounds
  file->release(file->bytes().data() + 1, 10);          // less than a page
  EXPECT_EQ(text_of(*file), content);
}

TEST(MappedFile, SaysWhyItCannotBeOpened) {
  const TemporaryFolder folder;
  const auto refusal = [](const fs::path& path) {
    return error_of<FileError>([&] { MappedFile::open(path); });
  };
  EXPECT_EQ(refusal(folder / "absent"),
            (folder / "absent").string() + ": cannot open: No such file or directory");
  EXPECT_EQ(refusal(folder.path()), folder.path().string() + ": cannot read: Is a directory");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(refusal(folder / "pipe"), (folder / "pipe").string() + ": is not a regular file");
  if (::geteuid() == 0) return;  // root may read everything
  const auto secret = folder.write("secret", "x");
  fs::permissions(secret, fs::perms::none);
  EXPECT_EQ(refusal(secret), secret.string() + ": cannot open: Permission denied");
}

TEST(ReadFile, ReadsUpToItsLimit) {
  const TemporaryFolder folder;
  const auto path = folder.write("a", "12345");
  EXPECT_EQ(base::read_file(path), "12345");
  EXPECT_EQ(base::read_file(path, 5), "12345");
  EXPECT_EQ(error_of<base::FormatError>([&] { base::read_file(path, 4); }),
            path.string() + ": has 5 bytes, at most 4 expected");
  EXPECT_EQ(base::read_file(folder.write("empty", "")), "");
  EXPECT_THAT(error_of<FileError>([&] { base::read_file(folder.path()); }),
              HasSubstr("Is a directory"));
  EXPECT_THAT(error_of<FileError>([&] { base::read_file(folder / "absent"); }),
              HasSubstr("No such file"));
}

TEST(ReplaceFile, WritesNewFilesAndReplacesOldOnes) {
  const TemporaryFolder folder;
  base::replace_file(folder / "a", "first");
  EXPECT_EQ(base::read_file(folder / "a"), "first");
  base::replace_file(folder / "a", [](std::ostream& out) { out << "second" << ' ' << 2; });
  EXPECT_EQ(base::read_file(folder / "a"), "second 2");
  EXPECT_THAT(names_in(folder), testing::ElementsAre("a"));
}

/// A reader of the old content keeps it: the file is another one.
TEST(ReplaceFile, LeavesTheOldContentToItsReaders) {
  const TemporaryFolder folder;
  base::replace_file(folder / "a", "old");
  const auto old = MappedFile::open(folder / "a");
  base::replace_file(folder / "a", "new and longer");
  EXPECT_EQ(text_of(*old), "old");
  EXPECT_EQ(base::read_file(folder / "a"), "new and longer");
}

TEST(ReplaceFile, LeavesNothingBehindWhenWritingFails) {
  const TemporaryFolder folder;
  folder.write("a", "old");
  const auto failing = [](std::ostream& out) {
    out << "half";
    throw base::UsageError("stop");
  };
  EXPECT_EQ(error_of<base::UsageError>([&] { base::replace_file(folder / "a", failing); }), "stop");
  EXPECT_THROW(base::replace_file(folder / "b", failing), base::UsageError);
  const auto broken = [](std::ostream& out) { out.setstate(std::ios::badbit); };
  EXPECT_THAT(error_of<FileError>([&] { base::replace_file(folder / "a", broken); }),
              StartsWith((folder / "a").string() + ": cannot write"));
  EXPECT_EQ(base::read_file(folder / "a"), "old");
  EXPECT_THAT(names_in(folder), testing::ElementsAre("a"));
}

TEST(ReplaceFile, LinksStayAndPipesAreRefused) {
  const TemporaryFolder folder;
  base::replace_file(folder / "file", "old");
  std::filesystem::create_symlink(folder / "file", folder / "link");
  base::replace_file(folder / "link", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(base::read_file(folder / "file"), "new");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of<FileError>([&] { base::replace_file(folder / "pipe", "x"); }),
              HasSubstr("pipe: cannot write: is not a regular file"));
  EXPECT_TRUE(std::filesystem::is_fifo(folder / "pipe"));
}

TEST(ReplaceFile, NamesMayBeAsLongAsTheSystemAllows) {
  const TemporaryFolder folder;
  const std::string name(255, 'n');
  base::replace_file(folder / name, "one");
  base::replace_file(folder / name, "two");
  EXPECT_EQ(base::read_file(folder / name), "two");
  EXPECT_THAT(error_of<FileError>([&] { base::replace_file(folder / (name + "n"), "x"); }),
              HasSubstr("cannot write: File name too long"));
  EXPECT_THAT(names_in(folder), testing::ElementsAre(name));
}

TEST(ReplaceFile, KeepsWhoMayRead) {
  const TemporaryFolder folder;
  const auto path = folder.write("secret", "old");
  const fs::perms mine = fs::perms::owner_read | fs::perms::owner_write;
  fs::permissions(path, mine);
  base::replace_file(path, "new");
  EXPECT_EQ(base::read_file(path), "new");
  EXPECT_EQ(fs::status(path).permissions(), mine);
}

TEST(ReplaceFile, AnEmptyNameIsSaidToBeOne) {
  EXPECT_EQ(error_of<FileError>([] { base::replace_file("", "x"); }),
            "a file with an empty name: cannot write: No such file or directory");
  EXPECT_EQ(error_of<FileError>([] { base::read_file(""); }),
            "a file with an empty name: cannot open: No such file or directory");
}

TEST(ReplaceFile, SaysWhyItCannotWrite) {
  const TemporaryFolder folder;
  const auto refusal = [](const fs::path& path) {
    return error_of<FileError>([&] { base::replace_file(path, "x"); });
  };
  EXPECT_EQ(refusal(folder / "absent" / "a"),
            (folder / "absent" / "a").string() + ": cannot write: No such file or directory");
  fs::create_directory(folder / "dir");
  EXPECT_EQ(refusal(folder / "dir"), (folder / "dir").string() + ": cannot write: Is a directory");
  EXPECT_THAT(names_in(folder), testing::ElementsAre("dir"));
}

TEST(ReplaceFile, CannotWriteIntoAReadOnlyFolder) {
  if (::geteuid() == 0) GTEST_SKIP() << "root writes wherever it wants";
  const TemporaryFolder folder;
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(error_of<FileError>([&] { base::replace_file(folder / "a", "x"); }),
            (folder / "a").string() + ": cannot write: Permission denied");
  fs::permissions(folder.path(), fs::perms::owner_all);
}

}  // namespace
