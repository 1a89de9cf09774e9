// A scene graph as a drawing.
#pragma once

#include <string>
#include <vector>

#include "metrics/spice.h"

namespace tools {

/// An SVG element: objects are boxes with their attributes as pills below, relations are labelled
/// arrows that point down where they can, one for all relations of the same two objects. `matched`
/// has a flag for each of metrics::tuples(graph); what is matched is filled and ticked, the rest is
/// outlined with dashes. Colours come from the page's style sheet (report_style.h). Of more than 60
/// objects the first 60 are drawn.
std::string scene_graph_svg(const metrics::SceneGraph& graph, const std::vector<bool>& matched);

}  // namespace tools
