// CIDEr and CIDEr-D: cosine of tf-idf weighted n-gram vectors, so that words common to all pictures
// count little. Source: Vedantam, Zitnick and Parikh, "CIDEr: Consensus-based Image Description
// Evaluation" (CVPR 2015).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "metrics/sample.h"

namespace metrics {

struct DocumentFrequencyTable;

/// How captions were cut into tokens.
enum class CaptionTokens {
  kUnknown,
  kPtb,  ///< Penn Treebank tokens (caption_tokens() of tokens.h)
  kRaw,  ///< split at spaces
};

/// In how many pictures' references an n-gram (n = 1..4) stands. Cheap to copy, never changes.
class DocumentFrequencies {
 public:
  /// Counted over the references of these samples; `tokens` is only remembered.
  static DocumentFrequencies of(std::span<const Sample> samples,
                                CaptionTokens tokens = CaptionTokens::kUnknown);
  /// A file that save() wrote. FileError, FormatError.
  static DocumentFrequencies load(const std::filesystem::path& path);
  void save(const std::filesystem::path& path) const;

  std::int64_t pictures() const;
  CaptionTokens tokens() const;
  /// `ngram` is its words joined by single spaces; 0 for one never seen.
  std::int64_t count(std::string_view ngram) const;

 private:
  friend class Cider;
  explicit DocumentFrequencies(std::shared_ptr<const DocumentFrequencyTable> table)
      : table_(std::move(table)) {}
  std::shared_ptr<const DocumentFrequencyTable> table_;
};

/// Which of the two: "CIDEr" of the COCO caption toolkit and of most papers is CIDEr-D.
enum class CiderVariant {
  kD,      ///< counts clipped to the reference's, Gaussian penalty on the difference in length
  kPlain,  ///< the plain cosine
};

/// Scoring changes nothing, so that many threads can share one.
class Cider {
 public:
  Cider(DocumentFrequencies frequencies, CiderVariant variant);

  /// Ten times the mean over n = 1..4 and over references. With the frequencies of a single
  /// picture every weight is log 1, so the score is 0.
  double score(const Sample& sample) const;
  /// Corpus: the mean over samples.
  Scores score(std::span<const Sample> samples) const;

 private:
  DocumentFrequencies frequencies_;
  CiderVariant variant_;
};

}  // namespace metrics
