#include "tools/captioning.h"

#include "tools/interrupt.h"
#include "tools/progress.h"

namespace tools {

std::size_t caption_with_progress(const blip::Captioner& captioner, blip::CaptioningJob job) {
  Progress progress(job.count);
  job.stop = interrupted;
  job.before_report = [&] { progress.hide(); };
  job.reported = [&](std::size_t done) { progress.show(done); };
  return blip::caption_pictures(captioner, job);
}

}  // namespace tools
