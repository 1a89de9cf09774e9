#include "report/layered_layout.h"

#include <algorithm>
#include <limits>

namespace report {
namespace {

constexpr int kSweeps = 12;

using Row = std::vector<std::size_t>;

/// Depth-first: an edge to a node whose visit is not finished closes a circle.
class Circles {
 public:
  Circles(std::size_t count, std::span<const LayoutEdge> edges)
      : edges_(edges), out_(count), state_(count, State::kNew), closes_(edges.size()) {
    for (std::size_t e = 0; e < edges.size(); ++e) out_[edges[e].from].push_back(e);
    for (std::size_t node = 0; node < count; ++node) {
      if (state_[node] == State::kNew) visit(node);
    }
  }

  const std::vector<bool>& closes() const { return closes_; }
  /// Every node after those that have edges to it.
  Row order() const { return {finished_.rbegin(), finished_.rend()}; }

 private:
  enum class State { kNew, kOpen, kFinished };

  void visit(std::size_t node) {
    state_[node] = State::kOpen;
    for (const std::size_t e : out_[node]) {
      const std::size_t to = edges_[e].to;
      closes_[e] = state_[to] == State::kOpen;
      if (state_[to] == State::kNew) visit(to);
    }
    state_[node] = State::kFinished;
    finished_.push_back(node);
  }

  std::span<const LayoutEdge> edges_;
  std::vector<Row> out_;
  std::vector<State> state_;
  std::vector<bool> closes_;
  Row finished_;
};

std::vector<Row> neighbours_of(std::size_t count, std::span<const LayoutEdge> edges) {
  std::vector<Row> neighbours(count);
  for (const LayoutEdge& edge : edges) {
    neighbours[edge.from].push_back(edge.to);
    neighbours[edge.to].push_back(edge.from);
  }
  return neighbours;
}

/// Each row sorted by the mean place of a node's neighbours, downwards and upwards in turns.
void reduce_crossings(std::vector<Row>& rows, std::span<const LayoutNode> nodes,
                      const std::vector<Row>& neighbours) {
  std::vector<double> place(nodes.size());
  const auto number = [&](const Row& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      place[row[i]] = (static_cast<double>(i) + 0.5) / static_cast<double>(row.size());
    }
  };
  for (const Row& row : rows) number(row);
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Row& row = rows[sweep % 2 == 0 ? i : rows.size() - 1 - i];
      std::vector<double> mean(nodes.size());
      for (const std::size_t node : row) {
        mean[node] = place[node];
        if (neighbours[node].empty()) continue;
        mean[node] = 0;
        for (const std::size_t other : neighbours[node]) mean[node] += place[other];
        mean[node] /= static_cast<double>(neighbours[node].size());
      }
      std::stable_sort(row.begin(), row.end(),
                       [&](std::size_t a, std::size_t b) { return mean[a] < mean[b]; });
      number(row);
    }
  }
}

/// Moves the nodes of a row as near as they can stand to where each wants to be: the mean of what
/// comes out when nodes push those to their right, and those to their left.
void settle(const Row& row, std::span<LayoutNode> nodes, const std::vector<double>& wanted,
            double gap) {
  const auto distance = [&](std::size_t i) {
    return (nodes[row[i - 1]].width + nodes[row[i]].width) / 2 + gap;
  };
  std::vector<double> right(row.size()), left(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    right[i] = i == 0 ? wanted[row[i]] : std::max(wanted[row[i]], right[i - 1] + distance(i));
  }
  for (std::size_t i = row.size(); i-- > 0;) {
    left[i] = i + 1 == row.size() ? wanted[row[i]]
                                  : std::min(wanted[row[i]], left[i + 1] - distance(i + 1));
  }
  for (std::size_t i = 0; i < row.size(); ++i) nodes[row[i]].x = (left[i] + right[i]) / 2;
}

}  // namespace

std::vector<std::size_t> rows_of(std::size_t count, std::span<const LayoutEdge> edges,
                                 std::size_t step) {
  const Circles circles(count, edges);
  std::vector<std::size_t> rows(count);
  // An edge that closes a circle counts the other way round, as which it stands in the order.
  std::vector<std::vector<std::size_t>> below(count);
  for (std::size_t e = 0; e < edges.size(); ++e) {
    const auto [from, to] = edges[e];
    if (from == to) continue;
    if (circles.closes()[e]) {
      below[to].push_back(from);
    } else {
      below[from].push_back(to);
    }
  }
  for (const std::size_t node : circles.order()) {
    for (const std::size_t to : below[node]) rows[to] = std::max(rows[to], rows[node] + step);
  }
  return rows;
}

LayoutSize layered_layout(std::span<LayoutNode> nodes, std::span<const LayoutEdge> edges,
                          double row_gap, double node_gap) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    rows.resize(std::max(rows.size(), nodes[i].row + 1));
    rows[nodes[i].row].push_back(i);
  }
  const std::vector<Row> neighbours = neighbours_of(nodes.size(), edges);
  reduce_crossings(rows, nodes, neighbours);

  std::vector<double> wanted(nodes.size());
  for (const Row& row : rows) settle(row, nodes, wanted, node_gap);
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Row& row = rows[sweep % 2 == 0 ? i : rows.size() - 1 - i];
      for (const std::size_t node : row) {
        wanted[node] = nodes[node].x;
        if (neighbours[node].empty()) continue;
        wanted[node] = 0;
        for (const std::size_t other : neighbours[node]) wanted[node] += nodes[other].x;
        wanted[node] /= static_cast<double>(neighbours[node].size());
      }
      settle(row, nodes, wanted, node_gap);
    }
  }

  LayoutSize size;
  double left = std::numeric_limits<double>::infinity(), right = -left;
  for (const Row& row : rows) {
    double height = 0;
    for (const std::size_t node : row) height = std::max(height, nodes[node].height);
    for (const std::size_t node : row) {
      nodes[node].y = size.height + height / 2;
      left = std::min(left, nodes[node].x - nodes[node].width / 2);
      right = std::max(right, nodes[node].x + nodes[node].width / 2);
    }
    size.height += height + (&row == &rows.back() ? 0 : row_gap);
  }
  for (LayoutNode& node : nodes) node.x -= left;
  if (!nodes.empty()) size.width = right - left;
  return size;
}

}  // namespace report
