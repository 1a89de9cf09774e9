#include "blip/word_maps.h"

#include <algorithm>
#include <cmath>

#include "data/font.h"

namespace blip {
namespace {

using data::Colour;
using data::Image;

constexpr int kPanelSide = 224;  // the longer side of the picture in a panel
constexpr int kGap = 14;
constexpr int kLabelHeight = 40;
constexpr int kTitleHeight = 28;
constexpr std::size_t kPanelsInRow = 5;
constexpr Colour kPaper{255, 255, 255}, kInk{40, 40, 48}, kPaleInk{150, 150, 160};

/// A map's cold and hot ends, and how they are passed between: linearly from one to the next.
constexpr std::array<std::array<float, 3>, 5> kHeat{
    {{18, 16, 60}, {96, 24, 120}, {208, 52, 84}, {250, 150, 40}, {255, 246, 170}}};

std::array<float, 3> heat_colour(float value) {
  const float place = std::clamp(value, 0.0f, 1.0f) * (kHeat.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(place), kHeat.size() - 2);
  const float part = place - static_cast<float>(below);
  std::array<float, 3> colour{};
  for (std::size_t c = 0; c < 3; ++c) {
    colour[c] = kHeat[below][c] + part * (kHeat[below + 1][c] - kHeat[below][c]);
  }
  return colour;
}

Image blank(int width, int height) {
  Image image{width, height, std::vector<uint8_t>(std::size_t{3} * width * height)};
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = kPaper[i % 3];
  return image;
}

void paste(Image& to, const Image& from, int left, int top) {
  for (int y = 0; y < from.height; ++y) {
    const auto row = from.pixels.begin() + std::ptrdiff_t{3} * y * from.width;
    std::copy(row, row + std::ptrdiff_t{3} * from.width,
              to.pixels.begin() + std::ptrdiff_t{3} * ((top + y) * to.width + left));
  }
}

/// A grid of patch values, read between their centres.
struct Grid {
  int64_t height, width;
  std::vector<float> values;

