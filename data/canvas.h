// Filling and stroking outlines, anti-aliased by drawing at a higher resolution and averaging.
#pragma once

#include <functional>
#include <vector>

#include "data/image.h"

namespace data {

struct Point {
  double x = 0, y = 0;
};

/// An outline or a line, as the points of a polygon; curves are cut into short straight pieces.
class Path {
 public:
  explicit Path(Point start) : points_{start} {}

  Path& line(Point to);
  /// A quadratic Bezier curve from the last point.
  Path& curve(Point control, Point to);
  /// Goes back to the start along the mirror image at x = 0.
  Path& mirror();

  const std::vector<Point>& points() const { return points_; }
  /// Every point replaced by what `map` makes of it.
  Path mapped(const std::function<Point(Point)>& map) const;

 private:
  std::vector<Point> points_;
};

/// A circle as a path.
Path circle(Point center, double radius);

/// Channels from 0 (dark) to 1, as sRGB stores them.
struct Color {
  double r = 0, g = 0, b = 0;
};
Color mix(Color a, Color b, double part_of_b);
/// Every channel times `factor`, cut at 1.
Color shade(Color color, double factor);

/// A square picture of `size` pixels, addressed from (0, 0), top left, to (1, 1).
class Canvas {
 public:
  explicit Canvas(int size);

  /// The colour of a place; what is there already is given, so that it can shine through.
  using Paint = std::function<Color(Point at, Color below)>;
  void fill(const Path& outline, const Paint& paint);
  void fill_all(const Paint& paint);
  /// Draws along the points of a path, not back to its start, with round ends.
  void stroke(const Path& line, double width, const Paint& paint);

  Image image() const;

 private:
  static constexpr int kOversampling = 3;
  int size_, samples_;         // pixels and samples along an edge
  std::vector<Color> colors_;  // of samples, row-major
};

}  // namespace data
