// A picture of where a captioner looked: for each word, its cross-attention over the picture.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/image.h"
#include "tensor/tensor.h"

namespace blip {

/// A word of a caption and the rows of attention that belong to it (one for each of its pieces).
struct AttentionWord {
  std::string text;
  std::vector<int64_t> rows;
};

/// Word pieces joined to words: `pieces[i]`, of row `first_row + i`, continues the word before it
/// if it begins with "##".
std::vector<AttentionWord> join_pieces(std::span<const std::string> pieces, int64_t first_row);

/// Panels in rows: the picture, then for each word the picture under a heat map with the word
/// below. attention [tokens, 1 + grid_height * grid_width] has the class token's weight, which is
/// not drawn, and then those of the patches. A word's map is the mean of its rows, scaled so that
/// its least patch is cold and its greatest hot.
data::Image draw_attention(const data::Image& picture, const tensor::Tensor& attention,
                           int64_t grid_height, int64_t grid_width,
                           std::span<const AttentionWord> words);

}  // namespace blip
