#include "data/captions.h"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>

#include "base/error.h"
#include "data/caption_records.h"

namespace data {
namespace {

using base::FormatError;
using base::Json;
using base::str;
using Form = CaptionFile::Form;

/// The pictures of one file, found by their ids.
class Pictures {
 public:
  explicit Pictures(std::string name) : name_(std::move(name)) {}

  ReferencePicture& add(std::string id, const std::string& where) {
    if (!index_.emplace(id, pictures_.size()).second) {
      throw FormatError(str(where, ": duplicate picture ", id));
    }
    ReferencePicture& picture = pictures_.emplace_back();
    picture.id = std::move(id);
    return picture;
  }

  ReferencePicture* find(const std::string& id) {
    const auto place = index_.find(id);
    return place == index_.end() ? nullptr : &pictures_[place->second];
  }

  /// All, each with captions unless others are kept.
  std::vector<ReferencePicture> take(Captionless captionless) {
    if (pictures_.empty()) throw FormatError(str(name_, ": no pictures"));
    if (captionless == Captionless::kKeep) return std::move(pictures_);
    std::vector<std::string> silent;
    for (const ReferencePicture& picture : pictures_) {
      if (picture.captions.empty()) silent.push_back(picture.id);
    }
    if (!silent.empty()) {
      throw FormatError(str(name_, ": ", silent.size(), " of ", pictures_.size(),
                            " pictures have no captions: ", first_few(silent)));
    }
    return std::move(pictures_);
  }

