// SPICE, step by step.
#include <algorithm>

#include "base/error.h"
#include "scoring/explain_parts.h"

namespace scoring {
namespace {

using base::str;
using metrics::SceneTuple;

constexpr std::size_t kTuplesShown = 40;

std::string tuple_text(const SceneTuple& tuple) {
  std::string text = "(";
  for (const std::string& part : tuple) {
    text += (&part == &tuple.front() ? "" : ", ") + printable(part);
  }
  return text + ")";
}

/// Tuples whose flag is `wanted`, joined with spaces.
std::string list(const char* lead, const std::vector<SceneTuple>& tuples,
                 const std::vector<bool>& flags, bool wanted) {
  std::vector<std::string> pieces;
  std::size_t left_out = 0;
  for (std::size_t i = 0; i < tuples.size(); ++i) {
    if (flags[i] != wanted) continue;
    if (pieces.size() < kTuplesShown) {
      pieces.push_back(tuple_text(tuples[i]));
    } else {
      ++left_out;
    }
  }
  if (pieces.empty()) pieces.emplace_back("(none)");
  if (left_out > 0) pieces.push_back(str("and ", left_out, " more"));
  return paragraph(lead, pieces);
}

}  // namespace

std::string explain_spice(const metrics::Sample& sample, const metrics::Spice& spice) {
  const metrics::SpiceResult result = spice.score(sample);
  const std::vector<SceneTuple> caption = metrics::tuples(result.hypothesis);
  const std::vector<SceneTuple> references = metrics::tuples(result.references);
  const auto matched =
      std::count(result.hypothesis_matched.begin(), result.hypothesis_matched.end(), true);
  std::string text = paragraph(
      "  ",
      "Captions become (object), (object, attribute) and (subject, relation, object); slashes join "
      "what means the same and was merged.");
  text += list("  caption, matched        ", caption, result.hypothesis_matched, true);
  text += list("  caption, not matched    ", caption, result.hypothesis_matched, false);
  text += list("  references, matched     ", references, result.references_matched, true);
  text += list("  references, not matched ", references, result.references_matched, false);
  if (matched == 0) return text + str("  Nothing matches: SPICE = ", digits(result.f), "\n");
  const auto tuples = static_cast<double>(matched);
  return text + str("  P = ", fraction(tuples, static_cast<double>(caption.size())),
                    ", R = ", fraction(tuples, static_cast<double>(references.size())),
                    ", SPICE = 2 P R / (P + R) = ", digits(result.f), "\n");
}

}  // namespace scoring
