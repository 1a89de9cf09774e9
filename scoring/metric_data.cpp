#include "scoring/metric_data.h"

#include <cstdlib>

#include "base/bundled_folder.h"
#include "base/error.h"

namespace fs = std::filesystem;

namespace scoring {
namespace {

constexpr const char* kWordNet = "/usr/share/wordnet";

bool has_file(const fs::path& folder, const char* name) {
  std::error_code absent;
  return fs::exists(folder / name, absent);
}

fs::path default_folder() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data && *data) {
    return fs::path(data) / "blip/metrics";
  }
  const char* home = std::getenv("HOME");
  return home && *home ? fs::path(home) / ".local/share/blip/metrics" : fs::path();
}

/// WordNet as Debian's package installs it.
fs::path wordnet() {
  if (has_file(kWordNet, "index.noun")) return kWordNet;
  throw base::FileError(base::str(
      "METEOR and SPICE need synonyms: there is neither METEOR's data in ",
      default_folder().string(),
      " (tools/get_metric_data.sh fetches it; --metric-data names another folder) nor WordNet in ",
      kWordNet, " (Debian's wordnet-base); --metrics bleu,rouge_l,cider_d needs neither"));
}

fs::path parser_folder() {
  return base::bundled_folder("parser", "tagger.bin", "the tagger and parser were not found",
                              "--metrics bleu,meteor,rouge_l,cider_d needs neither");
}

}  // namespace

fs::path find_metric_data(const fs::path& given) {
  const fs::path folder = given.empty() ? default_folder() : given;
  if (!folder.empty() && has_file(folder, "english.synsets")) return folder;
  if (given.empty()) return {};
  throw base::FileError(base::str(given.string(), ": no METEOR data (english.synsets) there; ",
                                  "tools/get_metric_data.sh fetches it"));
}

metrics::Meteor load_meteor(const fs::path& given) {
  const fs::path folder = find_metric_data(given);
  return folder.empty() ? metrics::Meteor::from_wordnet(wordnet())
                        : metrics::Meteor::from_meteor(folder);
}

metrics::Spice load_spice(const fs::path& given) {
  const fs::path folder = find_metric_data(given), parser = parser_folder();
  using metrics::english::Synonyms;
  return {metrics::english::Tagger::load(parser), metrics::english::DependencyParser::load(parser),
          folder.empty() ? Synonyms::from_wordnet(wordnet()) : Synonyms::from_meteor(folder)};
}

std::string synonym_source(const fs::path& given) {
  return find_metric_data(given).empty() ? "synonyms of WordNet" : "synonyms of METEOR 1.5";
}

metrics::english::Tagger load_tagger() {
  return metrics::english::Tagger::load(parser_folder());
}

}  // namespace scoring
