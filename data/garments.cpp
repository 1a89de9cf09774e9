#include "data/garments.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "base/random.h"
#include "data/garment_shapes.h"

namespace data {
namespace {

struct NamedColor {
  const char* name;
  Color color;
};
constexpr NamedColor kColors[] = {
    {"white", {0.89, 0.89, 0.88}},    {"black", {0.10, 0.10, 0.11}},
    {"grey", {0.50, 0.50, 0.51}},     {"beige", {0.80, 0.73, 0.62}},
    {"brown", {0.42, 0.28, 0.20}},    {"red", {0.76, 0.13, 0.14}},
    {"burgundy", {0.42, 0.08, 0.16}}, {"pink", {0.91, 0.55, 0.66}},
    {"orange", {0.92, 0.50, 0.14}},   {"yellow", {0.93, 0.80, 0.24}},
    {"green", {0.20, 0.52, 0.26}},    {"olive", {0.42, 0.42, 0.22}},
    {"teal", {0.10, 0.55, 0.58}},     {"light blue", {0.60, 0.75, 0.90}},
    {"blue", {0.20, 0.36, 0.74}},     {"navy", {0.13, 0.16, 0.32}},
    {"purple", {0.45, 0.26, 0.58}},
};

enum class Pattern { plain, striped, dotted, checked };
constexpr const char* kPatternNames[] = {"plain", "striped", "dotted", "checked"};

enum class Background { wall, cloth, wood };

double brightness(Color c) {
  return 0.3 * c.r + 0.59 * c.g + 0.11 * c.b;
}
double difference(Color a, Color b) {
  return std::abs(a.r - b.r) + std::abs(a.g - b.g) + std::abs(a.b - b.b);
}

/// Soft light and shadow: a few long waves in random directions, about -1 to 1.
class Waves {
 public:
  Waves(base::Random& random, double lowest, double highest) {
    for (Wave& wave : waves_) {
      const double angle = 2 * M_PI * random.uniform();
      const double frequency = 2 * M_PI * (lowest + (highest - lowest) * random.uniform());
      wave = {frequency * std::cos(angle), frequency * std::sin(angle),
              2 * M_PI * random.uniform()};
    }
  }
  double operator()(Point p) const {
    double sum = 0;
    double bend = 0;  // each wave is bent by the ones before, or they would look like a grid
    for (const Wave& wave : waves_) {
      bend = std::sin(wave.x * p.x + wave.y * p.y + wave.phase + 1.5 * bend);
      sum += bend;
    }
    return sum / static_cast<double>(waves_.size());
  }