 private:
  std::string name_;
  std::vector<ReferencePicture> pictures_;
  std::unordered_map<std::string, std::size_t> index_;
};

/// Whether an optional key says anything.
bool has(const Json& object, const char* key) {
  return object.contains(key) && !object[key].is_null();
}

/// The number or name of a category, and the names of those that are numbers.
using CategoryNames = std::unordered_map<std::string, std::string>;

CategoryNames category_names(const Json& file, const std::string& name) {
  CategoryNames names;
  if (!has(file, "categories")) return names;
  for (const Json& category : list_of(file, "categories", name)) {
    const std::string where = str(name, ": a category");
    names.emplace(picture_id(category, {"id"}, where), text_of(category, "name", where));
  }
  return names;
}

/// What an annotation or a record says beside its caption.
void add_attributes(ReferencePicture& picture, const Json& json, const CategoryNames& names,
                    const std::string& where) {
  if (has(json, "attributes")) {
    // What one annotation says twice counts twice; what the next one says again does not.
    std::unordered_map<std::string, int> known, listed;
    for (const std::string& attribute : picture.attributes) ++known[attribute];
    for (const Json& attribute : list_of(json, "attributes", where)) {
      if (!attribute.is_string()) {
        throw FormatError(
            str(where, ": an attribute is ", kind_of(attribute), ", expected a string"));
      }
      const std::string& text = attribute.string();
      if (++listed[text] > known[text]) picture.attributes.push_back(text);
    }
  }
  if (has(json, "category")) {
    std::string category = picture_id(json, {"category"}, where);
    if (const auto name = names.find(category); name != names.end()) category = name->second;
    if (!picture.category.empty() && picture.category != category) {
      throw FormatError(str(where, ": picture ", picture.id, " is of category ", category,
                            ", and elsewhere of category ", picture.category));
    }
    picture.category = std::move(category);
  }
}

std::vector<ReferencePicture> read_coco(const Json& file, const std::string& name,
                                        Captionless captionless) {
  Pictures pictures(name);
  std::size_t number = 0;
  for (const Json& image : list_of(file, "images", name)) {
    const std::string where = str(name, ": image ", ++number);
    ReferencePicture& picture = pictures.add(picture_id(image, {"id"}, where), where);
    if (has(image, "file_name")) picture.file_name = text_of(image, "file_name", where);
  }
  const CategoryNames names = category_names(file, name);
  number = 0;
  for (const Json& annotation : list_of(file, "annotations", name)) {
    std::string where = str(name, ": annotation ", ++number);
    const std::string id = picture_id(annotation, {"image_id"}, where);
    where += str(" (picture ", id, ")");
    ReferencePicture* picture = pictures.find(id);
    if (!picture) throw FormatError(str(where, ": no such picture among the images"));
    picture->captions.push_back(text_of(annotation, "caption", where));
    add_attributes(*picture, annotation, names, where);
  }
  return pictures.take(captionless);
}

std::vector<ReferencePicture> read_karpathy(const Json& file, const std::string& name,
                                            const std::string& split, Captionless captionless) {
  Pictures pictures(name);
  std::set<std::string> splits;
  std::size_t number = 0;
  for (const Json& image : list_of(file, "images", name)) {
    std::string where = str(name, ": image ", ++number);
    std::string id = picture_id(image, {"cocoid", "imgid"}, where);
    where += str(" (picture ", id, ")");
    const std::string of = has(image, "split") ? text_of(image, "split", where) : std::string();
    splits.insert(of);
    if (!split.empty() && of != split) continue;
    ReferencePicture& picture = pictures.add(std::move(id), where);
    picture.split = of;
    picture.file_name = text_of(image, "filename", where);
    for (const Json& sentence : list_of(image, "sentences", where)) {
      picture.captions.push_back(text_of(sentence, "raw", where));
    }
  }
  if (!split.empty() && !splits.contains(split)) {
    throw FormatError(str(name, ": no picture is of split \"", split, "\"; there are ",
                          first_few({splits.begin(), splits.end()})));
  }
  return pictures.take(captionless);
}

/// The name of its file that a record gives, if any.
std::string file_name_of(const Json& json, const std::string& where) {
  for (const char* key : {"file_name", "path", "image"}) {
    if (json.contains(key) && json[key].is_string()) return text_of(json, key, where);
  }
  return {};
}

std::vector<ReferencePicture> read_records(const std::vector<CaptionRecord>& records,
                                           const std::string& name, Captionless captionless) {
  Pictures pictures(name);
  for (const auto& [json, where] : records) {
    const std::string id = picture_id(json, kRecordIds, where);
    ReferencePicture* picture = pictures.find(id);
    if (!picture) {
      picture = &pictures.add(id, where);
      picture->file_name = file_name_of(json, where);
    }
    if (json.contains("captions")) {
      for (const Json& caption : list_of(json, "captions", where)) {
        if (!caption.is_string()) {
          throw FormatError(str(where, " (picture ", id, "): a caption is ", kind_of(caption),
                                ", expected a string"));
        }
        picture->captions.push_back(caption.string());
      }
    } else {
      picture->captions.push_back(text_of(json, "caption", str(where, " (picture ", id, ")")));
    }
    add_attributes(*picture, json, {}, where);
  }
  return pictures.take(captionless);
}

}  // namespace

std::string first_few(const std::vector<std::string>& ids) {
  constexpr std::size_t kShown = 5;
  std::string list;
  for (std::size_t i = 0; i < std::min(ids.size(), kShown); ++i) list += (i ? ", " : "") + ids[i];
  if (ids.size() > kShown) list += str(" and ", ids.size() - kShown, " more");
  return list;
}

std::vector<ReferencePicture> read_references(const std::filesystem::path& path,
                                              const std::string& split, Captionless captionless) {
  const std::string name = path == "-" ? "standard input" : path.string();
  const CaptionFile file = read_caption_file(path);
  if (file.form == Form::kList) {
    throw FormatError(
        str(name,
            ": a JSON list is a file of results; references are {\"images\": [...], "
            "\"annotations\": [...]}, Karpathy's {\"images\": [{\"sentences\": ...}]}, "
            "JSONL or CSV"));
  }
  const bool karpathy = file.form == Form::kObject && !file.object.contains("annotations");
  if (karpathy) return read_karpathy(file.object, name, split, captionless);
  if (!split.empty()) {
    throw FormatError(str(name, ": not in Karpathy's form, so there is no split \"", split, "\""));
  }
  return file.form == Form::kObject ? read_coco(file.object, name, captionless)
                                    : read_records(file.records, name, captionless);
}

std::vector<CaptionResult> read_results(const std::filesystem::path& path) {
  const std::string name = path == "-" ? "standard input" : path.string();
  const CaptionFile file = read_caption_file(path);
  if (file.form == Form::kObject) {
    throw FormatError(str(name,
                          ": {\"images\": ...} is a file of references; results are a list "
                          "[{\"image_id\": ..., \"caption\": ...}], JSONL or CSV"));
  }
  std::vector<CaptionResult> results;
  std::unordered_map<std::string, const std::string*> places;
  for (const auto& [json, where] : file.records) {
    std::string id = picture_id(json, kRecordIds, where);
    const auto [place, first] = places.emplace(id, &where);
    if (!first) {
      throw FormatError(str(where, ": duplicate picture ", id, ", first in ", *place->second));
    }
    if (json.contains("error") && !json.contains("caption")) continue;  // `blip caption` failed
    if (json.contains("captions")) {
      throw FormatError(str(where, " (picture ", id,
                            "): \"captions\" are references; a result has one "
                            "\"caption\""));
    }
    results.push_back({.id = std::move(id), .caption = {}});
    results.back().caption =
        text_of(json, "caption", str(where, " (picture ", results.back().id, ")"));
  }
  return results;
}

}  // namespace data
