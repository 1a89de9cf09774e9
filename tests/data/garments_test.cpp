#include "data/garments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "data/canvas.h"

namespace {

using data::Garment;

TEST(Garments, AreDecidedBySeedAndIndexAlone) {
  const Garment a = data::draw_garment(7, 3, 48), b = data::draw_garment(7, 3, 48);
  EXPECT_EQ(a.image.pixels, b.image.pixels);
  EXPECT_EQ(a.caption, b.caption);
  EXPECT_NE(data::draw_garment(7, 4, 48).image.pixels, a.image.pixels);
  EXPECT_NE(data::draw_garment(8, 3, 48).image.pixels, a.image.pixels);
}

TEST(Garments, AreTheSameGarmentAtAnySize) {
  for (const int size : {16, 33, 192}) {
    const Garment garment = data::draw_garment(1, 37, size);
    EXPECT_EQ(garment.caption, "a green t-shirt");
    EXPECT_EQ(garment.image.width, size);
    EXPECT_EQ(garment.image.pixels.size(), std::size_t{3} * size * size);
  }
}

TEST(Garments, CaptionAttributesAndCategoryAgree) {
  std::set<std::string> kinds;
  for (int i = 1; i <= 120; ++i) {
    const Garment garment = data::draw_garment(2, i, 16);
    kinds.insert(garment.kind);
    EXPECT_TRUE(garment.caption.ends_with(" " + garment.kind)) << garment.caption;
    EXPECT_TRUE(std::is_sorted(garment.attributes.begin(), garment.attributes.end()));
    EXPECT_THAT(garment.attributes, testing::Contains(garment.kind));
    for (const std::string& word : garment.attributes) {
      EXPECT_THAT(garment.caption, testing::HasSubstr(word));
    }
    EXPECT_EQ(garment.caption.find("a o"), std::string::npos) << garment.caption;
    const auto categories = data::garment_categories();
    const auto named =
        std::find_if(categories.begin(), categories.end(),
                     [&](const auto& category) { return category.number == garment.category; });
    ASSERT_NE(named, categories.end());
    EXPECT_EQ(named->name, garment.kind);
  }
  EXPECT_EQ(kinds.size(), data::garment_categories().size());
}

TEST(Garments, HaveTheColorTheirCaptionNames) {
  // Number 37 of seed 1 is "a green t-shirt": its middle is green.
  const data::Image image = data::draw_garment(1, 37, 192).image;
  const uint8_t* middle = image.pixels.data() + 3 * (96 * 192 + 96);
  EXPECT_GT(middle[1], middle[0] + 40);
  EXPECT_GT(middle[1], middle[2] + 40);
}

TEST(Garments, SizesThatMakeNoSenseAreRefused) {
  EXPECT_THROW(data::draw_garment(1, 1, 15), base::UsageError);
  EXPECT_THROW(data::draw_garment(1, 1, 2049), base::UsageError);
}

TEST(Canvas, AveragesWhereAnEdgeCutsAPixel) {
  data::Canvas canvas(3);
  // The left half: one pixel and a half of three, so the middle one is cut.
  const auto white = [](data::Point, data::Color) { return data::Color{1, 1, 1}; };
  canvas.fill(data::Path({-1, -1}).line({0.5, -1}).line({0.5, 2}).line({-1, 2}), white);
  const data::Image image = canvas.image();
  EXPECT_EQ(image.pixels[3 * 3], 255);
  EXPECT_EQ(image.pixels[3 * 4], 85);  // one of its three columns of samples lies inside
  EXPECT_EQ(image.pixels[3 * 5], 0);
}

TEST(Canvas, StrokesPaintEachPlaceOnce) {
  data::Canvas canvas(8);
  const auto brighter = [](data::Point, data::Color below) {
    return data::Color{below.r + 0.2, below.g, below.b};
  };
  canvas.stroke(data::Path({0.1, 0.5}).line({0.9, 0.5}).line({0.1, 0.5}), 0.4, brighter);
  const data::Image image = canvas.image();
  EXPECT_EQ(image.pixels[3 * (4 * 8 + 4)], 51);
  EXPECT_EQ(image.pixels[0], 0);
}

}  // namespace
