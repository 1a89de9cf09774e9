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

TEST(StagedFolder, OfAFolderThatIsReplacedOtherFilesStayAndObsoleteOnesGo) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "a/below/deep");
  fs::permissions(folder / "a", fs::perms::owner_all);
  folder.write("a/x", "old");
  folder.write("a/obsolete", "old");
  folder.write("a/below/deep/mine", "stays");
  fs::create_symlink("x", folder / "a/link");
  const base::FileLock before = base::FileLock::try_for(folder / "a/below/deep/mine");
  fs::create_symlink(folder / "a", folder / "link");
  base::StagedFolder staged(folder / "link", true, {"obsolete"});
  base::replace_file(staged.path() / "x", "new");
  EXPECT_EQ(base::read_file(folder / "a/x"), "old");
  staged.commit();
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(base::read_file(folder / "a/x"), "new");
  EXPECT_EQ(fs::read_symlink(folder / "a/link"), "x");
  EXPECT_FALSE(fs::exists(folder / "a/obsolete"));
  EXPECT_TRUE(before.is_of(folder / "a/below/deep/mine")) << "the same file, not a copy";
  EXPECT_EQ(fs::status(folder / "a").permissions(), fs::perms::owner_all);
  EXPECT_EQ(entries(folder.path()), 2);
}

TEST(StagedFolder, OfTwoThatMakeOneFolderTheSecondFails) {
  const TemporaryFolder folder;
  {
    base::StagedFolder one(folder / "a", false), two(folder / "a", false);
    base::replace_file(one.path() / "x", "one");
    base::replace_file(two.path() / "x", "two");
    base::replace_file(two.path() / "y", "two");
    one.commit();
    EXPECT_THAT(error_of<base::FileError>([&] { two.commit(); }),
                EndsWith("a: another program has written it meanwhile"));
  }
  EXPECT_EQ(base::read_file(folder / "a/x"), "one");
  EXPECT_EQ(entries(folder / "a"), 1);
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(StagedFolder, OfTwoThatOverwriteOneFolderTheSecondStaysWhole) {
  const TemporaryFolder folder;
  base::StagedFolder one(folder / "a", true), two(folder / "a", true);
  base::replace_file(one.path() / "x", "one");
  base::replace_file(two.path() / "x", "two");
  one.commit();
  two.commit();
  EXPECT_EQ(base::read_file(folder / "a/x"), "two");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(ExchangeNames, AtOnceOrByWayOfAThird) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "a");
  fs::create_directory(folder / "b");
  folder.write("a/x", "first");
  folder.write("b/x", "second");
  base::exchange_names(folder / "a", folder / "b");
  EXPECT_EQ(base::read_file(folder / "a/x"), "second");
  base::exchange_names(folder / "a", folder / "b", folder / "aside");
  EXPECT_EQ(base::read_file(folder / "a/x"), "first");
  EXPECT_EQ(base::read_file(folder / "b/x"), "second");
  EXPECT_EQ(entries(folder.path()), 2);
  EXPECT_THROW(base::exchange_names(folder / "absent", folder / "b"), fs::filesystem_error);
  EXPECT_THROW(base::exchange_names(folder / "absent", folder / "b", folder / "aside"),
               fs::filesystem_error);
  EXPECT_EQ(base::read_file(folder / "b/x"), "second") << "put back";
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
  EXPECT_EQ(error_of<base::UsageError>([&] { base::StagedFolder("", true); }),
            "the folder to write has an empty name");
  fs::create_symlink(folder / "absent", folder / "link");
  EXPECT_THAT(error_of<base::FileError>([&] { base::StagedFolder(folder / "link", true); }),
              EndsWith("link: is a link to something that does not exist"));
  EXPECT_THAT(error_of<base::FileError>([&] { base::StagedFolder("/proc", true); }),
              testing::StartsWith("/proc: is where another file system begins"));
}

}  // namespace
