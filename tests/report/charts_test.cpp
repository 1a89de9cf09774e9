#include "report/charts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Histogram, CountsScoresInTwentyBarsAndMarksTheMean) {
  // The axis ends at 1: bars are 0.05 wide.
  const std::vector<double> scores = {0, 0.01, 0.52, 0.99};
  const std::vector<std::span<const double>> series = {scores};
  const std::string svg = histogram_svg("BLEU <4>", series);
  EXPECT_THAT(svg, HasSubstr("histogram of BLEU &lt;4&gt;"));
  EXPECT_THAT(svg, HasSubstr("<title>0.000 to 0.050: 2</title>"));
  EXPECT_THAT(svg, HasSubstr("<title>0.500 to 0.550: 1</title>"));
  EXPECT_THAT(svg, HasSubstr("<title>0.950 to 1.000: 1</title>"));
  EXPECT_THAT(svg, Not(HasSubstr("<title>0.100 to")));
  EXPECT_THAT(svg, HasSubstr("<title>mean of the pictures 0.3800</title>"));
  EXPECT_THAT(svg, HasSubstr("at most 2 pictures a bar"));
}

TEST(Histogram, OutlinesTheOtherSeriesOnOneAxis) {
  const std::vector<double> first = {0.1}, second = {3.9};
  const std::vector<std::span<const double>> series = {first, second};
  const std::string svg = histogram_svg("CIDEr", series);
  EXPECT_THAT(svg, HasSubstr("<title>0.000 to 0.250: 1</title>"));  // the axis ends at 5
  EXPECT_THAT(svg, HasSubstr("class=\"outline series1\""));
  EXPECT_THAT(svg, HasSubstr("mean of the pictures 3.9000"));
}

}  // namespace
}  // namespace report
