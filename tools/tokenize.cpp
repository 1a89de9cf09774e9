// `blip tokenize`: a line of text in, its token ids out as a line of JSON; with --decode back.
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/lines.h"
#include "text/wordpiece.h"
#include "tools/commands.h"
#include "tools/output.h"

namespace tools {
namespace {

using base::Json;
using base::str;
using base::UsageError;

struct Options {
  std::filesystem::path model;
  bool decode = false;
};

int64_t parse_id(std::string_view word) {
  int64_t id = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
  if (error != std::errc() || end != word.data() + word.size()) {
    throw UsageError(str('"', word, "\" is not a token id"));
  }
  return id;
}

std::vector<int64_t> ids_of(const Json& list) {
  if (!list.is_array()) throw UsageError("expected ids, a list of them, or an object with \"ids\"");
  std::vector<int64_t> ids;
  for (const Json& id : list) {
    if (!id.is_integer(INT64_MIN, INT64_MAX)) {
      throw UsageError(str(id.dump(-1, Json::NotUtf8::replace), " is not a token id"));
    }
    ids.push_back(id.get<int64_t>());
  }
  return ids;
}

/// Ids as people and programs write them: `101 7592, 102`, `[101, 7592, 102]` or `{"ids": [...]}`.
std::vector<int64_t> parse_ids(std::string_view line) {
  constexpr std::string_view kBetween = ", \t\r";
  const std::size_t start = line.find_first_not_of(kBetween);
  if (start == std::string_view::npos) return {};
  if (line[start] == '[' || line[start] == '{') {
    const Json json = base::parse_json(line, "ids");
    return ids_of(json.is_object() && json.contains("ids") ? json["ids"] : json);
  }
  std::vector<int64_t> ids;
  for (std::size_t begin = start; begin != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kBetween, begin), line.size());
    ids.push_back(parse_id(line.substr(begin, end - begin)));
    begin = line.find_first_not_of(kBetween, end);
  }
  return ids;
}

Json encode(const text::WordPiece& tokenizer, const std::string& line) {
  const std::vector<int64_t> ids = tokenizer.encode(line);
  Json pieces = Json::array();
  for (const int64_t id : ids) pieces.push_back(tokenizer.piece(id));
  return Json{{"text", line}, {"ids", ids}, {"pieces", std::move(pieces)}};
}

Json decode(const text::WordPiece& tokenizer, const std::string& line, int64_t number) {
  const std::vector<int64_t> ids = parse_ids(line);
  for (const int64_t id : ids) {
    if (id >= tokenizer.size()) {
      std::cerr << "blip: line " << number << ": note: id " << id
                << " is beyond the vocabulary and adds nothing to the text\n";
    }
  }
  return Json{{"ids", ids}, {"text", tokenizer.decode(ids)}};
}

int run(const Options& options) {
  const auto tokenizer = text::WordPiece::load(model_folder(options.model));
  int code = kOk;
  base::StreamLines lines(std::cin, "standard input");
  for (std::string line; lines.next(line);) {
    Json result;
    try {
      result = options.decode ? decode(tokenizer, line, lines.number()) : encode(tokenizer, line);
    } catch (const base::Error& error) {
      std::cerr << "blip: line " << lines.number() << ": " << error.what() << '\n';
      code = kSomeFailed;
      continue;
    }
    // What is not UTF-8 is shown as the tokenizer saw it.
    print(result.dump(-1, Json::NotUtf8::replace) + '\n');
  }
  if (std::ferror(stdin)) {
    throw base::FileError(str("standard input: cannot read: ", std::strerror(errno)));
  }
  return code;
}

}  // namespace

void add_tokenize(Command app, Job& job) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("tokenize", "Text to token ids, and back");
  add_model_option(command, options->model);
  command.add_flag("--decode", options->decode, "Read ids, print text");
  command.footer(
      "Reads lines from standard input and prints an object for each:\n"
      "  {\"text\": ..., \"ids\": [...], \"pieces\": [...]}, or {\"ids\": [...], \"text\": ...} "
      "with "
      "--decode.\n"
      "Special tokens are found where the text names them ([SEP]), never added; decoding leaves "
      "them\n"
      "out. With --decode a line holds ids between spaces or commas, a JSON list, or an object "
      "with\n"
      "\"ids\". A line that cannot be read is named on standard error, and the others go on.\n"
      "\n"
      "Examples:\n"
      "  echo 'a navy t-shirt' | blip tokenize\n"
      "  echo '5 33, 17' | blip tokenize --decode\n"
      "  blip tokenize --model ~/blip-image-captioning-large < captions.txt > ids.jsonl\n"
      "  blip tokenize --model ~/blip-image-captioning-large --decode < ids.jsonl");
  command.callback([options, &job] { job = [options] { return run(*options); }; });
}

}  // namespace tools
