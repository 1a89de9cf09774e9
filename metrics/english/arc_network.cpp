#include "metrics/english/arc_network.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "metrics/english/model_file.h"
#include "metrics/english/perceptron.h"

namespace metrics::english {
namespace {

using base::FormatError;
using base::str;

constexpr std::string_view kMark = "blip-arc";
constexpr float kLargest = 127;  // of a byte
constexpr std::size_t kEnding = 3;

/// Sizes that a file may give: dot() takes blocks of 16, and nothing here is larger.
constexpr std::uint64_t kBlockOfWidth = 16, kMaxWidth = 1024, kMaxLayers = 8, kMaxRelations = 64;

/// The score of an arc e^20 times less likely than the best: whatever its relation, it is not
/// taken.
constexpr float kHopeless = -20;
/// As bad as a vote can be, whatever a damaged network says.
constexpr std::int32_t kWorst = -10'000;

/// Bits of ArcInput::between.
std::size_t kind_of(std::string_view tag) {
  if (tag.starts_with("VB") || tag == "MD") return 1;
  if (tag.starts_with("NN") || tag.starts_with("PRP") || tag == "WP") return 2;
  if (tag == "," || tag == ":" || tag == "." || tag == "CC") return 4;
  if (tag == "IN" || tag == "TO" || tag == "WDT") return 8;
  return 0;
}

/// The factor that makes bytes of a row, and of bytes the row again.
float scale_of(std::span<const float> row) {
  float largest = 0;
  for (const float value : row) largest = std::max(largest, std::abs(value));
  return largest / kLargest;
}

void append_matrix(std::string& content, const Matrix& matrix) {
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    const float scale = scale_of(matrix[i]);
    const auto bits = std::bit_cast<std::uint32_t>(scale);
    for (int byte = 0; byte < 4; ++byte) content += static_cast<char>(bits >> (8 * byte) & 0xff);
    for (const float value : matrix[i]) {
      content += static_cast<char>(scale == 0 ? 0 : std::lround(value / scale));
    }
  }
}

std::uint32_t small_number(std::string_view four_bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value |= std::uint32_t{static_cast<unsigned char>(four_bytes[i])} << (8 * i);
  }
  return value;
}

Matrix read_matrix(ContentReader& content, std::size_t rows, std::size_t columns) {
  // Looked up before room is made for it, so that no file asks for more than four times its size.
  ContentReader matrix_content(content.bytes(std::uint64_t{rows} * (4 + columns)));
  Matrix matrix(rows, columns);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto scale = std::bit_cast<float>(small_number(matrix_content.bytes(4)));
    if (!std::isfinite(scale)) throw FormatError("has a scale that is no number");
    const std::string_view bytes = matrix_content.bytes(columns);
    for (std::size_t j = 0; j < columns; ++j) {
      matrix[i][j] = scale * static_cast<float>(static_cast<std::int8_t>(bytes[j]));
    }
  }
  return matrix;
}

void append_vocabulary(std::string& content, const Vocabulary& vocabulary) {
  append_number(content, vocabulary.hashes().size());
  for (const std::uint32_t hash : vocabulary.hashes()) {
    for (int byte = 0; byte < 4; ++byte) content += static_cast<char>(hash >> (8 * byte) & 0xff);
  }
}

Vocabulary read_vocabulary(ContentReader& content) {
  const std::uint64_t count = content.number();
  if (count > UINT32_MAX) throw FormatError(str("has ", count, " words"));
  ContentReader hashes_content(content.bytes(4 * count));
  std::vector<std::uint32_t> hashes;
  for (std::uint64_t i = 0; i < count; ++i) hashes.push_back(small_number(hashes_content.bytes(4)));
  return Vocabulary(std::move(hashes));
}

std::string content_of(const ArcNetwork& network) {
  std::string content;
  append_number(content, network.width());
  append_number(content, network.hidden());
  append_number(content, network.layers.size());
  std::string names;
  for (const std::string& relation : network.relations) names += relation + '\n';
  append_number(content, names.size());
  content += names;
  append_vocabulary(content, network.forms);
  append_vocabulary(content, network.endings);
  append_vocabulary(content, network.tags);
  ArcNetwork::for_each(network, [&](const Matrix& matrix) { append_matrix(content, matrix); });
  return content;
}

