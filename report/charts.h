// The drawings of a report that show numbers.
#pragma once

#include <span>
#include <string>

namespace report {

/// How many pictures scored what: an SVG element with bars for the first series of scores and
/// outlines for the others, their means as lines, and the axis labelled. `name` is the score's, for
/// who hears the page. There is at least one series; scores are not negative.
std::string histogram_svg(const std::string& name, std::span<const std::span<const double>> series);

}  // namespace report
