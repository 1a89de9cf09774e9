// The twins of tensor/patch.h.
#pragma once

#include <algorithm>
#include <cmath>

#include "tests/reference/gradient.h"

namespace reference {

/// Where each element of the patches of pictures [B, 3, H, W] comes from.
inline std::vector<std::size_t> patch_places(std::size_t pictures, std::size_t height,
                                             std::size_t width, std::size_t size) {
  std::vector<std::size_t> places;
  for (std::size_t b = 0; b < pictures; ++b) {
    for (std::size_t row = 0; row < height / size; ++row) {
      for (std::size_t column = 0; column < width / size; ++column) {
        for (std::size_t c = 0; c < 3; ++c) {
          for (std::size_t y = row * size; y < (row + 1) * size; ++y) {
            for (std::size_t x = column * size; x < (column + 1) * size; ++x) {
              places.push_back(((b * 3 + c) * height + y) * width + x);
            }
          }
        }
      }
    }
  }
  return places;
}

/// dtokens [B, T, C] in three: to the patches, to the class embedding, to the positions.
struct TokensGradients {
  Values patches, class_embedding, positions;
};
inline Values tokens(const TokensGradients& x, std::size_t pictures, std::size_t length,
                     std::size_t channels) {
  Values y;
  for (std::size_t i = 0; i < pictures * length * channels; ++i) {
    const std::size_t b = i / (length * channels), t = i / channels % length, c = i % channels;
    const double content =
        t == 0 ? x.class_embedding[c] : x.patches[(b * (length - 1) + t - 1) * channels + c];
    y.push_back(content + x.positions[t * channels + c]);
  }
  return y;
}
inline TokensGradients tokens_backward(const Values& dtokens, std::size_t pictures,
                                       std::size_t length, std::size_t channels) {
  TokensGradients d{{}, Values(channels, 0.0), Values(length * channels, 0.0)};
  for (std::size_t i = 0; i < pictures * length * channels; ++i) {
    const std::size_t t = i / channels % length, c = i % channels;
    if (t == 0) {
      d.class_embedding[c] += dtokens[i];
    } else {
      d.patches.push_back(dtokens[i]);
    }
    d.positions[t * channels + c] += dtokens[i];
  }
  return d;
}

/// How much of grid point `source` is in point `target` of another grid, along one axis: Keys'
/// cubic kernel; points beyond the edges are the edges.
inline double cubic_weight(std::size_t target, std::size_t targets, std::size_t source,
                           std::size_t sources) {
  const double centre =
      (static_cast<double>(target) + 0.5) * static_cast<double>(sources) / double(targets) - 0.5;
  double weight = 0;
  for (double place = std::floor(centre) - 1; place < std::floor(centre) + 3; ++place) {
    const double inside = std::clamp(place, 0.0, static_cast<double>(sources) - 1);
    if (inside != static_cast<double>(source)) continue;
    const double t = std::abs(centre - place), a = -0.75;
    weight += t <= 1 ? (a + 2) * t * t * t - (a + 3) * t * t + 1
                     : a * t * t * t - 5 * a * t * t + 8 * a * t - 4 * a;
  }
  return weight;
}

/// positions [1 + side * side, C] <-> resized [1 + height * width, C].
struct PositionGrids {
  std::size_t side, height, width, channels;

  template <class Visit>  // visit(row of resized, row of positions, weight)
  void each(const Visit& visit) const {
    visit(std::size_t{0}, std::size_t{0}, 1.0);
    for (std::size_t to = 0; to < height * width; ++to) {
      for (std::size_t from = 0; from < side * side; ++from) {
        visit(1 + to, 1 + from,
              cubic_weight(to / width, height, from / side, side) *
                  cubic_weight(to % width, width, from % side, side));
      }
    }
  }
};
inline Values interpolate_positions(const Values& positions, const PositionGrids& grids) {
  Values resized((1 + grids.height * grids.width) * grids.channels, 0.0);
  grids.each([&](std::size_t to, std::size_t from, double weight) {
    for (std::size_t c = 0; c < grids.channels; ++c) {
      resized[to * grids.channels + c] += weight * positions[from * grids.channels + c];
    }
  });
  return resized;
}
inline Values interpolate_positions_backward(const Values& dresized, const PositionGrids& grids) {
  Values dpositions((1 + grids.side * grids.side) * grids.channels, 0.0);
  grids.each([&](std::size_t to, std::size_t from, double weight) {
    for (std::size_t c = 0; c < grids.channels; ++c) {
      dpositions[from * grids.channels + c] += weight * dresized[to * grids.channels + c];
    }
  });
  return dpositions;
}

}  // namespace reference
