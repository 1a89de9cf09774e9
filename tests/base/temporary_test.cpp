#include "base/temporary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <set>

#include "tests/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using base::Temporary;
using Kind = Temporary::Kind;

std::ptrdiff_t entries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), {});
}

/// A process that makes a temporary file and folder, and is killed when `end` is called.
class Maker {
 public:
  explicit Maker(const fs::path& folder) {
    int ready[2];
    if (::pipe(ready) != 0) throw std::runtime_error("no pipe");
    child_ = ::fork();
    if (child_ == 0) {
      const Temporary file(folder, Kind::file), made(folder, Kind::folder);
      if (::write(ready[1], "x", 1) != 1) ::_exit(1);
      while (true) ::pause();
    }
    char byte = 0;
    if (::read(ready[0], &byte, 1) != 1) throw std::runtime_error("no maker");
    ::close(ready[0]);
    ::close(ready[1]);
  }
  void end() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = 0;
  }
  ~Maker() { end(); }

 private:
  pid_t child_;
};

TEST(Temporary, IsRemovedUnlessReleased) {
  const TemporaryFolder folder;
  fs::path file, made;
  {
    const Temporary a(folder.path(), Kind::file), b(folder.path(), Kind::folder);
    file = a.path();
    made = b.path();
    EXPECT_TRUE(fs::is_regular_file(file));
    EXPECT_TRUE(fs::is_directory(made));
  }
  EXPECT_EQ(entries(folder.path()), 0);
  {
    Temporary a(folder.path(), Kind::file);
    fs::rename(a.path(), folder / "final");
    a.release();
  }
  EXPECT_TRUE(fs::exists(folder / "final"));
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(Temporary, NamesAreShortAndDiffer) {
  const TemporaryFolder folder;
  std::set<fs::path> names;
  for (int i = 0; i < 50; ++i) {
    const Temporary temporary(folder.path(), Kind::file);
    const std::string name = temporary.path().filename().native();
    EXPECT_EQ(name.size(), 31u);
    EXPECT_EQ(name[0], '.');
    EXPECT_TRUE(base::is_temporary_name(name)) << name;
    names.insert(name);
  }
  EXPECT_EQ(names.size(), 50u);
  for (const char* name : {"", ".blip-", "a.txt", ".blip-0123456789abcdef01234.tmp",
                           ".blip-01234567-0123456789aB.tmp", ".blip-01234567-0123456789ab.txt"}) {
    EXPECT_FALSE(base::is_temporary_name(name)) << name;
  }
}

TEST(Temporary, SaysWhyItCannotBeMade) {
  const TemporaryFolder folder;
  EXPECT_THROW(Temporary(folder / "absent", Kind::file), fs::filesystem_error);
  EXPECT_THROW(Temporary(folder / "absent", Kind::folder), fs::filesystem_error);
}

TEST(RemoveLeftovers, RemovesWhatTheDeadLeftAndNothingElse) {
  const TemporaryFolder folder;
  folder.write("mine.tmp", "x");
  folder.write(".blip-notes", "x");
  const Temporary own(folder.path(), Kind::file);
  Maker living(folder.path()), dead(folder.path());
  EXPECT_EQ(entries(folder.path()), 7);
  base::remove_leftovers(folder.path());
  EXPECT_EQ(entries(folder.path()), 7) << "all makers live";
  dead.end();
  base::remove_leftovers(folder.path());
  EXPECT_EQ(entries(folder.path()), 5);
  living.end();
  base::remove_leftovers(folder.path());
  EXPECT_EQ(entries(folder.path()), 3);
  EXPECT_TRUE(fs::exists(own.path()));
  EXPECT_TRUE(fs::exists(folder / "mine.tmp"));
  EXPECT_TRUE(fs::exists(folder / ".blip-notes"));
}

TEST(RemoveLeftovers, TheFirstTemporaryOfAProcessInAFolderDoesIt) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "a");
  Maker(folder / "a").end();
  EXPECT_EQ(entries(folder / "a"), 2);
  { const Temporary temporary(folder / "a", Kind::file); }
  EXPECT_EQ(entries(folder / "a"), 0);
}

/// Locks need not reach other machines: what those make is left alone for a day.
TEST(RemoveLeftovers, WaitsADayForOtherMachines) {
  const TemporaryFolder folder;
  const fs::path fresh = folder.write(".blip-01234567-0123456789ab.tmp", "x");
  const fs::path old = folder.write(".blip-01234567-ba9876543210.tmp", "x");
  fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(25));
  base::remove_leftovers(folder.path());
  EXPECT_TRUE(fs::exists(fresh));
  EXPECT_FALSE(fs::exists(old));
  base::remove_leftovers(folder / "absent");
}

}  // namespace
