#include "data/prefetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>

namespace data {
namespace {

TEST(Prefetch, HandsOverInOrderWhateverTakesLonger) {
  Prefetch<std::string> pictures(50, 8, [](std::size_t i) {
    if (i % 7 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(3));
    return "picture " + std::to_string(i);
  });
  for (std::size_t i = 0; i < 50; ++i) {
    const auto picture = pictures.next();
    ASSERT_TRUE(picture);
    EXPECT_EQ(picture->index, i);
    EXPECT_EQ(picture->value, "picture " + std::to_string(i));
    EXPECT_EQ(picture->error, "");
  }
  EXPECT_FALSE(pictures.next());
  EXPECT_FALSE(pictures.next());
}

TEST(Prefetch, AnExceptionIsThePicturesErrorAndTheOthersGoOn) {
  Prefetch<int> pictures(4, 2, [](std::size_t i) -> int {
    if (i == 1) throw std::runtime_error("broken");
    if (i == 2) throw std::bad_alloc();
    return static_cast<int>(i) + 1;
  });
  std::vector<std::pair<int, std::string>> found;
  while (auto picture = pictures.next()) found.emplace_back(picture->value, picture->error);
  EXPECT_THAT(found, testing::ElementsAre(testing::Pair(1, ""), testing::Pair(0, "broken"),
                                          testing::Pair(0, "not enough memory for this picture"),
                                          testing::Pair(4, "")));
}

TEST(Prefetch, WorksNoFurtherAheadThanAllowed) {
  constexpr std::size_t kAhead = 3;
  std::atomic<std::size_t> begun = 0, taken = 0, furthest = 0;
  Prefetch<int> pictures(40, kAhead, [&](std::size_t i) {
    const std::size_t before = taken;  // grows only, so the distance is at most what it looks like
    furthest = std::max<std::size_t>(furthest, i >= before ? i - before : 0);
    ++begun;
    return static_cast<int>(i);
  });
  while (begun < kAhead) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(begun, kAhead);  // nothing was taken yet
  while (pictures.next()) ++taken;
  EXPECT_EQ(begun, 40u);
  // next() lets one more begin before `taken` says so.
  EXPECT_LE(furthest, kAhead);
}

TEST(Prefetch, CanBeDroppedBeforeTheEnd) {
  std::atomic<int> begun = 0;
  {
    Prefetch<int> pictures(1000, 4, [&](std::size_t) { return ++begun; });
    pictures.next();
  }
  const int after = begun;
  EXPECT_LE(after, 5);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(begun, after);
}

TEST(Prefetch, OfNothingEndsAtOnce) {
  Prefetch<int> pictures(0, 0, [](std::size_t) -> int { throw std::logic_error("called"); });
  EXPECT_FALSE(pictures.next());
}

}  // namespace
}  // namespace data
