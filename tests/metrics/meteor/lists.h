// Word lists for tests of METEOR: small ones of our own, and the published ones where they are.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "metrics/meteor/paraphrase_table.h"
#include "tests/temporary_folder.h"

namespace meteor_lists {

inline std::filesystem::path golden() {
  return std::filesystem::path(BLIP_SOURCE_DIR) / "tests/metrics/golden";
}

/// A folder with our own lists as Meteor::from_meteor wants them, paraphrases included.
inline const std::filesystem::path& own() {
  static const TemporaryFolder folder;
  static const std::filesystem::path path = [] {
    const std::filesystem::path source = golden() / "meteor_lists";
    for (const auto& file : std::filesystem::directory_iterator(source)) {
      std::filesystem::copy(file, folder.path());
    }
    std::ifstream text(source / "paraphrases.txt");
    metrics::meteor::write_paraphrase_table(text, "paraphrases.txt", folder / "paraphrase-en.bin");
    return folder.path();
  }();
  return path;
}

/// The folder that tools/get_metric_data.sh filled, with METEOR's paraphrases; empty if absent.
inline std::filesystem::path fetched() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::filesystem::path(value ? value : "");
  };
  std::filesystem::path folder = variable("BLIP_METRIC_DATA");
  if (folder.empty()) {
    const std::filesystem::path data = variable("XDG_DATA_HOME");
    folder = (data.empty() ? variable("HOME") / ".local/share" : data) / "blip/metrics";
  }
  return std::filesystem::exists(folder / "paraphrase-en.bin") ? folder : "";
}
inline constexpr const char* kNotFetched =
    "needs METEOR's paraphrases (tools/get_metric_data.sh fetches them; absent here)";

}  // namespace meteor_lists