/// A score that is at most 0 in the parser's units.
std::int32_t vote(float score) {
  const float units = score * ArcVotes::kUnitsPerNat;
  return units > kWorst ? static_cast<std::int32_t>(std::lround(units)) : kWorst;  // NaN: kWorst
}

}  // namespace

Vocabulary::Vocabulary(std::vector<std::uint32_t> hashes) : hashes_(std::move(hashes)) {
  std::sort(hashes_.begin(), hashes_.end());
}

std::uint32_t Vocabulary::hash(std::string_view text) {
  return static_cast<std::uint32_t>(hash_of(text) >> 32);
}

std::uint32_t Vocabulary::row_of(std::string_view text) const {
  const auto found = std::lower_bound(hashes_.begin(), hashes_.end(), hash(text));
  if (found == hashes_.end() || *found != hash(text)) return 0;
  return static_cast<std::uint32_t>(found - hashes_.begin()) + 1;
}

ArcInput::ArcInput(const Sentence& sentence, const ArcNetwork& network)
    : forms(1), endings(1), tags(1) {
  for (auto& seen : seen_) seen.assign(2, 0);
  for (const Word& word : sentence) {
    const std::string form = normalized(word.form);
    forms.push_back(network.forms.row_of(form));
    endings.push_back(network.endings.row_of(ending_of(form)));
    tags.push_back(network.tags.row_of(word.tag));
    const std::size_t kind = kind_of(word.tag);
    for (std::size_t i = 0; i < kKinds; ++i) {
      seen_[i].push_back(seen_[i].back() + (kind >> i & 1));
    }
  }
}

std::string_view ArcInput::ending_of(std::string_view form) {
  return form.substr(form.size() - std::min(form.size(), kEnding));
}

std::size_t ArcInput::distance(std::size_t head, std::size_t dependent) const {
  if (head == 0) return 0;
  const std::size_t words = head > dependent ? head - dependent : dependent - head;
  const std::size_t step = words <= 5    ? words
                           : words <= 7  ? 6
                           : words <= 10 ? 7
                           : words <= 15 ? 8
                                         : 9;
  return head > dependent ? step : 9 + step;
}

std::size_t ArcInput::between(std::size_t head, std::size_t dependent) const {
  const auto [left, right] = std::minmax(head, dependent);
  std::size_t bits = 0;
  for (std::size_t i = 0; i < kKinds; ++i) {
    bits |= std::size_t{seen_[i][right] != seen_[i][left + 1]} << i;
  }
  return bits;
}

ArcNetwork ArcNetwork::read(std::string_view whole) {
  ContentReader content(whole);
  const auto size = [&](const char* what, std::uint64_t multiple, std::uint64_t most) {
    const std::uint64_t value = content.number();
    if (value == 0 || value % multiple != 0 || value > most) {
      throw FormatError(str("has a ", what, " of ", value, ", expected a multiple of ", multiple,
                            " up to ", most));
    }
    return static_cast<std::size_t>(value);
  };
  ArcNetwork network;
  const std::size_t width = size("width", kBlockOfWidth, kMaxWidth);
  const std::size_t hidden = size("hidden width", kBlockOfWidth, kMaxWidth);
  const std::size_t layers = size("number of layers", 1, kMaxLayers);
  network.relations = content.names(content.number());
  if (network.relations.empty() || network.relations.size() > kMaxRelations) {
    throw FormatError(
        str("has ", network.relations.size(), " relations, expected 1 to ", kMaxRelations));
  }
  network.forms = read_vocabulary(content);
  network.endings = read_vocabulary(content);
  network.tags = read_vocabulary(content);
  const auto matrix = [&](std::size_t rows, std::size_t columns) {
    return read_matrix(content, rows, columns);
  };
  // In the order of ArcNetwork::for_each.
  network.form = matrix(network.forms.rows(), width);
  network.ending = matrix(network.endings.rows(), width);
  network.tag = matrix(network.tags.rows(), width);
  network.root = matrix(1, width);
  for (std::size_t i = 0; i < layers; ++i) {
    Matrix weight = matrix(3 * width, width);
    network.layers.push_back({std::move(weight), matrix(1, width)});
  }
  network.head = matrix(width, hidden);
  network.dependent = matrix(width, hidden);
  network.distance = matrix(ArcNetwork::kDistances, hidden);
  network.between = matrix(ArcNetwork::kBetween, hidden);
  network.arc = matrix(1, hidden);
  network.relation = matrix(hidden, network.relations.size());
  network.relation_bias = matrix(1, network.relations.size());
  if (!content.rest().empty()) {
    throw FormatError(str("has ", content.rest().size(), " bytes behind its last matrix"));
  }
  return network;
}

