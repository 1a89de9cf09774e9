#include "data/canvas.h"

#include <algorithm>
#include <cmath>

namespace data {

Path& Path::line(Point to) {
  points_.push_back(to);
  return *this;
}

Path& Path::curve(Point control, Point to) {
  constexpr int kPieces = 12;
  const Point from = points_.back();
  for (int i = 1; i <= kPieces; ++i) {
    const double t = static_cast<double>(i) / kPieces, s = 1 - t;
    points_.push_back({s * s * from.x + 2 * s * t * control.x + t * t * to.x,
                       s * s * from.y + 2 * s * t * control.y + t * t * to.y});
  }
  return *this;
}

Path& Path::mirror() {
  for (std::size_t i = points_.size(); i-- > 0;) points_.push_back({-points_[i].x, points_[i].y});
  return *this;
}

Path Path::mapped(const std::function<Point(Point)>& map) const {
  Path path = *this;
  std::transform(points_.begin(), points_.end(), path.points_.begin(), map);
  return path;
}

Path circle(Point center, double radius) {
  constexpr int kPieces = 24;
  const auto at = [&](int i) {
    const double angle = 2 * M_PI * i / kPieces;
    return Point{center.x + radius * std::cos(angle), center.y + radius * std::sin(angle)};
  };
  Path path(at(0));
  for (int i = 1; i < kPieces; ++i) path.line(at(i));
  return path;
}

Color mix(Color a, Color b, double part) {
  return {a.r + (b.r - a.r) * part, a.g + (b.g - a.g) * part, a.b + (b.b - a.b) * part};
}

Color shade(Color color, double factor) {
  return {std::min(color.r * factor, 1.0), std::min(color.g * factor, 1.0),
          std::min(color.b * factor, 1.0)};
}

Canvas::Canvas(int size)
    : size_(size),
      samples_(size * kOversampling),
      colors_(static_cast<std::size_t>(samples_) * static_cast<std::size_t>(samples_)) {}

void Canvas::fill(const Path& outline, const Paint& paint) {
  const std::vector<Point>& points = outline.points();
  std::vector<double> crossings;
  for (int row = 0; row < samples_; ++row) {
    const double y = (row + 0.5) / samples_;
    crossings.clear();
    for (std::size_t i = 0; i < points.size(); ++i) {
      const Point a = points[i], b = points[(i + 1) % points.size()];
      if ((a.y <= y) != (b.y <= y))
        crossings.push_back(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
    }
    std::sort(crossings.begin(), crossings.end());
    for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
      const auto sample = [&](double x) {
        return static_cast<int>(std::clamp(std::ceil(x * samples_ - 0.5), 0.0, double(samples_)));
      };
      const int end = sample(crossings[i + 1]);
      for (int column = sample(crossings[i]); column < end; ++column) {
        Color& color = colors_[static_cast<std::size_t>(row) * samples_ + column];
        color = paint({(column + 0.5) / samples_, y}, color);
      }
    }
  }
}

void Canvas::fill_all(const Paint& paint) {
  fill(Path({-1, -1}).line({2, -1}).line({2, 2}).line({-1, 2}), paint);
}

void Canvas::stroke(const Path& line, double width, const Paint& paint) {
  // A sample is painted once, however many pieces of the line it is near to.
  std::vector<bool> painted(colors_.size());
  const std::vector<Point>& points = line.points();
  const double radius = width / 2;
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const Point a = points[i], b = points[i + 1];
    const double dx = b.x - a.x, dy = b.y - a.y;
    const double length = std::max(dx * dx + dy * dy, 1e-12);
    const auto sample = [&](double x) {
      return static_cast<int>(std::clamp(x * samples_, 0.0, double(samples_ - 1)));
    };
    const int x0 = sample(std::min(a.x, b.x) - radius),
              x1 = sample(std::max(a.x, b.x) + radius) + 1;
    const int y0 = sample(std::min(a.y, b.y) - radius),
              y1 = sample(std::max(a.y, b.y) + radius) + 1;
    for (int row = y0; row < y1; ++row) {
      for (int column = x0; column < x1; ++column) {
        const Point at{(column + 0.5) / samples_, (row + 0.5) / samples_};
        const double along = ((at.x - a.x) * dx + (at.y - a.y) * dy) / length;
        const double t = std::clamp(along, 0.0, 1.0);
        const double distance = std::hypot(at.x - a.x - t * dx, at.y - a.y - t * dy);
        const std::size_t index = static_cast<std::size_t>(row) * samples_ + column;
        if (distance > radius || painted[index]) continue;
        painted[index] = true;
        colors_[index] = paint(at, colors_[index]);
      }
    }
  }
}

Image Canvas::image() const {
  Image image{size_, size_, {}};
  image.pixels.reserve(std::size_t{3} * static_cast<std::size_t>(size_) * size_);
  constexpr double kShare = 255.0 / (kOversampling * kOversampling);
  for (int y = 0; y < size_; ++y) {
    for (int x = 0; x < size_; ++x) {
      Color sum;
      for (int i = 0; i < kOversampling * kOversampling; ++i) {
        const int row = y * kOversampling + i / kOversampling;
        const int column = x * kOversampling + i % kOversampling;
        const Color& color = colors_[static_cast<std::size_t>(row) * samples_ + column];
        sum = {sum.r + color.r, sum.g + color.g, sum.b + color.b};
      }
      for (const double channel : {sum.r, sum.g, sum.b}) {
        image.pixels.push_back(
            static_cast<uint8_t>(std::clamp(channel * kShare + 0.5, 0.0, 255.0)));
      }
    }
  }
  return image;
}

}  // namespace data
