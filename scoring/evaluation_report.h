// An evaluation as a page to look at: one HTML file that needs nothing else, no network and no
// scripts, readable on a phone, on paper, in light and dark.
#pragma once

#include <filesystem>
#include <string>

#include "metrics/spice.h"
#include "scoring/evaluation.h"

namespace scoring {

struct ReportOptions {
  /// The folder of the references' pictures; empty: captions are shown without pictures.
  std::filesystem::path images;
  /// Where the report will stand. Pictures of up to 512 KiB are part of it, larger ones are linked
  /// from there by their relative path; those that are missing or no pictures are left out.
  std::filesystem::path output;
  /// Draws scene graphs if there is one.
  const metrics::Spice* spice = nullptr;
  /// The id of the picture whose scene graphs are drawn; empty: one that scored in the middle.
  std::string picture;
};

/// The page. Captions and names are shown as they are, whatever bytes they hold; words beyond the
/// first 120 of a caption are left out there, with a mark. UsageError for an unknown picture.
std::string evaluation_report(const Evaluation& evaluation, const ReportOptions& options);

}  // namespace scoring