ArcNetwork ArcNetwork::load(const std::filesystem::path& path) {
  const ModelFile model = read_model_file(path, kMark);
  try {
    return read(model.content);
  } catch (const FormatError& error) {
    throw FormatError(str(path.string(), ": ", error.what()));
  }
}

void ArcNetwork::save(const std::filesystem::path& path) const {
  write_model_file(path, kMark, content_of(*this));
}

ArcNetwork ArcNetwork::rounded() const {
  return read(content_of(*this));
}

void meet(const ArcNetwork& network, const ArcInput& input, const ArcWords& words, std::size_t head,
          std::size_t dependent, std::span<float> hidden) {
  const std::span<const float> h = words.heads[head], d = words.dependents[dependent],
                               distance = network.distance[input.distance(head, dependent)],
                               between = network.between[input.between(head, dependent)];
  for (std::size_t i = 0; i < hidden.size(); ++i) {
    const float sum = (h[i] + d[i]) + (distance[i] + between[i]);
    hidden[i] = sum > 0 ? sum : 0;
  }
}

Matrix with_neighbours(const Matrix& rows) {
  const std::size_t width = rows.columns();
  Matrix result(rows.rows(), 3 * width);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    if (i > 0) add(rows[i - 1], result[i].first(width));
    add(rows[i], result[i].subspan(width, width));
    if (i + 1 < rows.rows()) add(rows[i + 1], result[i].last(width));
  }
  return result;
}

ArcVotes::ArcVotes(const ArcNetwork& network, const Sentence& sentence)
    : network_(&network),
      input_(sentence, network),
      words_(look_at_words(network, input_, [](Matrix&) {})),
      arcs_(input_.places(), input_.places()),
      relations_(transposed(network.relation)),
      votes_(input_.places() * input_.places()),
      hidden_(network.hidden()) {
  for (std::size_t dependent = 1; dependent < input_.places(); ++dependent) {
    const std::span<float> scores = arcs_[dependent];
    float best = -INFINITY;
    for (std::size_t head = 0; head < scores.size(); ++head) {
      if (head == dependent) continue;
      meet(network, input_, words_, head, dependent, hidden_);
      scores[head] = dot(hidden_, network.arc[0]);
      best = std::max(best, scores[head]);
    }
    for (float& score : scores) score -= best;
  }
}

std::span<const std::int32_t> ArcVotes::of(std::size_t head, std::size_t dependent) {
  std::vector<std::int32_t>& votes = votes_[dependent * input_.places() + head];
  if (!votes.empty()) return votes;
  const float arc = arcs_[dependent][head];
  // Where an arc is out of the question, so are all its relations.
  if (!(arc > kHopeless)) {
    votes.assign(relations_.rows(), vote(arc));
    return votes;
  }
  meet(*network_, input_, words_, head, dependent, hidden_);
  std::vector<float> scores(network_->relation_bias[0].begin(), network_->relation_bias[0].end());
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += dot(hidden_, relations_[i]);
  const float best = *std::max_element(scores.begin(), scores.end());
  for (const float score : scores) votes.push_back(vote(arc + (score - best)));
  return votes;
}

}  // namespace metrics::english
