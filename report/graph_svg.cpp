#include "report/graph_svg.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/error.h"
#include "base/utf8.h"
#include "report/html.h"
#include "report/layered_layout.h"

namespace report {
namespace {

using base::str;

// Of the drawing, in pixels.
constexpr double kMargin = 6, kRowGap = 24, kNodeGap = 16, kPartGap = 28;
constexpr double kCharacter = 7.6, kPadding = 12;
constexpr double kTitleHeight = 28, kPillHeight = 20, kPillGap = 5, kLabelHeight = 18;
constexpr double kLineWidth = 720;
constexpr std::size_t kObjectsDrawn = 60, kCharactersDrawn = 26;

/// A name that may be too long to draw; `width` is that of the text.
struct Label {
  std::string text, whole;
  double width = 0;
};

Label label(const std::string& name) {
  Label result{.text = {}, .whole = name};
  std::size_t count = 0;
  for (std::string_view rest = name; !rest.empty(); ++count) {
    if (count == kCharactersDrawn) {
      result.text += "…";
      break;
    }
    const std::size_t length = std::max(base::utf8_length(rest), std::size_t{1});
    result.text += rest.substr(0, length);
    rest.remove_prefix(length);
  }
  result.width = kCharacter * static_cast<double>(count);
  return result;
}

struct Pill {
  Label label;
  bool matched;
};

struct Box {
  Label label;
  bool matched = false;
  std::vector<Pill> pills;
  double width = 0, height = 0;
};

struct RelationName {
  Label label;
  bool matched;
};

/// All relations of a subject with an object.
struct Arrow {
  std::size_t subject, object;
  std::vector<RelationName> names;

  bool matched() const {
    return std::any_of(names.begin(), names.end(), [](const auto& name) { return name.matched; });
  }
};

/// What is drawn of a graph, with the flags where they belong.
struct Drawing {
  std::vector<Box> boxes;
  std::vector<Arrow> arrows;
};

Drawing drawing_of(const Graph& graph) {
  Drawing drawing;
  for (const GraphObject& object : graph.objects) {
    Box box;
    box.label = label(object.name.text);
    box.matched = object.name.matched;
    box.width = box.label.width + 2 * kPadding + kCharacter * 2;
    for (const GraphName& attribute : object.attributes) {
      box.pills.push_back({.label = label(attribute.text), .matched = attribute.matched});
      box.width = std::max(box.width, box.pills.back().label.width + 4 * kPadding);
    }
    const auto pills = static_cast<double>(box.pills.size());
    box.height = kTitleHeight + (pills > 0 ? pills * (kPillHeight + kPillGap) + 3 : 0);
    if (drawing.boxes.size() < kObjectsDrawn) drawing.boxes.push_back(std::move(box));
  }
  for (const GraphRelation& relation : graph.relations) {
    if (std::max(relation.subject, relation.object) >= drawing.boxes.size()) continue;
    auto arrow =
        std::find_if(drawing.arrows.begin(), drawing.arrows.end(), [&](const Arrow& other) {
          return other.subject == relation.subject && other.object == relation.object;
        });
    if (arrow == drawing.arrows.end()) {
      arrow = drawing.arrows.insert(
          arrow, {.subject = relation.subject, .object = relation.object, .names = {}});
    }
    arrow->names.push_back({.label = label(relation.name.text), .matched = relation.name.matched});
  }
  return drawing;
}

std::string number(double value) {
  return fixed(value, 1);
}

const char* hit(bool matched) {
  return matched ? "hit" : "miss";
}

std::string text(double x, double y, const Label& label, bool ticked) {
  return str("<text x=\"", number(x), "\" y=\"", number(y), "\">", ticked ? "✓ " : "",
             escape_html(label.text),
             label.text == label.whole ? "" : "<title>" + escape_html(label.whole) + "</title>",
             "</text>");
}

std::string rectangle(double x, double y, double width, double height, double radius) {
  return str("<rect x=\"", number(x), "\" y=\"", number(y), "\" width=\"", number(width),
             "\" height=\"", number(height), "\" rx=\"", number(radius), "\"/>");
}

std::string box_svg(const Box& box, double centre, double top) {
  std::string svg = str("<g class=\"object ", hit(box.matched), "\">",
                        rectangle(centre - box.width / 2, top, box.width, box.height, 7),
                        text(centre, top + 19, box.label, box.matched), "</g>");
  double y = top + kTitleHeight;
  for (const Pill& pill : box.pills) {
    const double width = pill.label.width + 2 * kPadding + (pill.matched ? kCharacter : 0);
    svg += str("<g class=\"attribute ", hit(pill.matched), "\">",
               rectangle(centre - width / 2, y, width, kPillHeight, kPillHeight / 2),
               text(centre, y + 14.5, pill.label, pill.matched), "</g>");
    y += kPillHeight + kPillGap;
  }
  return svg;
}

struct Point {
  double x, y;
};

/// Through the points in vertical direction.
std::string curve(const std::vector<Point>& points) {
  std::string path = str("M", number(points[0].x), " ", number(points[0].y));
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Point &from = points[i - 1], &to = points[i];
    const double middle = (from.y + to.y) / 2;
    path += str("C", number(from.x), " ", number(middle), " ", number(to.x), " ", number(middle),
                " ", number(to.x), " ", number(to.y));
  }
  return path;
}

/// A head at the end of an arrow that goes down, or up.
std::string arrow_head(Point tip, bool down) {
  const double back = down ? -7 : 7;
  return str("M", number(tip.x), " ", number(tip.y), "l-4 ", number(back), "h8z");
}

/// Boxes that relations join, in rows, with the relations' names in rows of their own between them:
/// so no name lies on another.
class Part {
 public:
  Part(const Drawing& drawing, const std::vector<std::size_t>& boxes) {
    std::vector<std::size_t> place(drawing.boxes.size(), boxes.size());
    for (const std::size_t box : boxes) {
      place[box] = boxes_.size();
      boxes_.push_back(&drawing.boxes[box]);
    }
    std::vector<LayoutEdge> relations;
    for (const Arrow& arrow : drawing.arrows) {
      if (place[arrow.subject] == boxes.size()) continue;
      relations.push_back({place[arrow.subject], place[arrow.object]});
      arrows_.push_back(&arrow);
    }
    const std::vector<std::size_t> rows = rows_of(boxes_.size(), relations, 2);
    for (std::size_t i = 0; i < boxes_.size(); ++i) {
      add_node(boxes_[i]->width, boxes_[i]->height, rows[i]);
    }
    for (std::size_t i = 0; i < arrows_.size(); ++i) add_arrow(*arrows_[i], relations[i]);
    size_ = layered_layout(nodes_, edges_, kRowGap, kNodeGap);
  }

