// Files of captions: what people wrote about pictures (references), what a program wrote (results).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace data {

/// A picture with everything a file of references says about it.
struct ReferencePicture {
  std::string id;         ///< as the file has it; a number in decimal
  std::string file_name;  ///< may be empty
  std::string split;      ///< "train", "val", "test", "restval" where the file says so, else empty
  std::vector<std::string> captions;
  /// In the order of its annotations; as often as the annotation that has it most often.
  std::vector<std::string> attributes;
  std::string category;  ///< empty where there is none
};

/// What becomes of pictures that a file of references says nothing about.
enum class Captionless { kRefuse, kKeep };

/// Reads references; the form is found from the content and the extension:
///   COCO      {"images": [{"id", "file_name"}], "annotations": [{"image_id", "caption"}]}, where
///             an annotation may have "attributes" and "category"
///   Karpathy  {"images": [{"cocoid" or "imgid", "filename", "split", "sentences": [{"raw"}]}]}
///   JSONL     a line {"image_id" or "id" or "path", "caption" or "captions": [...]}
///   CSV       a header with image_id (or id, image, path, file_name) and caption; RFC 4180
/// `split` keeps the pictures of that split alone (Karpathy); empty keeps all. FormatError that
/// names the file, the picture and what is wrong: a duplicate id, a number for a caption, text that
/// is not UTF-8, a picture without captions (unless these are kept), ... `path` may be a pipe or
/// `-`.
std::vector<ReferencePicture> read_references(const std::filesystem::path& path,
                                              const std::string& split = "",
                                              Captionless captionless = Captionless::kRefuse);

/// One caption to judge.
struct CaptionResult {
  std::string id;
  std::string caption;
};

/// Reads results: COCO [{"image_id", "caption"}], JSONL (what `blip caption --json` prints too: the
/// id is then the path) or CSV. FormatError as above; a duplicate id is one.
std::vector<CaptionResult> read_results(const std::filesystem::path& path);

/// For messages: "5, 7, 9, 12, 13 and 40 more".
std::string first_few(const std::vector<std::string>& ids);

}  // namespace data
