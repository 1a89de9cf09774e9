// Which caption belongs to which picture.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "scoring/evaluation.h"

namespace scoring {
namespace {

using base::FormatError;
using base::str;

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// Finds pictures by what a result may call them.
class PictureIndex {
 public:
  explicit PictureIndex(const std::vector<data::ReferencePicture>& pictures) {
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      ids_.emplace(pictures[i].id, i);
      const std::string& file = pictures[i].file_name;
      if (file.empty()) continue;
      longest_file_ = std::max(longest_file_, file.size());
      add(files_, file, i);
      add(base_names_, base_name(file), i);
    }
  }

  /// By id, else by the longest end of the path that is a file's name, else by the base name.
  std::optional<std::size_t> find(std::string_view id) const {
    if (const auto place = ids_.find(id); place != ids_.end()) return place->second;
    for (std::string_view end = id;; end.remove_prefix(end.find('/') + 1)) {
      if (end.size() <= longest_file_) {
        if (const auto place = files_.find(end); place != files_.end()) return place->second;
      }
      if (end.find('/') == end.npos) break;
    }
    const auto place = base_names_.find(base_name(id));
    return place == base_names_.end() ? std::nullopt : place->second;
  }

 private:
  /// Names that several pictures share find none.
  using Names = std::unordered_map<std::string_view, std::optional<std::size_t>>;

  static void add(Names& names, std::string_view name, std::size_t picture) {
    const auto [place, first] = names.emplace(name, picture);
    if (!first) place->second.reset();
  }

  std::unordered_map<std::string_view, std::size_t> ids_;
  Names files_, base_names_;
  std::size_t longest_file_ = 0;
};

/// The captions of a file in the order of the pictures; none where the file has none.
using Aligned = std::vector<const std::string*>;

Aligned align(const NamedResults& results, const PictureIndex& index, std::size_t pictures,
              const std::string& references) {
  Aligned captions(pictures);
  std::vector<const std::string*> ids(pictures);
  std::vector<std::string> extra;
  for (const data::CaptionResult& result : results.captions) {
    const std::optional<std::size_t> picture = index.find(result.id);
    if (!picture) {
      extra.push_back(result.id);
      continue;
    }
    if (captions[*picture]) {
      throw FormatError(str(results.name, ": ", *ids[*picture], " and ", result.id,
                            " are the same picture of ", references));
    }
    captions[*picture] = &result.caption;
    ids[*picture] = &result.id;
  }
  if (!extra.empty()) {
    throw FormatError(str(results.name, ": ", extra.size(), " of ", results.captions.size(),
                          " captions are of no picture of ", references, ": ",
                          data::first_few(extra)));
  }
  return captions;
}

/// "6 of 400 pictures have no caption: 3, 5, ..." for those that lacks(i) is true of; empty if
/// there are none.
template <class Lacks>
std::string describe_missing(const std::vector<data::ReferencePicture>& pictures, const char* what,
                             const Lacks& lacks) {
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (lacks(i)) missing.push_back(pictures[i].id);
  }
  if (missing.empty()) return {};
  return str(missing.size(), " of ", pictures.size(), " pictures have no ", what, ": ",
             data::first_few(missing));
}

std::string describe_captionless(const std::vector<data::ReferencePicture>& references) {
  return describe_missing(references, "captions",
                          [&](std::size_t i) { return references[i].captions.empty(); });
}

[[noreturn]] void refuse(const std::string& file, const std::string& missing) {
  throw FormatError(str(file, ": ", missing, " (--partial scores the others alone)"));
}

/// Base names, and whole paths where these are not enough to tell the files apart.
std::vector<std::string> short_names(const std::vector<NamedResults>& results) {
  std::unordered_map<std::string, int> count;
  for (const NamedResults& file : results) ++count[short_name(file.name)];
  std::vector<std::string> names;
  for (const NamedResults& file : results) {
    const std::string name = short_name(file.name);
    names.push_back(count[name] == 1 ? name : file.name);
  }
  return names;
}

}  // namespace

void expect_captions(const std::vector<data::ReferencePicture>& references,
                     const std::string& file) {
  const std::string missing = describe_captionless(references);
  if (!missing.empty()) refuse(file, missing);
}

std::string short_name(const std::string& path) {
  const bool pipe = path.starts_with("/dev/fd/") || path.starts_with("/proc/");
  return pipe ? path : std::filesystem::path(path).filename().string();
}

void pair_up(Evaluation& evaluation, std::vector<data::ReferencePicture> references,
             const std::vector<NamedResults>& results, bool partial) {
  const PictureIndex index(references);
  const auto leave_out = [&](const std::string& file, const std::string& missing) {
    if (missing.empty()) return;
    if (!partial) refuse(file, missing);
    evaluation.warnings.push_back(str(file, ": ", missing, "; they are left out"));
  };
  const auto described = [&](std::size_t i) { return !references[i].captions.empty(); };
  leave_out(evaluation.references, describe_captionless(references));
  std::vector<Aligned> aligned;
  for (const NamedResults& file : results) {
    aligned.push_back(align(file, index, references.size(), evaluation.references));
    leave_out(file.name, describe_missing(references, "caption", [&](std::size_t i) {
                return described(i) && !aligned.back()[i];
              }));
  }
  const std::vector<std::string> names = short_names(results);
  evaluation.results.resize(results.size());
  for (std::size_t r = 0; r < results.size(); ++r) evaluation.results[r].name = names[r];
  for (std::size_t i = 0; i < references.size(); ++i) {
    const auto has_caption = [i](const Aligned& captions) { return captions[i] != nullptr; };
    if (!described(i) || !std::all_of(aligned.begin(), aligned.end(), has_caption)) continue;
    for (std::size_t r = 0; r < results.size(); ++r) {
      evaluation.results[r].captions.push_back(*aligned[r][i]);
    }
    evaluation.pictures.push_back(std::move(references[i]));
  }
  if (evaluation.pictures.empty()) {
    throw FormatError(str(evaluation.references,
                          ": no picture has references and a caption in every file of results"));
  }
}

}  // namespace scoring