  LayoutSize size() const { return size_; }

  std::string svg(double left, double top) const {
    std::string lines, names, boxes;
    for (std::size_t i = 0; i < arrows_.size(); ++i) {
      const Arrow& arrow = *arrows_[i];
      lines += str("<g class=\"relation ", hit(arrow.matched()), "\">", line(ways_[i], left, top),
                   "</g>");
      const LayoutNode& at = nodes_[ways_[i].name];
      double y = top + at.y - at.height / 2;
      names += str("<g class=\"names\">",
                   rectangle(left + at.x - at.width / 2, y, at.width, at.height, 4));
      for (const RelationName& name : arrow.names) {
        names += str("<g class=\"name ", hit(name.matched), "\">",
                     text(left + at.x, y + 13, name.label, name.matched), "</g>");
        y += kLabelHeight;
      }
      names += "</g>";
    }
    for (std::size_t i = 0; i < boxes_.size(); ++i) {
      boxes += box_svg(*boxes_[i], left + nodes_[i].x, top + nodes_[i].y - nodes_[i].height / 2);
    }
    return lines + names + boxes;
  }

 private:
  /// The nodes that an arrow passes, from above to below, and the one with its names.
  struct Way {
    std::vector<std::size_t> nodes;
    std::size_t name;
    bool up;  ///< the object stands above the subject
  };

  std::size_t add_node(double width, double height, std::size_t row) {
    nodes_.push_back({.width = width, .height = height, .row = row});
    return nodes_.size() - 1;
  }

  void add_arrow(const Arrow& arrow, LayoutEdge relation) {
    auto [upper, lower] = relation;
    const bool up = nodes_[lower].row < nodes_[upper].row;
    if (up) std::swap(upper, lower);
    Way way{.nodes = {upper}, .name = 0, .up = up};
    double width = 0;
    for (const RelationName& name : arrow.names) {
      width = std::max(width, name.label.width + 8 + (name.matched ? 2 * kCharacter : 0));
    }
    const double height = kLabelHeight * static_cast<double>(arrow.names.size());
    const std::size_t first = nodes_[upper].row + 1;
    way.name = add_node(width, height, first);
    way.nodes.push_back(way.name);
    for (std::size_t row = first + 1; row < nodes_[lower].row; ++row) {
      way.nodes.push_back(add_node(4, 0, row));
    }
    way.nodes.push_back(lower);
    const bool loop = upper == lower;
    for (std::size_t i = 1; i + (loop ? 1 : 0) < way.nodes.size(); ++i) {
      edges_.push_back({way.nodes[i - 1], way.nodes[i]});
    }
    ways_.push_back(std::move(way));
  }

