#include "blip/caption_pictures.h"

#include <optional>

#include "base/error.h"
#include "blip/stack.h"
#include "data/prefetch.h"

namespace blip {
namespace {

using tensor::Tensor;

/// Pixel values [1, 3, height, width] of a picture; undefined: skipped, or an error.
using Pixels = data::Prefetched<Tensor>;

class Captioning {
 public:
  Captioning(const Captioner& captioner, const CaptioningJob& job)
      : captioner_(captioner), job_(job) {}

  std::size_t run();

 private:
  struct Pending {
    Pixels picture;
    std::vector<int64_t> prompt;
  };

  void take(Pixels picture);
  void caption_batch();

  const Captioner& captioner_;
  const CaptioningJob& job_;
  std::vector<Pending> batch_;  ///< in order, with skipped and broken ones that wait for their turn
  std::size_t readable_ = 0;    ///< those of the batch that have pixels
  std::size_t done_ = 0;
};

std::size_t Captioning::run() {
  // One batch waits while the model works on another.
  data::Prefetch<Tensor> pixels(job_.count, 2 * job_.batch, job_.read);
  while (!job_.stop || !job_.stop()) {
    std::optional<Pixels> picture = pixels.next();
    if (!picture) {
      caption_batch();
      break;
    }
    take(std::move(*picture));
    if (readable_ == job_.batch || readable_ == 0) caption_batch();
  }
  return done_;
}

/// Adds a picture to the batch.
void Captioning::take(Pixels picture) {
  Pending pending{.picture = std::move(picture), .prompt = {}};
  if (pending.picture.value.defined()) {
    try {
      pending.prompt = job_.prompt(pending.picture.index);
      ++readable_;
    } catch (const base::Error& error) {
      pending.picture.value = {};
      pending.picture.error = error.what();
    }
  }
  batch_.push_back(std::move(pending));
}

/// Captions and hands on what the batch holds, and empties it.
void Captioning::caption_batch() {
  std::vector<Tensor> pixels;
  std::vector<std::vector<int64_t>> prompts;
  std::vector<uint64_t> streams;  // of the random numbers: a picture's do not depend on its batch
  for (const Pending& pending : batch_) {
    if (!pending.picture.value.defined()) continue;
    pixels.push_back(pending.picture.value);
    prompts.push_back(pending.prompt);
    streams.push_back(pending.picture.index);
  }
  std::vector<std::vector<Caption>> captions;
  if (!pixels.empty()) {
    captions =
        captioner_.generate(captioner_.encode(stack(pixels)), prompts, job_.generation, streams);
  }
  if (job_.before_report) job_.before_report();
  auto of_picture = captions.begin();
  for (const Pending& pending : batch_) {
    if (pending.picture.value.defined()) {
      job_.captioned(pending.picture.index, *of_picture++);
    } else if (!pending.picture.error.empty()) {
      job_.failed(pending.picture.index, pending.picture.error);
    } else {
      job_.skipped(pending.picture.index);
    }
  }
  done_ += batch_.size();
  batch_.clear();
  readable_ = 0;
  if (job_.reported) job_.reported(done_);
}

}  // namespace

std::size_t caption_pictures(const Captioner& captioner, const CaptioningJob& job) {
  return Captioning(captioner, job).run();
}

}  // namespace blip