 private:
  struct Wave {
    double x, y, phase;
  };
  std::array<Wave, 4> waves_;
};

/// The grain of a camera: a fixed random number for each place, -1 to 1.
double grain(Point p, uint32_t seed) {
  const auto x = static_cast<uint32_t>(p.x * 400), y = static_cast<uint32_t>(p.y * 400);
  return base::philox({x, y, 0, 0}, {seed, 0})[0] * 0x1p-31 - 1;
}

struct Style {
  const GarmentKind* kind;
  NamedColor first, second;  // second: of the pattern, or of the trim of a plain garment
  Pattern pattern;
  bool two_colors;
  Background background;
  Color background_color;
};

Color jitter(Color color, double amount, base::Random& random) {
  const double light = 1 + amount * (2 * random.uniform() - 1);
  const auto channel = [&](double value) {
    return std::clamp(value * light + 0.3 * amount * (2 * random.uniform() - 1), 0.02, 0.97);
  };
  return {channel(color.r), channel(color.g), channel(color.b)};
}

template <class T, std::size_t N>
const T& pick(const T (&choices)[N], base::Random& random) {
  return choices[random.below(N)];
}

Style choose_style(base::Random& random) {
  Style style{};
  style.kind = &garment_kinds()[random.below(static_cast<uint32_t>(garment_kinds().size()))];
  style.first = pick(kColors, random);
  do {
    style.second = pick(kColors, random);
  } while (difference(style.first.color, style.second.color) < 0.5);
  constexpr Pattern kPatterns[] = {Pattern::plain,   Pattern::plain,  Pattern::plain,
                                   Pattern::striped, Pattern::dotted, Pattern::checked};
  style.pattern = pick(kPatterns, random);
  style.two_colors = style.pattern != Pattern::plain || random.below(4) == 0;
  constexpr Background kBackgrounds[] = {Background::wall, Background::cloth, Background::wood};
  constexpr Color kWalls[] = {{0.80, 0.79, 0.77},
                              {0.88, 0.86, 0.82},
                              {0.72, 0.75, 0.78},
                              {0.79, 0.68, 0.66},
                              {0.60, 0.60, 0.60}};
  constexpr Color kCloths[] = {{0.85, 0.83, 0.80}, {0.16, 0.15, 0.16}, {0.62, 0.10, 0.10},
                               {0.45, 0.10, 0.26}, {0.66, 0.63, 0.52}, {0.70, 0.72, 0.78}};
  constexpr Color kWoods[] = {
      {0.66, 0.52, 0.40}, {0.72, 0.60, 0.46}, {0.45, 0.36, 0.29}, {0.58, 0.56, 0.53}};
  // A garment must stand out from what it lies on.
  do {
    style.background = pick(kBackgrounds, random);
    style.background_color = style.background == Background::wall    ? pick(kWalls, random)
                             : style.background == Background::cloth ? pick(kCloths, random)
                                                                     : pick(kWoods, random);
  } while (difference(style.background_color, style.first.color) < 0.45);
  style.first.color = jitter(style.first.color, 0.12, random);
  style.second.color = jitter(style.second.color, 0.12, random);
  style.background_color = jitter(style.background_color, 0.06, random);
  return style;
}

void paint_background(Canvas& canvas, const Style& style, base::Random& random) {
  const Waves waves(random, 0.4, style.background == Background::cloth ? 2.5 : 0.8);
  const uint32_t seed = random.bits();
  const double turn = random.below(2) ? 1 : 0;  // planks along x or y
  const double plank = 0.13 + 0.1 * random.uniform();
  canvas.fill_all([&](Point p, Color) {
    double light = 1 + 0.02 * grain(p, seed);
    light += (style.background == Background::cloth ? 0.10 : 0.05) * waves(p);
    light += 0.10 * (0.5 - std::hypot(p.x - 0.5, p.y - 0.5));  // lenses darken the corners
    if (style.background == Background::wood) {
      const double across = (turn != 0 ? p.x : p.y) / plank, along = turn != 0 ? p.y : p.x;
      const double number = std::floor(across);
      light += 0.05 * std::sin(12.9 * number) +
               0.025 * std::sin(40 * across + 6 * std::sin(3 * along + number));
      if (across - number < 0.03) light *= 0.72;
    }
    return shade(style.background_color, light);
  });
}

/// The second colour's part, 0 or 1, at a place of the garment's own box.
double pattern_at(Pattern pattern, Point p, double period) {
  const auto phase = [&](double value) { return value / period - std::floor(value / period); };
  switch (pattern) {
    case Pattern::plain:
      return 0;
    case Pattern::striped:
      return phase(p.y) < 0.45 ? 1 : 0;
    case Pattern::dotted: {
      const double shift = std::fmod(std::floor(p.y / period), 2) != 0 ? 0.5 * period : 0;
      return std::hypot(phase(p.x + shift) - 0.5, phase(p.y) - 0.5) < 0.24 ? 1 : 0;
    }
    case Pattern::checked:
      return 0.5 * ((phase(p.x) < 0.45 ? 1 : 0) + (phase(p.y) < 0.45 ? 1 : 0));
  }
  return 0;
}

struct Box {
  double width, height, middle;  ///< middle: the y half way down
};
Box bounds(const GarmentKind& kind) {
  double right = 0, top = 1, bottom = 0;
  for (const Part& part : kind.parts) {
    for (const Point p : part.path.points()) {
      right = std::max(right, p.x);
      top = std::min(top, p.y);
      bottom = std::max(bottom, p.y);
    }
  }
  return {2 * right, bottom - top, (top + bottom) / 2};
}

void paint_garment(Canvas& canvas, const Style& style, base::Random& random) {
  const Box box = bounds(*style.kind);
  const double angle = 0.10 * (random.uniform() - 0.5);
  const double width = 1 + 0.12 * (random.uniform() - 0.5);
  const double room = 0.80 + 0.10 * random.uniform();  // that the garment may take
  const double scale = std::min({room / box.height, room / (box.width * width), 1.25});
  const Point center{0.5 + 0.04 * (random.uniform() - 0.5), 0.5 + 0.03 * (random.uniform() - 0.5)};
  const Waves wobble(random, 1, 3), folds(random, 0.8, 2.6);
  const double period =
      (style.pattern == Pattern::striped ? 0.07 : 0.085) * (0.8 + 0.7 * random.uniform());
  const uint32_t seed = random.bits();
  const double c = std::cos(angle) * scale, s = std::sin(angle) * scale;
  const auto to_canvas = [&](Point p) {
    const double x = (p.x + 0.006 * wobble(p)) * width, y = p.y - box.middle;
    return Point{center.x + c * x - s * y, center.y + s * x + c * y};
  };
  const auto to_garment = [&](Point p) {
    const double x = p.x - center.x, y = p.y - center.y;
    return Point{(c * x + s * y) / (scale * scale * width),
                 (c * y - s * x) / (scale * scale) + box.middle};
  };

  // A soft shadow: the outlines again and again, each a little further down and to the right.
  for (int i = 6; i > 0; --i) {
    for (const Part& part : style.kind->parts) {
      if (part.ink != Ink::fabric && part.ink != Ink::trim) continue;
      if (part.width > 0) continue;
      const Path moved = part.path.mapped([&](Point p) {
        const Point at = to_canvas(p);
        return Point{at.x + 0.0035 * i, at.y + 0.0045 * i};
      });
      canvas.fill(moved, [](Point, Color below) { return shade(below, 0.95); });
    }
  }

  const auto light = [&](Point p) { return 1 + 0.16 * folds(p) + 0.025 * grain(p, seed); };
  const Color lit{1, 1, 1};
  const auto paint_for = [&](Ink ink) -> Canvas::Paint {
    switch (ink) {
      case Ink::fabric:
        return [&](Point p, Color) {
          const double part = pattern_at(style.pattern, to_garment(p), period);
          // Dark cloth shows its folds as highlights.
          const Color color = mix(style.first.color, style.second.color, part);
          return mix(shade(color, light(p)), lit, std::max(0.0, 0.05 * folds(p)));
        };
      case Ink::trim: {
        const bool second = style.pattern == Pattern::plain && style.two_colors;
        const Color color = second ? style.second.color : shade(style.first.color, 0.86);
        return [&, color](Point p, Color) { return shade(color, light(p)); };
      }
      case Ink::inner:
        return [&](Point p, Color) { return shade(style.first.color, 0.55 * light(p)); };
      case Ink::seam:
        return [&](Point, Color below) {
          return brightness(style.first.color) > 0.2 ? shade(below, 0.72) : mix(below, lit, 0.13);
        };
      case Ink::metal:
        return [&](Point p, Color below) {
          const double target = brightness(style.first.color) > 0.7 ? 0.45 : 0.86;
          return mix(below, shade({target, target, target}, light(p)), 0.9);
        };
    }
    return nullptr;
  };
  for (const Part& part : style.kind->parts) {
    const Path path = part.path.mapped(to_canvas);
    if (part.width > 0) {
      canvas.stroke(path, part.width * scale, paint_for(part.ink));
      continue;
    }
    canvas.fill(path, paint_for(part.ink));
    // The rounding of the cloth at its edge.
    Path edge = path;
    edge.line(path.points().front());
    if (part.ink != Ink::metal) {
      canvas.stroke(edge, 0.007, [](Point, Color below) { return shade(below, 0.80); });
    }
  }
}

std::string describe(const Style& style) {
  std::string words;
  if (style.pattern != Pattern::plain) {
    words = std::string(kPatternNames[static_cast<int>(style.pattern)]) + ' ';
  }
  words += style.first.name;
  if (style.two_colors) words += std::string(" and ") + style.second.name;
  words += ' ' + style.kind->name;
  const char* article = style.kind->pair ? "a pair of " : words[0] == 'o' ? "an " : "a ";
  return article + words;
}

}  // namespace

Garment draw_garment(uint64_t seed, uint64_t index, int size) {
  if (size < 16 || size > 2048) {
    throw base::UsageError(
        base::str("draw_garment: size is ", size, " pixels, expected 16 to 2048"));
  }
  base::Random random(seed, index);
  const Style style = choose_style(random);
  Canvas canvas(size);
  paint_background(canvas, style, random);
  paint_garment(canvas, style, random);

  Garment garment{canvas.image(),
                  describe(style),
                  {style.first.name, style.kind->name},
                  style.kind->name,
                  style.kind->category};
  if (style.two_colors) garment.attributes.push_back(style.second.name);
  if (style.pattern != Pattern::plain) {
    garment.attributes.push_back(kPatternNames[static_cast<int>(style.pattern)]);
  }
  std::sort(garment.attributes.begin(), garment.attributes.end());
  return garment;
}

std::vector<GarmentCategory> garment_categories() {
  std::vector<GarmentCategory> categories;
  for (const GarmentKind& kind : garment_kinds()) {
    categories.push_back({kind.category, kind.name});
  }
  return categories;
}

}  // namespace data