  /// Where on the border of a box an arrow ends that comes from a node at `x`.
  double port(const LayoutNode& box, double x) const {
    const double reach = std::max(0.0, box.width / 2 - 14);
    return std::clamp(x, box.x - reach, box.x + reach);
  }

  std::string line(const Way& way, double left, double top) const {
    const LayoutNode &first = nodes_[way.nodes.front()], &last = nodes_[way.nodes.back()];
    const LayoutNode& name = nodes_[way.name];
    if (way.nodes.front() == way.nodes.back()) {  // of a thing with its like: out and back in
      const double bottom = top + first.y + first.height / 2;
      const double x = left + port(first, name.x);
      const std::vector<Point> out = {{x - 9, bottom}, {left + name.x - 9, top + name.y}};
      const std::vector<Point> in = {{left + name.x + 9, top + name.y}, {x + 9, bottom}};
      return str("<path class=\"line\" d=\"", curve(out), curve(in),
                 "\"/><path class=\"head\" d=\"", arrow_head(in.back(), false), "\"/>");
    }
    std::vector<Point> points;
    const double next = nodes_[way.nodes[1]].x, before = nodes_[way.nodes[way.nodes.size() - 2]].x;
    points.push_back({left + port(first, next), top + first.y + first.height / 2});
    for (std::size_t i = 1; i + 1 < way.nodes.size(); ++i) {
      points.push_back({left + nodes_[way.nodes[i]].x, top + nodes_[way.nodes[i]].y});
    }
    points.push_back({left + port(last, before), top + last.y - last.height / 2});
    return str("<path class=\"line\" d=\"", curve(points), "\"/><path class=\"head\" d=\"",
               arrow_head(way.up ? points.front() : points.back(), !way.up), "\"/>");
  }

  std::vector<const Box*> boxes_;
  std::vector<const Arrow*> arrows_;
  std::vector<LayoutNode> nodes_;  ///< the boxes, then what the arrows pass
  std::vector<LayoutEdge> edges_;
  std::vector<Way> ways_;  ///< by arrow
  LayoutSize size_;
};

/// The boxes of each part that relations hold together; boxes without any come last, each alone.
std::vector<std::vector<std::size_t>> parts_of(const Drawing& drawing) {
  std::vector<std::size_t> part(drawing.boxes.size());
  std::iota(part.begin(), part.end(), std::size_t{0});
  for (const Arrow& arrow : drawing.arrows) {
    const std::size_t from = part[arrow.object], to = part[arrow.subject];
    std::replace(part.begin(), part.end(), from, to);
  }
  std::map<std::size_t, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < part.size(); ++i) members[part[i]].push_back(i);
  std::vector<std::vector<std::size_t>> parts;
  for (auto& [number, boxes] : members) parts.push_back(std::move(boxes));
  std::stable_partition(parts.begin(), parts.end(),
                        [](const auto& boxes) { return boxes.size() > 1; });
  return parts;
}

}  // namespace

std::string graph_svg(const Graph& graph) {
  const Drawing drawing = drawing_of(graph);
  std::string body;
  // Parts stand side by side as words in a paragraph.
  double width = 0, x = 0, y = 0, line_height = 0;
  for (const std::vector<std::size_t>& boxes : parts_of(drawing)) {
    const Part part(drawing, boxes);
    if (x > 0 && x + part.size().width > kLineWidth) {
      x = 0;
      y += line_height + kPartGap;
      line_height = 0;
    }
    body += part.svg(kMargin + x, kMargin + y);
    width = std::max(width, x + part.size().width);
    line_height = std::max(line_height, part.size().height);
    x += part.size().width + kPartGap;
  }
  const double w = std::ceil(width + 2 * kMargin), h = std::ceil(y + line_height + 2 * kMargin);
  return str("<svg class=\"scene\" role=\"img\" aria-label=\"scene graph\" width=\"", w,
             "\" height=\"", h, "\" viewBox=\"0 0 ", w, " ", h, "\">", body, "</svg>");
}

}  // namespace report
