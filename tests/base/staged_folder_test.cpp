#include "base/staged_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "tests/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using testing::EndsWith;

std::ptrdiff_t entries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), {});
}

TEST(StagedFolder, AppearsWithItsFilesOrNotAtAll) {
  const TemporaryFolder folder;
  {
    base::StagedFolder staged(folder / "a/b/", false);
    base::replace_file(staged.path() / "x", "1");
    EXPECT_FALSE(fs::exists(folder / "a/b"));
    staged.commit();
  }
  EXPECT_EQ(base::read_file(folder / "a/b/x"), "1");
  {
    base::StagedFolder staged(folder / "c", false);
    base::replace_file(staged.path() / "x", "1");
  }
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(StagedFolder, AFolderWithFilesIsWrittenIntoWhenAsked) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "a");
  folder.write("a/x", "old");
  folder.write("a/other", "stays");
  EXPECT_THAT(error_of<base::UsageError>([&] { base::StagedFolder(folder / "a", false); }),
              EndsWith("a: exists and is not empty; --overwrite writes into it"));
  base::StagedFolder staged(folder / "a", true);
  base::replace_file(staged.path() / "x", "new");
  staged.commit();
  EXPECT_EQ(base::read_file(folder / "a/x"), "new");
  EXPECT_EQ(base::read_file(folder / "a/other"), "stays");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(StagedFolder, PlacesThatCannotBeWritten) {
  const TemporaryFolder folder;
  folder.write("file", "");
  EXPECT_THAT(error_of<base::FileError>([&] { base::StagedFolder(folder / "file", true); }),
              EndsWith("file: exists and is not a folder"));
  EXPECT_THAT(error_of<base::FileError>([&] { base::StagedFolder(folder / "file/a", true); }),
              EndsWith("file/a: cannot write: Not a directory"));
  EXPECT_THAT(error_of<base::FileError>([&] { base::StagedFolder("/proc/a", true); }),
              testing::StartsWith("/proc/a: cannot write: "));
}

}  // namespace
