#include "tools/report_pictures.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "tools/html.h"

namespace fs = std::filesystem;

namespace tools {
namespace {

using base::str;

constexpr std::size_t kEmbeddedBytes = 512 * 1024, kReferencesShown = 6;

std::string base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += i + j <= bytes.size() ? kDigits[group >> (18 - 6 * j) & 63] : '=';
    }
  }
  return text;
}

/// Of what browsers show; null for anything else.
const char* media_type(std::string_view bytes) {
  if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (bytes.starts_with("GIF8")) return "image/gif";
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP")) return "image/webp";
  if (bytes.starts_with("BM")) return "image/bmp";
  return nullptr;
}

/// A link from the report: percent signs for what a URL does not hold.
std::string relative_link(const fs::path& file, const fs::path& report) {
  const fs::path link = fs::absolute(file).lexically_relative(fs::absolute(report).parent_path());
  std::string url;
  for (const char c : link.generic_string()) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || (c >= '0' && c <= '9') ||
        std::string_view("-._~/").find(c) != std::string::npos) {
      url += c;
    } else {
      constexpr char kHex[] = "0123456789ABCDEF";
      url += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return url;
}

/// The file of a picture in the folder: under its whole name, or its name without folders. A name
/// that leads out of the folder is none.
std::optional<fs::path> picture_file(const fs::path& folder,
                                     const data::ReferencePicture& picture) {
  const fs::path name = fs::path(picture.file_name).lexically_normal();
  if (folder.empty() || name.empty() || name.filename().empty()) return std::nullopt;
  std::error_code absent;
  const bool inside = name.is_relative() && *name.begin() != "..";
  if (inside && fs::is_regular_file(folder / name, absent)) return folder / name;
  if (fs::is_regular_file(folder / name.filename(), absent)) return folder / name.filename();
  return std::nullopt;
}

std::string picture_html(const data::ReferencePicture& picture, const ReportOptions& options) {
  const std::optional<fs::path> file = picture_file(options.images, picture);
  if (!file) return "";
  const auto mapped = base::MappedFile::open(*file);
  const std::string_view content(reinterpret_cast<const char*>(mapped->bytes().data()),
                                 mapped->bytes().size());
  const char* type = media_type(content);
  if (!type) return "";
  const std::string source = content.size() <= kEmbeddedBytes
                                 ? str("data:", type, ";base64,", base64(content))
                                 : relative_link(*file, options.output);
  return str("<img loading=\"lazy\" alt=\"picture ", escape_html(picture.id), "\" src=\"", source,
             "\">");
}

std::string lower(std::string word) {
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  while (!word.empty() && std::string_view(".,;:!?").find(word.back()) != std::string_view::npos) {
    word.pop_back();
  }
  return word;
}

std::vector<std::string> words_of(const std::string& caption) {
  std::vector<std::string> words = cut_caption(caption).words;
  for (std::string& word : words) word = lower(std::move(word));
  return words;
}

/// Words of the caption that none of the references has.
std::vector<bool> words_of_its_own(const std::string& caption,
                                   const std::vector<std::string>& references) {
  std::set<std::string> known;
  for (const std::string& reference : references) {
    const std::vector<std::string> words = words_of(reference);
    known.insert(words.begin(), words.end());
  }
  std::vector<bool> own;
  for (const std::string& word : words_of(caption)) own.push_back(!known.contains(word));
  return own;
}

std::string scores_html(const ScoredResults& results, std::size_t picture) {
  std::string html = "<span class=\"scores\">";
  for (const MetricColumn& column : results.columns) {
    html += str("<span class=\"score\">", escape_html(column.title), " <b>",
                fixed(column.scores.images[picture], 3), "</b></span> ");
  }
  return html + "</span>";
}

}  // namespace

std::size_t ranking_column(const Evaluation& evaluation) {
  const std::vector<MetricColumn>& columns = evaluation.results[0].columns;
  for (const char* key : {"cider_d", "cider", "spice", "meteor", "rouge_l", "bleu_4"}) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (columns[c].key == key) return c;
    }
  }
  return 0;
}

std::vector<std::size_t> ranked(const Evaluation& evaluation, std::size_t column) {
  const std::vector<double>& scores = evaluation.results[0].columns[column].scores.images;
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  return order;
}

std::vector<bool> different_words(const std::vector<std::string>& words,
                                  const std::vector<std::string>& others) {
  // longest[i][j]: of words[i..] and others[j..].
  const std::size_t columns = others.size() + 1;
  std::vector<std::size_t> longest((words.size() + 1) * columns);
  for (std::size_t i = words.size(); i-- > 0;) {
    for (std::size_t j = others.size(); j-- > 0;) {
      longest[i * columns + j] = words[i] == others[j] ? longest[(i + 1) * columns + j + 1] + 1
                                                       : std::max(longest[(i + 1) * columns + j],
                                                                  longest[i * columns + j + 1]);
    }
  }
  std::vector<bool> different(words.size(), true);
  for (std::size_t i = 0, j = 0; i < words.size() && j < others.size();) {
    if (words[i] == others[j]) {
      different[i++] = false;
      ++j;
    } else if (longest[(i + 1) * columns + j] >= longest[i * columns + j + 1]) {
      ++i;
    } else {
      ++j;
    }
  }
  return different;
}

std::string picture_card(const Evaluation& evaluation, std::size_t picture,
                         const ReportOptions& options) {
  const data::ReferencePicture& reference = evaluation.pictures[picture];
  const bool several = evaluation.results.size() > 1;
  const std::string name =
      reference.file_name.empty() || reference.file_name == reference.id ? "" : reference.file_name;
  std::string html = str(
      "<article class=\"card\">", picture_html(reference, options),
      "<div class=\"text\"><p class=\"id\">", caption_html(reference.id),
      name.empty() ? "" : " · " + caption_html(name),
      reference.category.empty() ? "" : " · category " + caption_html(reference.category), "</p>");
  for (std::size_t r = 0; r < evaluation.results.size(); ++r) {
    const ScoredResults& results = evaluation.results[r];
    const std::string& caption = results.captions[picture];
    // The first file's caption shows what the second's lacks, every other what the first's lacks.
    const std::vector<bool> marked =
        several ? different_words(words_of(caption),
                                  words_of(evaluation.results[r == 0 ? 1 : 0].captions[picture]))
                : words_of_its_own(caption, reference.captions);
    html += str("<div class=\"hypothesis series", r % 5, "\">",
                several ? str("<span class=\"source\">", escape_html(results.name), "</span>") : "",
                caption_html(caption, marked), scores_html(results, picture), "</div>");
  }
  html += "<ul class=\"references\">";
  const std::size_t shown = std::min(reference.captions.size(), kReferencesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    html += "<li>" + caption_html(reference.captions[i]) + "</li>";
  }
  if (shown < reference.captions.size()) {
    html += str("<li class=\"muted\">and ", reference.captions.size() - shown, " more</li>");
  }
  return html + "</ul></div></article>\n";
}

}  // namespace tools
