// A graph of objects, their attributes and relations as a drawing: what a caption says.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace report {

/// A name in the drawing; what is matched is filled and ticked, the rest is outlined with dashes.
struct GraphName {
  std::string text;
  bool matched = false;
};

struct GraphObject {
  GraphName name;
  std::vector<GraphName> attributes;
};

/// From one object to another, by their indices.
struct GraphRelation {
  std::size_t subject = 0, object = 0;
  GraphName name;
};

struct Graph {
  std::vector<GraphObject> objects;
  std::vector<GraphRelation> relations;
};

/// An SVG element: objects are boxes with their attributes as pills below, relations are labelled
/// arrows that point down where they can, one for all relations of the same two objects. Colours
/// come from the page's style sheet (style.h). Of more than 60 objects the first 60 are drawn.
std::string graph_svg(const Graph& graph);

}  // namespace report
