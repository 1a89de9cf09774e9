#include "scoring/category_words.h"

#include <unordered_map>

#include "base/error.h"
#include "base/json.h"
#include "data/caption_records.h"

namespace scoring {

std::vector<metrics::CategoryWord> read_category_words(
    const std::filesystem::path& path, std::vector<data::ReferencePicture>& pictures) {
  const base::Json file = base::read_json(path);
  const auto refuse = [&](const std::string& what) {
    throw base::FormatError(base::str(path.string(), ": ", what,
                                      ", expected {\"NUMBER\": \"word\" or [\"word\", ...], ...}"));
  };
  if (!file.is_object()) refuse(base::str("the file is ", data::kind_of(file)));
  std::vector<metrics::CategoryWord> words;
  std::unordered_map<std::string, std::string> names;
  for (const auto& [number, value] : file.items()) {
    const base::Json list = value.is_array() ? value : base::Json::array({value});
    if (list.empty()) refuse(base::str("category ", number, " has no words"));
    for (const base::Json& word : list) {
      if (!word.is_string()) {
        refuse(base::str("category ", number, " has a word that is ", data::kind_of(word)));
      }
      const std::string& name = names.emplace(number, word.string()).first->second;
      words.push_back({.phrase = word.string(), .category = name});
    }
  }
  for (data::ReferencePicture& picture : pictures) {
    if (const auto name = names.find(picture.category); name != names.end()) {
      picture.category = name->second;
    }
  }
  return words;
}

}  // namespace scoring
