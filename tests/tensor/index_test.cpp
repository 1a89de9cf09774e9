#include "tensor/index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/errors.h"

namespace tensor {
namespace {

using testing::ElementsAre;

TEST(Index, KeepsValuesInRange) {
  const Tensor ids = indices("ids", std::vector<int64_t>{0, 6, 3, 6}, 7, {2, 2});
  EXPECT_EQ(ids.dtype(), DType::i32);
  EXPECT_EQ(ids.shape(), (Shape{2, 2}));
  EXPECT_THAT(ids.span<int32_t>(), ElementsAre(0, 6, 3, 6));
  EXPECT_EQ(indices("ids", std::vector<int32_t>{}, 7).shape(), Shape{0});
}

TEST(Index, NamesTheEntryOutOfRange) {
  EXPECT_EQ(error_of([] {
              indices("ids", std::vector<int64_t>{0, 7}, 7);
            }),
            "ids: entry 1 is 7, expected 0 to 6");
  EXPECT_EQ(error_of([] { indices("ids", std::vector<int32_t>{-1}, 7); }),
            "ids: entry 0 is -1, expected 0 to 6");
  // Not cut to 32 bits first.
  EXPECT_EQ(error_of([] { indices("ids", std::vector<int64_t>{int64_t{1} << 32}, 7); }),
            "ids: entry 0 is 4294967296, expected 0 to 6");
  EXPECT_EQ(error_of([] { indices("ids", std::vector<int64_t>{1}, 7, {2}); }),
            "ids: 1 values, shape [2] expects 2");
}

TEST(Index, LabelsMayBeIgnored) {
  EXPECT_THAT(labels("labels", std::vector<int64_t>{2, -100}, 3).span<int32_t>(),
              ElementsAre(2, kIgnoredLabel));
  EXPECT_EQ(error_of([] { labels("labels", std::vector<int64_t>{3}, 3); }),
            "labels: entry 0 is 3, expected 0 to 2 or -100");
}

TEST(Index, OffsetsAreRunningSums) {
  EXPECT_THAT(row_offsets(std::vector<int32_t>{3, 0, 2}).span<int32_t>(), ElementsAre(0, 3, 3, 5));
  EXPECT_THAT(row_offsets({}).span<int32_t>(), ElementsAre(0));
  EXPECT_THROW(row_offsets(std::vector<int32_t>{3, -1}), base::UsageError);
  EXPECT_THROW(row_offsets(std::vector<int32_t>{INT32_MAX, 1}), base::UsageError);
}

TEST(TensorVersion, CountsRequestsForWritableElements) {
  Tensor a = Tensor::zeros({4});
  const uint64_t before = a.version();
  Tensor view = a.reshape({2, 2}).slice(1, 2);
  const Tensor& read = a;
  read.data<float>();
  EXPECT_EQ(a.version(), before);
  view.data<float>()[0] = 1;
  EXPECT_GT(a.version(), before);
  EXPECT_EQ(Tensor().version(), 0u);
}

}  // namespace
}  // namespace tensor
