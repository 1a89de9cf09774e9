// Drawn pictures of garments with captions that are true by construction: as many as wanted, for
// examples, tests and training. They imitate photos of clothes laid on a floor.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/image.h"

namespace data {

struct Garment {
  Image image;
  std::string caption;                  ///< "a striped navy and white t-shirt"
  std::vector<std::string> attributes;  ///< colours, pattern and kind, sorted: navy, striped, ...
  std::string kind;                     ///< "t-shirt"
  int category;                         ///< number of the kind; garment_categories names it
};

/// Picture `index` of the endless series `seed`, of size x size pixels. The same arguments draw the
/// same garment. UsageError for a size outside 16 .. 2048.
Garment draw_garment(uint64_t seed, uint64_t index, int size);

struct GarmentCategory {
  int number;
  std::string name;
};
/// All kinds that are drawn, numbered as in the public clothing data.
std::vector<GarmentCategory> garment_categories();

}  // namespace data
