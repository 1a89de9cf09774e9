// Captions that a model makes of the references' own pictures, to be scored at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/captions.h"
#include "scoring/evaluation.h"
#include "tools/adapter_option.h"
#include "tools/command_line.h"
#include "tools/generation_options.h"

namespace tools {

struct ReferenceCaptioning {
  std::string images;  ///< folder of the pictures
  std::filesystem::path model;
  std::optional<std::int64_t> image_size;
  AdapterArguments adapter;
  std::string prompt;
  std::size_t batch = 2;
  GenerationArguments generation;
};

/// Where --help shows the options that only captioning reads.
inline constexpr const char* kCaptioningGroup = "Captioning, where there are no --results";

void add_reference_captioning_options(Command command, ReferenceCaptioning& options);

/// The first caption of every picture that can be read; the others are named on stderr. A picture
/// is the file of its name below the folder of images, or else of its base name. Nothing if the
/// user interrupted.
std::optional<scoring::NamedResults> caption_references(
    const ReferenceCaptioning& options, const std::vector<data::ReferencePicture>& pictures,
    std::uint64_t seed);

}  // namespace tools
