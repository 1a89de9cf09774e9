// Pictures through the model, as seen from a terminal.
#pragma once

#include "blip/caption_pictures.h"

namespace tools {

/// Runs the job with a progress bar, until the user interrupts (catch_interrupt). Returns how many
/// pictures are done.
std::size_t caption_with_progress(const blip::Captioner& captioner, blip::CaptioningJob job);

}  // namespace tools
