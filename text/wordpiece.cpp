#include "text/wordpiece.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "text/normalize.h"
#include "text/unicode.h"

namespace text {
namespace {

constexpr std::size_t kLongestWord = 100;  // code points; a longer word is unknown
constexpr std::string_view kContinuation = "##";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  std::size_t at = text.find(from);
  if (at == std::string::npos) return;
  std::string out;
  std::size_t begin = 0;
  for (; at != std::string::npos; at = text.find(from, begin)) {
    out.append(text, begin, at - begin).append(to);
    begin = at + from.size();
  }
  text = out.append(text, begin);
}

constexpr std::pair<std::string_view, std::string_view> kCleanUps[] = {
    {" .", "."},   {" ?", "?"},     {" !", "!"},     {" ,", ","},
    {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},   {" do not", " don't"},
    {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"},
};

/// Takes out the space before punctuation. transformers cleans every piece by itself (so "don ' t"
/// stays as it is), and where the folder asks for it the whole text, without " do not" then.
void clean_up(std::string& text, bool whole_text) {
  for (const auto& [from, to] : kCleanUps) {
    if (!whole_text || from != " do not") replace_all(text, from, to);
  }
}

}  // namespace

WordPiece WordPiece::load(const std::filesystem::path& folder) {
  return WordPiece(read_vocabulary(folder));
}

WordPiece::WordPiece(std::vector<std::string> pieces)
    : WordPiece(plain_vocabulary(std::move(pieces))) {}

WordPiece::WordPiece(Vocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {
  tokens_ = std::exchange(vocabulary_.pieces, {});
  sorted_.resize(tokens_.size());
  std::iota(sorted_.begin(), sorted_.end(), 0u);
  std::sort(sorted_.begin(), sorted_.end(),
            [this](uint32_t a, uint32_t b) { return tokens_[a] < tokens_[b]; });
  continuations_ = {0, sorted_.size()};
  for (std::size_t depth = 0; depth < kContinuation.size(); ++depth) {
    continuations_ = narrow(continuations_, depth, kContinuation[depth]);
  }

  special_.resize(tokens_.size());
  for (const AddedToken& token : vocabulary_.added) {
    const std::string form =
        token.normalized ? normalize(token.content, vocabulary_.normalization) : token.content;
    if (token.id == size()) {
      tokens_.push_back(form);
      special_.push_back(false);
    }
    special_[static_cast<std::size_t>(token.id)] = token.special;
    (token.normalized ? normalized_ : raw_).add(form, token.id);
  }
}

std::vector<int64_t> WordPiece::encode(std::string_view text) const {
  std::vector<int64_t> ids;
  const auto on_token = [&](int64_t id) { ids.push_back(id); };
  const auto on_words = [&](std::string_view words) { encode_words(words, ids); };
  const auto on_text = [&](std::string_view part) {
    normalized_.split(normalize(part, vocabulary_.normalization), on_words, on_token);
  };
  raw_.split(text, on_text, on_token);
  return ids;
}

/// Words end at a space; a punctuation mark is a word of its own.
void WordPiece::encode_words(std::string_view normalized, std::vector<int64_t>& ids) const {
  std::size_t length = 0;  // of the word so far, in code points
  const char* begin = normalized.data();
  const auto finish = [&](const char* end) {
    if (length > kLongestWord) {
      ids.push_back(unk_id());
    } else if (length > 0) {
      encode_word({begin, static_cast<std::size_t>(end - begin)}, ids);
    }
    length = 0;
  };
  while (!normalized.empty()) {
    const char* at = normalized.data();
    const char32_t c = base::take_code_point(normalized);
    const bool space = is_whitespace(c);
    if (space || is_punctuation(c)) {
      finish(at);
      if (!space) encode_word({at, static_cast<std::size_t>(normalized.data() - at)}, ids);
    } else {
      if (length == 0) begin = at;
      ++length;
    }
  }
  finish(normalized.data());
}

/// The longest piece that begins the word, then the longest "##" piece that begins the rest, and so
/// on; a word with a rest that no piece begins is unknown as a whole.
void WordPiece::encode_word(std::string_view word, std::vector<int64_t>& ids) const {
  const std::size_t before = ids.size();
  Match match = longest({0, sorted_.size()}, 0, word);
  while (match.id >= 0) {
    ids.push_back(match.id);
    word.remove_prefix(match.size);
    if (word.empty()) return;
    match = longest(continuations_, kContinuation.size(), word);
  }
  ids.resize(before);
  ids.push_back(unk_id());
}

/// Of a group whose pieces share their first `depth` bytes, those that go on with `byte`.
WordPiece::Group WordPiece::narrow(Group group, std::size_t depth, char byte) const {
  const auto next = [&](uint32_t id) {  // the byte at `depth`; -1 at the end of the piece
    const std::string& piece = tokens_[id];
    return depth < piece.size() ? static_cast<unsigned char>(piece[depth]) : -1;
  };
  const int wanted = static_cast<unsigned char>(byte);
  const auto begin = sorted_.begin() + static_cast<std::ptrdiff_t>(group.begin);
  const auto end = sorted_.begin() + static_cast<std::ptrdiff_t>(group.end);
  const auto first =
      std::partition_point(begin, end, [&](uint32_t id) { return next(id) < wanted; });
  const auto last =
      std::partition_point(first, end, [&](uint32_t id) { return next(id) == wanted; });
  return {static_cast<std::size_t>(first - sorted_.begin()),
          static_cast<std::size_t>(last - sorted_.begin())};
}

/// The longest piece of a group, whose pieces share their first `depth` bytes, that goes on as
/// `text` begins.
WordPiece::Match WordPiece::longest(Group group, std::size_t depth, std::string_view text) const {
  Match best{-1, 0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    group = narrow(group, depth + i, text[i]);
    if (group.begin == group.end) break;
    const uint32_t shortest = sorted_[group.begin];
    if (tokens_[shortest].size() == depth + i + 1) best = {shortest, i + 1};
  }
  return best;
}

std::string WordPiece::decode(std::span<const int64_t> ids, bool skip_special_tokens) const {
  std::string text;
  bool first = true;
  for (const int64_t id : ids) {
    if (id < 0) throw base::UsageError(base::str("decode: token id ", id, " is negative"));
    if (id >= size()) continue;
    if (skip_special_tokens && special_[static_cast<std::size_t>(id)]) continue;
    std::string_view token = tokens_[static_cast<std::size_t>(id)];
    std::string part;
    if (!first && token.substr(0, kContinuation.size()) == kContinuation) {
      token.remove_prefix(kContinuation.size());
    } else if (!first) {
      part = " ";
    }
    part += token;
    clean_up(part, false);
    text += part;
    first = false;
  }
  if (vocabulary_.clean_up_spaces) clean_up(text, true);
  return text;
}

const std::string& WordPiece::piece(int64_t id) const {
  if (id < 0 || id >= size()) {
    throw base::UsageError(
        base::str("token id ", id, " is outside the vocabulary of ", size(), " pieces"));
  }
  return tokens_[static_cast<std::size_t>(id)];
}

int64_t WordPiece::id(std::string_view piece) const {
  for (const AddedToken& token : vocabulary_.added) {
    if (token.content == piece) return token.id;
  }
  const Match match = longest({0, sorted_.size()}, 0, piece);
  return match.size == piece.size() ? match.id : -1;
}

}  // namespace text
