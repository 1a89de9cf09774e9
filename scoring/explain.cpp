#include "scoring/explain.h"

#include <algorithm>

#include "base/error.h"
#include "metrics/tokens.h"
#include "report/html.h"
#include "scoring/explain_parts.h"

namespace scoring {
namespace {

using base::str;
using metrics::Sample;
using report::with_commas;

constexpr std::size_t kTokensShown = 60, kReferencesShown = 10;

std::string tokens(const std::string& name, const std::string& caption) {
  const std::vector<std::string_view> words = metrics::split(caption);
  std::vector<std::string> pieces;
  for (std::size_t i = 0; i < std::min(words.size(), kTokensShown); ++i) {
    pieces.push_back(printable(words[i]));
  }
  if (words.empty()) pieces.emplace_back("(empty)");
  if (words.size() > kTokensShown) {
    pieces.push_back(
        str("... ", with_commas(static_cast<long long>(words.size() - kTokensShown)), " more"));
  }
  return paragraph(left("  " + name, 15) + " ", pieces);
}

std::string tokens(const Sample& sample, bool raw) {
  std::string text = raw ? "Tokens (raw: split at spaces)\n"
                         : "Tokens (Penn Treebank, lower case, without punctuation)\n";
  text += tokens("caption", sample.hypothesis);
  const std::size_t shown = std::min(sample.references.size(), kReferencesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    text += tokens(str("reference ", i + 1), sample.references[i]);
  }
  if (shown < sample.references.size()) {
    text += str("  and ", sample.references.size() - shown, " more references\n");
  }
  return text;
}

}  // namespace

std::string explain(const Evaluation& evaluation, const std::string& id, const ExplainData& data) {
  const std::size_t picture = find_picture(evaluation, id);
  const data::ReferencePicture& reference = evaluation.pictures[picture];
  std::string text;
  for (std::size_t r = 0; r < evaluation.results.size(); ++r) {
    const Sample sample = sample_of(evaluation, r, picture);
    text += str(r > 0 ? "\n" : "", "Picture ", printable(reference.id),
                reference.file_name.empty() ? "" : ", " + printable(reference.file_name), ", in ",
                printable(evaluation.results[r].name), "\n\n", tokens(sample, evaluation.raw));
    if (data.bleu) text += "\nBLEU\n" + explain_bleu(sample);
    if (data.rouge_l) text += "\nROUGE-L\n" + explain_rouge(sample);
    if (data.frequencies)
      text += "\nCIDEr-D\n" + explain_cider(sample, *data.frequencies, data.frequencies_source);
    if (data.meteor) text += "\nMETEOR\n" + explain_meteor(sample, *data.meteor);
    if (data.spice) text += "\nSPICE\n" + explain_spice(sample, *data.spice);
  }
  return text;
}

}  // namespace scoring
