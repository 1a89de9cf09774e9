#include "data/garment_shapes.h"

namespace data {
namespace {

constexpr double kSeam = 0.006, kHem = 0.005;

Path mirrored(Path half) {
  return half.mirror();
}
Path flipped(const Path& path) {
  return path.mapped([](Point p) { return Point{-p.x, p.y}; });
}
void add_both_sides(std::vector<Part>& parts, const Path& path, Ink ink, double width = 0) {
  parts.push_back({path, ink, width});
  parts.push_back({flipped(path), ink, width});
}

/// The opening for the neck: the inside of the back, seen through it, and a band around it.
void add_neck(std::vector<Part>& parts, double half_width, double depth) {
  const Point shoulder{half_width, 0.02}, front{0, depth};
  parts.push_back({mirrored(Path({0, -0.005})
                                .curve({half_width * 0.8, -0.005}, shoulder)
                                .curve({half_width * 0.85, depth}, front)),
                   Ink::inner});
  parts.push_back(
      {mirrored(Path({0, 0.028}).curve({half_width * 0.8, 0.028}, shoulder)), Ink::seam, kSeam});
  const Path band = Path({-half_width, 0.02})
                        .curve({-half_width * 0.85, depth}, front)
                        .curve({half_width * 0.85, depth}, shoulder);
  parts.push_back({band, Ink::trim, 0.026});
}

struct Sleeve {
  Point outer, inner;  // the ends of the cuff
};
constexpr Sleeve kShort{{0.47, 0.29}, {0.37, 0.38}}, kLong{{0.47, 0.80}, {0.375, 0.83}};

/// Body and sleeves of everything worn above the waist.
Path body(const Sleeve& sleeve, double waist, double hem, double neck) {
  return mirrored(Path({0, 0.02})
                      .line({neck, 0.02})
                      .line({0.25, 0.075})
                      .curve({0.36, 0.12}, sleeve.outer)
                      .line(sleeve.inner)
                      .curve({0.29, 0.32}, {0.262, 0.26})
                      .curve({waist, 0.55}, {hem, 0.96})
                      .curve({hem / 2, 0.985}, {0, 0.985}));
}

void add_sleeve_seams(std::vector<Part>& parts, const Sleeve& sleeve) {
  add_both_sides(parts, Path({0.25, 0.075}).curve({0.23, 0.17}, {0.262, 0.26}), Ink::seam, kSeam);
  const auto up = [](Point p) { return Point{p.x - 0.012, p.y - 0.028}; };
  add_both_sides(parts, Path(up(sleeve.outer)).line(up(sleeve.inner)), Ink::seam, kHem);
}

void add_hem(std::vector<Part>& parts, double half_width, double y) {
  parts.push_back({mirrored(Path({0, y + 0.02}).curve({half_width / 2, y + 0.02}, {half_width, y})),
                   Ink::seam, kHem});
}

void add_buttons(std::vector<Part>& parts, double from, double to, int count, double radius) {
  for (int i = 0; i < count; ++i) {
    const double y = from + (to - from) * i / (count - 1);
    parts.push_back({circle({0, y}, radius), Ink::metal});
  }
}

/// The two points of a shirt's collar.
void add_collar(std::vector<Part>& parts) {
  parts.push_back({mirrored(Path({0, -0.012}).curve({0.09, -0.012}, {0.125, 0.03}).line({0, 0.11})),
                   Ink::inner});
  const Path point = Path({0.125, 0.03})
                         .curve({0.11, -0.02}, {0.085, -0.01})
                         .line({0.0, 0.115})
                         .line({0.09, 0.145});
  add_both_sides(parts, point, Ink::trim);
  add_both_sides(parts, Path({0, 0.115}).line({0.09, 0.145}).line({0.125, 0.03}), Ink::seam, kSeam);
}

std::vector<Part> t_shirt() {
  std::vector<Part> parts{{body(kShort, 0.25, 0.27, 0.13), Ink::fabric}};
  add_sleeve_seams(parts, kShort);
  add_hem(parts, 0.265, 0.935);
  add_neck(parts, 0.125, 0.11);
  return parts;
}

std::vector<Part> longsleeve() {
  std::vector<Part> parts{{body(kLong, 0.235, 0.25, 0.12), Ink::fabric}};
  add_sleeve_seams(parts, kLong);
  add_hem(parts, 0.245, 0.935);
  add_neck(parts, 0.115, 0.10);
  return parts;
}

std::vector<Part> shirt() {
  std::vector<Part> parts{{body(kLong, 0.235, 0.25, 0.12), Ink::fabric}};
  add_sleeve_seams(parts, kLong);
  add_both_sides(parts, Path({0.022, 0.13}).line({0.022, 0.98}), Ink::seam, kHem);
  add_collar(parts);
  add_buttons(parts, 0.17, 0.90, 7, 0.010);
  parts.push_back({Path({0.09, 0.32})
                       .line({0.19, 0.32})
                       .line({0.19, 0.42})
                       .line({0.14, 0.45})
                       .line({0.09, 0.42})
                       .line({0.09, 0.32}),
                   Ink::seam, kSeam});
  return parts;
}

std::vector<Part> polo() {
  std::vector<Part> parts{{body(kShort, 0.25, 0.265, 0.12), Ink::fabric}};
  add_sleeve_seams(parts, kShort);
  add_hem(parts, 0.26, 0.935);
  parts.push_back(
      {Path({-0.025, 0.12}).line({-0.025, 0.33}).line({0.025, 0.33}).line({0.025, 0.12}), Ink::seam,
       kSeam});
  add_collar(parts);
  add_buttons(parts, 0.17, 0.29, 3, 0.009);
  return parts;
}

std::vector<Part> hoodie() {
  std::vector<Part> parts;
  // The hood lies above the shoulders, its opening in front.
  parts.push_back(
      {mirrored(
           Path({0, -0.13}).curve({0.16, -0.13}, {0.16, 0.03}).line({0.15, 0.10}).line({0, 0.16})),
       Ink::fabric});
  parts.push_back({body({{0.48, 0.80}, {0.36, 0.84}}, 0.27, 0.27, 0.14), Ink::fabric});
  add_sleeve_seams(parts, {{0.48, 0.78}, {0.365, 0.81}});
  parts.push_back(
      {mirrored(
           Path({0, -0.09}).curve({0.10, -0.08}, {0.105, 0.04}).curve({0.08, 0.12}, {0, 0.15})),
       Ink::inner});
  add_both_sides(parts, Path({0, 0.15}).curve({0.14, 0.12}, {0.155, 0.03}), Ink::seam, kSeam);
  add_both_sides(parts, Path({0.035, 0.14}).curve({0.05, 0.2}, {0.04, 0.30}), Ink::metal, 0.010);
  parts.push_back(
      {mirrored(Path({0, 0.60}).line({0.11, 0.60}).line({0.17, 0.74}).line({0.17, 0.88})),
       Ink::seam, kSeam});
  parts.push_back({mirrored(Path({0, 0.92})
                                .curve({0.13, 0.92}, {0.266, 0.90})
                                .line({0.27, 0.96})
                                .curve({0.135, 0.985}, {0, 0.985})),
                   Ink::trim});
  add_both_sides(parts,
                 Path({0.466, 0.765}).line({0.480, 0.80}).line({0.36, 0.84}).line({0.355, 0.805}),
                 Ink::trim);
  return parts;
}

std::vector<Part> jacket() {
  const Sleeve sleeve{{0.49, 0.78}, {0.37, 0.82}};
  std::vector<Part> parts{{body(sleeve, 0.27, 0.28, 0.13), Ink::fabric}};
  add_sleeve_seams(parts, sleeve);
  parts.push_back({mirrored(Path({0, -0.015})
                                .curve({0.11, -0.015}, {0.135, 0.03})
                                .line({0.11, 0.10})
                                .line({0, 0.13})),
                   Ink::trim});
  parts.push_back(
      {mirrored(Path({0, 0.015}).curve({0.07, 0.015}, {0.09, 0.04}).line({0, 0.12})), Ink::inner});
  parts.push_back({Path({0, 0.12}).line({0, 0.975}), Ink::seam, 0.022});
  parts.push_back({Path({0, 0.12}).line({0, 0.975}), Ink::metal, 0.008});
  add_both_sides(parts, Path({0.10, 0.68}).line({0.19, 0.56}), Ink::seam, 0.010);
  add_hem(parts, 0.275, 0.895);
  return parts;
}

std::vector<Part> undershirt() {
  const Path outline = mirrored(Path({0, 0.21})
                                    .curve({0.12, 0.21}, {0.125, 0.02})
                                    .line({0.19, 0.02})
                                    .curve({0.18, 0.22}, {0.27, 0.30})
                                    .curve({0.25, 0.6}, {0.27, 0.96})
                                    .curve({0.12, 0.985}, {0, 0.985}));
  std::vector<Part> parts;
  parts.push_back({mirrored(Path({0, 0.12})
                                .curve({0.11, 0.11}, {0.13, 0.02})
                                .line({0.16, 0.05})
                                .line({0.13, 0.23})
                                .line({0, 0.24})),
                   Ink::inner});
  parts.push_back({outline, Ink::fabric});
  add_both_sides(parts, Path({0, 0.21}).curve({0.12, 0.21}, {0.125, 0.02}), Ink::trim, 0.018);
  add_both_sides(parts, Path({0.19, 0.02}).curve({0.18, 0.22}, {0.27, 0.30}), Ink::trim, 0.018);
  add_hem(parts, 0.265, 0.94);
  return parts;
}

std::vector<Part> dress() {
  std::vector<Part> parts{{mirrored(Path({0, 0.02})
                                        .line({0.10, 0.02})
                                        .line({0.17, 0.05})
                                        .curve({0.25, 0.09}, {0.29, 0.18})
                                        .line({0.22, 0.23})
                                        .curve({0.18, 0.2}, {0.165, 0.18})
                                        .curve({0.14, 0.36}, {0.145, 0.44})
                                        .curve({0.20, 0.66}, {0.34, 0.95})
                                        .curve({0.17, 1.0}, {0, 0.99})),
                           Ink::fabric}};
  parts.push_back({Path({-0.145, 0.44}).curve({0, 0.465}, {0.145, 0.44}), Ink::trim, 0.022});
  for (const double x : {-0.09, -0.03, 0.04, 0.10}) {
    parts.push_back({Path({x, 0.47}).curve({x * 1.6, 0.7}, {x * 2.2, 0.93}), Ink::seam, kHem});
  }
  add_neck(parts, 0.095, 0.10);
  return parts;
}

std::vector<Part> skirt() {
  std::vector<Part> parts{{mirrored(Path({0, 0.14})
                                        .line({0.19, 0.13})
                                        .curve({0.27, 0.45}, {0.38, 0.84})
                                        .curve({0.2, 0.905}, {0, 0.90})),
                           Ink::fabric}};
  parts.push_back(
      {mirrored(
           Path({0, 0.14}).line({0.19, 0.13}).line({0.203, 0.205}).curve({0.1, 0.225}, {0, 0.22})),
       Ink::trim});
  add_both_sides(parts, Path({0, 0.22}).curve({0.1, 0.225}, {0.203, 0.205}), Ink::seam, kSeam);
  for (const double x : {-0.13, -0.05, 0.04, 0.12}) {
    parts.push_back({Path({x, 0.23}).curve({x * 1.5, 0.55}, {x * 2.1, 0.86}), Ink::seam, kHem});
  }
  return parts;
}

/// Trousers down to `hem`: the outer and the inner edge of the leg there.
std::vector<Part> trousers(Point outer, Point inner) {
  const double waist = 0.06, crotch = waist + 0.33;
  std::vector<Part> parts{{mirrored(Path({0, waist})
                                        .line({0.20, waist - 0.005})
                                        .curve({0.25, waist + 0.25}, outer)
                                        .line(inner)
                                        .line({0.012, crotch})
                                        .line({0, crotch - 0.01})),
                           Ink::fabric}};
  parts.push_back({mirrored(Path({0, waist})
                                .line({0.20, waist - 0.005})
                                .line({0.208, waist + 0.055})
                                .curve({0.1, waist + 0.07}, {0, waist + 0.066})),
                   Ink::trim});
  add_both_sides(parts, Path({0, waist + 0.066}).curve({0.1, waist + 0.07}, {0.208, waist + 0.055}),
                 Ink::seam, kSeam);
  parts.push_back({Path({0, waist + 0.066}).line({0, crotch}), Ink::seam, kSeam});
  parts.push_back(
      {Path({0.035, waist + 0.07}).curve({0.04, waist + 0.2}, {0, waist + 0.24}), Ink::seam, kHem});
  add_both_sides(parts,
                 Path({0.12, waist + 0.07}).curve({0.14, waist + 0.13}, {0.222, waist + 0.15}),
                 Ink::seam, kSeam);
  parts.push_back({circle({0, waist + 0.033}, 0.012), Ink::metal});
  add_both_sides(parts, Path({outer.x - 0.003, outer.y - 0.03}).line({inner.x, inner.y - 0.03}),
                 Ink::seam, kHem);
  return parts;
}

std::vector<Part> hat() {
  std::vector<Part> parts{
      {mirrored(Path({0, 0.16}).curve({0.36, 0.16}, {0.37, 0.58}).curve({0.2, 0.66}, {0, 0.66})),
       Ink::fabric}};
  parts.push_back({Path({0, 0.16}).curve({0.03, 0.4}, {0, 0.60}), Ink::seam, kSeam});
  add_both_sides(parts, Path({0, 0.16}).curve({0.22, 0.22}, {0.24, 0.60}), Ink::seam, kSeam);
  parts.push_back({mirrored(Path({0, 0.585})
                                .curve({0.25, 0.585}, {0.37, 0.57})
                                .curve({0.50, 0.70}, {0.42, 0.80})
                                .curve({0.25, 0.72}, {0, 0.72})),
                   Ink::trim});
  add_both_sides(parts, Path({0, 0.585}).curve({0.25, 0.585}, {0.37, 0.57}), Ink::seam, 0.008);
  add_both_sides(parts, Path({0, 0.68}).curve({0.25, 0.68}, {0.41, 0.75}), Ink::seam, kHem);
  parts.push_back({circle({0, 0.165}, 0.022), Ink::trim});
  return parts;
}

/// One shoe from above, toe down, around x = `center`; `inward` is the side of the big toe.
void add_shoe(std::vector<Part>& parts, double center, double inward) {
  const auto place = [&](Path path) {
    return path.mapped([&](Point p) { return Point{center + inward * p.x, p.y}; });
  };
  const auto outline = [](double grow) {
    return Path({0, 0.12 - grow})
        .curve({0.13 + grow, 0.11 - grow}, {0.135 + grow, 0.27})
        .curve({0.12 + grow, 0.45}, {0.165 + grow, 0.62})
        .curve({0.18 + grow, 0.86 + grow}, {0.02, 0.88 + grow})
        .curve({-0.17 - grow, 0.87 + grow}, {-0.165 - grow, 0.64})
        .curve({-0.12 - grow, 0.45}, {-0.13 - grow, 0.27})
        .curve({-0.13 - grow, 0.11 - grow}, {0, 0.12 - grow});
  };
  parts.push_back({place(outline(0.018)), Ink::trim});
  parts.push_back({place(outline(0)), Ink::fabric});
  parts.push_back({place(Path({0, 0.16})
                             .curve({0.095, 0.16}, {0.09, 0.28})
                             .curve({0.08, 0.40}, {0, 0.41})
                             .curve({-0.08, 0.40}, {-0.09, 0.28})
                             .curve({-0.095, 0.16}, {0, 0.16})),
                   Ink::inner});
  for (const double y : {0.45, 0.50, 0.55, 0.60}) {
    parts.push_back({place(Path({-0.07, y}).curve({0, y + 0.02}, {0.07, y})), Ink::metal, 0.014});
  }
  parts.push_back({place(Path({-0.15, 0.69}).curve({0, 0.60}, {0.155, 0.69})), Ink::seam, kSeam});
}

std::vector<Part> shoes() {
  std::vector<Part> parts;
  add_shoe(parts, -0.22, 1);
  add_shoe(parts, 0.22, -1);
  return parts;
}

}  // namespace

const std::vector<GarmentKind>& garment_kinds() {
  static const std::vector<GarmentKind> kinds = {
      {"dress", 4, false, dress()},
      {"hat", 5, false, hat()},
      {"hoodie", 6, false, hoodie()},
      {"jacket", 7, false, jacket()},
      {"longsleeve", 8, false, longsleeve()},
      {"pants", 9, true, trousers({0.235, 0.97}, {0.085, 0.975})},
      {"polo", 10, false, polo()},
      {"shirt", 11, false, shirt()},
      {"shoes", 12, true, shoes()},
      {"shorts", 13, true, trousers({0.31, 0.62}, {0.045, 0.645})},
      {"skirt", 14, false, skirt()},
      {"t-shirt", 15, false, t_shirt()},
      {"undershirt", 17, false, undershirt()},
  };
  return kinds;
}

}  // namespace data
