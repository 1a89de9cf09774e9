// Pictures through the model: read ahead in the background, captioned in batches, handed on in
// their order.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "blip/captioner.h"

namespace tools {

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
  std::function<void(std::size_t, const std::vector<blip::Caption>&)> captioned;
  std::function<void(std::size_t, const std::string& error)> failed;
  std::function<void(std::size_t)> skipped;
};

/// Runs the job, with a progress bar. Returns how many pictures are done: all, or those before the
/// user interrupted (catch_interrupt).
std::size_t caption_pictures(const blip::Captioner& captioner, const CaptioningJob& job);

}  // namespace tools
