// What garments look like laid flat on a floor: outlines and details, without colours.
#pragma once

#include <string>
#include <vector>

#include "data/canvas.h"

namespace data {

/// How a part is painted.
enum class Ink {
  fabric,  ///< the garment's colour and pattern, with folds
  trim,    ///< collars, cuffs, soles: the second colour, or the first a little darker
  inner,   ///< what is seen of the inside: the first colour in shadow
  seam,    ///< a thin dark line
  metal,   ///< buttons, zips: light
};

struct Part {
  Path path;
  Ink ink;
  double width = 0;  ///< of a line; 0 fills the outline
};

/// A kind of garment. Parts are drawn in order, in a box of width 1 around x = 0 with y from 0
/// (top) to 1.
struct GarmentKind {
  std::string name;  ///< "t-shirt"
  int category;      ///< its number in the clothing data's word map
  bool pair;         ///< "a pair of ..."
  std::vector<Part> parts;
};

const std::vector<GarmentKind>& garment_kinds();

}  // namespace data