  /// At a place in [0, 1] x [0, 1], by bilinear interpolation; the border's values go on outside.
  float at(float x, float y) const {
    const float column =
        std::clamp(x * static_cast<float>(width) - 0.5f, 0.0f, static_cast<float>(width - 1));
    const float row =
        std::clamp(y * static_cast<float>(height) - 0.5f, 0.0f, static_cast<float>(height - 1));
    const auto left = static_cast<int64_t>(column), upper = static_cast<int64_t>(row);
    const int64_t right = std::min(left + 1, width - 1), lower = std::min(upper + 1, height - 1);
    const auto value = [&](int64_t r, int64_t c) {
      return values[static_cast<std::size_t>(r * width + c)];
    };
    const auto between = [](float a, float b, float part) { return a + part * (b - a); };
    const float x_part = column - static_cast<float>(left),
                y_part = row - static_cast<float>(upper);
    return between(between(value(upper, left), value(upper, right), x_part),
                   between(value(lower, left), value(lower, right), x_part), y_part);
  }
};

/// The mean of a word's rows, least 0 and greatest 1.
Grid word_grid(const tensor::Tensor& map, int64_t height, int64_t width, const MapWord& word) {
  Grid grid{height, width, std::vector<float>(static_cast<std::size_t>(height * width))};
  for (const int64_t row : word.rows) {
    const std::span<const float> values =
        map.slice(row, row + 1).span<float>().last(grid.values.size());
    for (std::size_t i = 0; i < values.size(); ++i) grid.values[i] += values[i];
  }
  const auto [least, greatest] = std::minmax_element(grid.values.begin(), grid.values.end());
  const float low = *least, range = std::max(*greatest - low, 1e-20f);
  for (float& value : grid.values) value = (value - low) / range;
  return grid;
}

/// The picture, grey where the grid is cold and under a glow where it is hot.
Image heat_panel(const Image& picture, const Grid& grid) {
  Image panel = picture;
  for (int y = 0; y < panel.height; ++y) {
    for (int x = 0; x < panel.width; ++x) {
      const float value =
          grid.at((static_cast<float>(x) + 0.5f) / static_cast<float>(panel.width),
                  (static_cast<float>(y) + 0.5f) / static_cast<float>(panel.height));
      uint8_t* pixel =
          &panel.pixels[std::size_t{3} * (static_cast<std::size_t>(y) * panel.width + x)];
      const float grey = 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
      const std::array<float, 3> heat = heat_colour(value);
      const float glow = 0.35f + 0.4f * value;
      for (std::size_t c = 0; c < 3; ++c) {
        pixel[c] = static_cast<uint8_t>(std::lround(grey + glow * (heat[c] - grey)));
      }
    }
  }
  return panel;
}

int text_width(std::string_view text, int scale) {
  return (static_cast<int>(text.size()) * data::kLetterPitch - 1) * scale;
}

/// The largest scale at which every word fits into the width of a panel.
int label_scale(std::span<const MapWord> words, int width) {
  int scale = 3;
  for (const MapWord& word : words) {
    while (scale > 1 && text_width(word.text, scale) > width) --scale;
  }
  return scale;
}

/// Writes a text centred below a panel.
void label(Image& sheet, int left, int width, int top, int scale, Colour colour,
           std::string_view text) {
  const int indent = std::max(0, (width - text_width(text, scale)) / 2);
  data::draw_text(sheet, left + indent, top + (kLabelHeight - data::kLetterHeight * scale) / 2,
                  scale, colour, text);
}

}  // namespace

std::vector<MapWord> join_pieces(std::span<const std::string> pieces, int64_t first_row) {
  std::vector<MapWord> words;
  int64_t row = first_row;
  for (const std::string& piece : pieces) {
    const bool continues = piece.starts_with("##") && !words.empty();
    if (!continues) words.emplace_back();
    words.back().text += continues ? piece.substr(2) : piece;
    words.back().rows.push_back(row++);
  }
  return words;
}

Image draw_maps(const Image& picture, std::span<const WordMap> maps, int64_t grid_height,
                int64_t grid_width, std::span<const MapWord> words) {
  bool titled = false;
  for (const WordMap& map : maps) {
    const bool with_class = map.values.dim(-1) == 1 + grid_height * grid_width;
    tensor::expect_f32("draw_maps", "a map", map.values,
                       {map.values.dim(0), grid_height * grid_width + (with_class ? 1 : 0)});
    titled = titled || !map.title.empty();
  }
  const int longer = std::max(picture.width, picture.height);
  const int width = std::max(1, picture.width * kPanelSide / longer);
  const int height = std::max(1, picture.height * kPanelSide / longer);
  const Image small = data::resize_bicubic(picture, width, height);

  const int scale = label_scale(words, width), title = titled ? kTitleHeight : 0;
  const std::size_t panels = words.size() + 1;
  const auto columns = static_cast<int>(std::min(panels, kPanelsInRow));
  const auto rows = static_cast<int>((panels + kPanelsInRow - 1) / kPanelsInRow);
  const int strip = title + height + (titled ? 0 : kGap / 2);  // a map of a row of words
  const int block = static_cast<int>(maps.size()) * strip - (titled ? 0 : kGap / 2) + kLabelHeight;
  Image sheet = blank(kGap + columns * (width + kGap), kGap + rows * block);
  for (std::size_t i = 0; i < panels; ++i) {
    const int left = kGap + static_cast<int>(i % kPanelsInRow) * (width + kGap);
    const int top = kGap + static_cast<int>(i / kPanelsInRow) * block;
    for (std::size_t m = 0; m < maps.size(); ++m) {
      const int panel_top = top + static_cast<int>(m) * strip + title;
      const bool first_word = i % kPanelsInRow == (i < kPanelsInRow ? 1 : 0);
      if (titled && first_word) {
        data::draw_text(sheet, left, panel_top - kTitleHeight + 6, 2, kPaleInk, maps[m].title);
      }
      if (i == 0 && m == 0) paste(sheet, small, left, panel_top);
      if (i == 0) continue;
      const Grid grid = word_grid(maps[m].values, grid_height, grid_width, words[i - 1]);
      paste(sheet, heat_panel(small, grid), left, panel_top);
    }
    const int below = i == 0 ? top + title + height : top + block - kLabelHeight;
    label(sheet, left, width, below, scale, i == 0 ? kPaleInk : kInk,
          i == 0 ? "picture" : words[i - 1].text);
  }
  return sheet;
}

}  // namespace blip
