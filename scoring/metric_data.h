// Where the metrics' data lies: METEOR's lists, which the user fetches (tools/get_metric_data.sh),
// WordNet of the system in their place, and the tagger and parser that come with the program.
#pragma once

#include <filesystem>
#include <string>

#include "metrics/english/tagger.h"
#include "metrics/meteor.h"
#include "metrics/spice.h"

namespace scoring {

/// The folder with METEOR's data: `given`, else ${XDG_DATA_HOME:-~/.local/share}/blip/metrics if
/// the data is there, else none (an empty path): then WordNet has to do. FileError if `given` has
/// none.
std::filesystem::path find_metric_data(const std::filesystem::path& given);

/// METEOR and SPICE with what find_metric_data finds, else with Debian's WordNet. What was used is
/// to be said beside each number: Meteor::source(), synonym_source(). FileError with advice if
/// there is neither.
metrics::Meteor load_meteor(const std::filesystem::path& given);
metrics::Spice load_spice(const std::filesystem::path& given);
/// "synonyms of METEOR 1.5" or "synonyms of WordNet".
std::string synonym_source(const std::filesystem::path& given);

/// The tagger that comes with the program.
metrics::english::Tagger load_tagger();

}  // namespace scoring
