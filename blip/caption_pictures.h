// Pictures through the model: read ahead in the background, captioned in batches, handed on in
// their order.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "blip/captioner.h"

namespace blip {

/// What is captioned and what becomes of it. Pictures are numbers from 0; each ends in one of
/// `captioned`, `failed` and `skipped`, called in their order from the thread that called
/// caption_pictures.
struct CaptioningJob {
  std::size_t count = 0;  ///< of pictures
  std::size_t batch = 2;  ///< pictures that go through the model together; changes no caption
  nn::GenerationOptions generation;
  /// The pixel values of a picture, undefined to skip it; an exception makes it fail. Called from
  /// several threads.
  std::function<tensor::Tensor(std::size_t)> read;
  /// The token ids that a picture's captions begin with; an Error makes it fail.
  std::function<std::vector<int64_t>(std::size_t)> prompt;
  std::function<void(std::size_t, const std::vector<Caption>&)> captioned;
  std::function<void(std::size_t, const std::string& error)> failed;
  std::function<void(std::size_t)> skipped;
  // These may be left empty.
  std::function<bool()> stop;                      ///< asked before each picture: end here?
  std::function<void()> before_report;             ///< a batch is about to be handed on
  std::function<void(std::size_t done)> reported;  ///< it was; so many pictures are done
};

/// Runs the job. Returns how many pictures are done: all, or those before `stop` was true.
std::size_t caption_pictures(const Captioner& captioner, const CaptioningJob& job);

}  // namespace blip
