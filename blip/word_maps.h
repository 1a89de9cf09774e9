// Maps over a picture, one for each word of a caption: where the decoder looked, on what a word
// depends.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/image.h"
#include "tensor/tensor.h"

namespace blip {

/// A word of a caption and the rows of a map that belong to it (one for each of its pieces).
struct MapWord {
  std::string text;
  std::vector<int64_t> rows;
};

/// Word pieces joined to words: `pieces[i]`, of row `first_row + i`, continues the word before it
/// if it begins with "##".
std::vector<MapWord> join_pieces(std::span<const std::string> pieces, int64_t first_row);

/// Values [tokens, grid_height * grid_width] of each patch, or [tokens, 1 + ...] with the class
/// token's before them, which is not drawn.
struct WordMap {
  std::string title;  ///< written above its maps, unless empty
  tensor::Tensor values;
};

/// Panels in rows: the picture, then for each word the picture under a heat map, one below the
/// other if there are several maps, with the word below. A word's map is the mean of its rows,
/// scaled so that its least patch is cold and its greatest hot.
data::Image draw_maps(const data::Image& picture, std::span<const WordMap> maps,
                      int64_t grid_height, int64_t grid_width, std::span<const MapWord> words);

}  // namespace blip
