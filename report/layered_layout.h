// Places for the nodes of a graph whose edges point down: rows one below the other, few crossings.
// Source: Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System
// Structures" (1981).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace report {

struct LayoutNode {
  double width = 0, height = 0;
  std::size_t row = 0;
  double x = 0, y = 0;  ///< the centre; layered_layout finds it
};

/// An edge from one row to the next.
struct LayoutEdge {
  std::size_t from, to;
};

/// A row for each of `count` nodes so that edges point down, those aside that would close a circle;
/// neighbours are `step` rows apart or more. An edge from a node to itself is ignored.
std::vector<std::size_t> rows_of(std::size_t count, std::span<const LayoutEdge> edges,
                                 std::size_t step);

/// Finds places: rows `row_gap` apart, nodes of a row `node_gap` apart or more, near the nodes that
/// they have edges with. The least left edge and the least top edge are 0. Gives back the size.
struct LayoutSize {
  double width = 0, height = 0;
};
LayoutSize layered_layout(std::span<LayoutNode> nodes, std::span<const LayoutEdge> edges,
                          double row_gap, double node_gap);

}  // namespace report
