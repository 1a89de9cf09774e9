// The drawings of a report that show numbers.
#pragma once

#include <string>

#include "tools/evaluation.h"

namespace tools {

/// How many pictures scored what in column c: an SVG element with bars for the first file of
/// results and outlines for the others, their means as lines, and the axis labelled.
std::string histogram_svg(const Evaluation& evaluation, std::size_t c);

}  // namespace tools
