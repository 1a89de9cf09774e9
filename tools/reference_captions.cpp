#include "tools/reference_captions.h"

#include <iostream>

#include "base/error.h"
#include "blip/captioner.h"
#include "tools/captioning.h"
#include "tools/checks.h"
#include "tools/commands.h"
#include "tools/interrupt.h"

namespace fs = std::filesystem;

namespace tools {
namespace {

using base::str;

/// The file of a picture: its name below the folder, or its name without folders.
fs::path picture_file(const fs::path& folder, const data::ReferencePicture& picture) {
  if (picture.file_name.empty()) {
    throw base::FormatError(str("picture ", picture.id, " has no file name"));
  }
  const fs::path file = folder / picture.file_name;
  const fs::path flat = folder / fs::path(picture.file_name).filename();
  std::error_code absent;
  return !fs::exists(file, absent) && fs::exists(flat, absent) ? flat : file;
}

}  // namespace

void add_reference_captioning_options(Command command, ReferenceCaptioning& options) {
  command
      .add_option(
          "--images", options.images,
          "The references' pictures: captioned where there are no --results, shown in a report")
      .type_name("DIR")
      .group(kCaptioningGroup);
  add_model_option(command, options.model).group(kCaptioningGroup);
  add_image_size_option(command, options.image_size).group(kCaptioningGroup);
  options.adapter.add_to(command, kCaptioningGroup);
  command.add_option("--prompt", options.prompt, "How every caption begins")
      .type_name("TEXT")
      .group(kCaptioningGroup);
  command.add_option("--batch", options.batch, "Pictures that go through the model together (2)")
      .type_name("N")
      .check(in_range(1, 4096))
      .group(kCaptioningGroup);
  options.generation.add_to(command);
}

std::optional<scoring::NamedResults> caption_references(
    const ReferenceCaptioning& options, const std::vector<data::ReferencePicture>& pictures,
    std::uint64_t seed) {
  const fs::path folder = model_folder(options.model);
  const blip::Captioner captioner =
      blip::Captioner::load(folder, {.image_size = options.image_size});
  const std::optional<lora::Adapter> adapter = options.adapter.put_on(captioner);
  const std::vector<int64_t> prompt = captioner.prompt_ids(options.prompt);
  nn::GenerationOptions generation = options.generation.apply(captioner);
  generation.seed = seed;
  // "models/mine/" is called "models/mine".
  const fs::path name = folder.has_filename() ? folder : folder.parent_path();
  scoring::NamedResults results{.name = name.string(), .captions = {}};
  catch_interrupt();
  const std::size_t done = caption_with_progress(
      captioner,
      {.count = pictures.size(),
       .batch = options.batch,
       .generation = generation,
       .read =
           [&](std::size_t i) {
             const fs::path file = picture_file(options.images, pictures[i]);
             return captioner.image_processor()(data::read_image(file.string()));
           },
       .prompt = [&](std::size_t) { return prompt; },
       .captioned =
           [&](std::size_t i, const std::vector<blip::Caption>& captions) {
             results.captions.push_back({.id = pictures[i].id, .caption = captions.front().text});
           },
       .failed = [&](std::size_t,
                     const std::string& error) { std::cerr << "blip evaluate: " << error << '\n'; },
       .skipped = [](std::size_t) {},
       .stop = {},
       .before_report = {},
       .reported = {}});
  if (done < pictures.size()) {
    std::cerr << "interrupted: " << done << " of " << pictures.size()
              << " pictures are captioned\n";
    return std::nullopt;
  }
  return results;
}

}  // namespace tools
