// blip caption: pictures in, a line for each caption out.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "base/error.h"
#include "blip/captioner.h"
#include "tools/adapter_option.h"
#include "tools/captioning.h"
#include "tools/checks.h"
#include "tools/commands.h"
#include "tools/generation_options.h"
#include "tools/interrupt.h"
#include "tools/output.h"
#include "tools/picture_list.h"
#include "tools/sidecar.h"

namespace tools {
namespace {

using base::str;
using tensor::Tensor;

struct Options {
  std::filesystem::path model;
  std::optional<int64_t> image_size;
  AdapterArguments adapter;
  PictureArguments pictures;
  GenerationArguments generation;
  std::string prompt;
  std::size_t batch = 2;
  bool json = false;
  std::string sidecar;
  bool skip_existing = false, overwrite = false, append = false;
};

/// What is captioned, and where the captions go.
struct Work {
  std::vector<PictureEntry> entries;
  std::optional<Sidecars> sidecars;
  std::string standard_input;  ///< the picture "-", if it is among the entries
};

/// Everything that can be refused before a large model is loaded.
Work prepare(const Options& options) {
  Work work{.entries = list_pictures(options.pictures), .sidecars = {}, .standard_input = {}};
  const std::vector<std::string>& paths = options.pictures.paths;
  const bool from_standard_input = std::count(paths.begin(), paths.end(), "-") > 0;
  if (options.sidecar.empty()) {
    if (options.skip_existing || options.overwrite || options.append) {
      throw base::UsageError("--skip-existing, --overwrite and --append need --sidecar");
    }
  } else {
    if (from_standard_input) {
      throw base::UsageError("--sidecar: a picture on standard input has no place for a text file");
    }
    work.sidecars.emplace(options.sidecar, options.skip_existing ? Existing::skip
                                           : options.overwrite   ? Existing::overwrite
                                           : options.append      ? Existing::append
                                                                 : Existing::refuse);
    std::vector<std::string> pictures;
    for (const PictureEntry& entry : work.entries) pictures.push_back(entry.path);
    work.sidecars->reserve(pictures);
  }
  if (from_standard_input) work.standard_input = read_standard_input();
  return work;
}

std::string json_line(const std::string& path, const blip::Caption& caption) {
  std::string line = "{\"path\":" + json_string(path) + ",\"caption\":" + json_string(caption.text);
  line += ",\"token_ids\":" + base::Json(caption.token_ids).dump();
  line += ",\"score\":" + base::Json(caption.score).dump() + ",\"token_logprobs\":[";
  for (std::size_t i = 0; i < caption.token_logprobs.size(); ++i) {
    line += (i > 0 ? "," : "") + json_number(caption.token_logprobs[i]);
  }
  return line + "]}\n";
}

/// Captions the pictures and reports what becomes of each.
class Captioning {
 public:
  Captioning(const Options& options, const Work& work, const blip::Captioner& captioner)
      : options_(options),
        work_(work),
        captioner_(captioner),
        generation_(options.generation.apply(captioner)),
        prompt_(captioner.prompt_ids(options.prompt)) {}

  int run();

 private:
  Tensor read(std::size_t index) const;
  std::vector<int64_t> prompt(std::size_t index) const;
  void report(std::size_t index, const std::vector<blip::Caption>& captions);
  void report_error(std::size_t index, const std::string& error);
  void summarise(std::size_t finished) const;

  const Options& options_;
  const Work& work_;
  const blip::Captioner& captioner_;
  const nn::GenerationOptions generation_;
  const std::vector<int64_t> prompt_;
  std::size_t skipped_ = 0, failed_ = 0, cut_ = 0;
};

int Captioning::run() {
  const std::size_t finished = caption_with_progress(
      captioner_,
      {.count = work_.entries.size(),
       .batch = options_.batch,
       .generation = generation_,
       .read = [this](std::size_t i) { return read(i); },
       .prompt = [this](std::size_t i) { return prompt(i); },
       .captioned = [this](std::size_t i, const auto& captions) { report(i, captions); },
       .failed = [this](std::size_t i, const auto& error) { report_error(i, error); },
       .skipped = [this](std::size_t) { ++skipped_; },
       .stop = {},
       .before_report = {},
       .reported = {}});
  summarise(finished);
  if (finished < work_.entries.size()) return kInterrupted;
  return failed_ > 0 ? kSomeFailed : kOk;
}

/// The pixels of a picture, none if it is to be skipped. Runs in the reader's threads.
Tensor Captioning::read(std::size_t index) const {
  const PictureEntry& entry = work_.entries[index];
  if (!entry.error.empty()) throw base::FileError(entry.error);
  if (work_.sidecars && !work_.sidecars->wanted(index)) return {};
  const data::Image image =
      entry.path == "-"
          ? data::decode_image(std::as_bytes(std::span(work_.standard_input)), "standard input")
          : data::read_image(entry.path);
  return captioner_.image_processor()(image);
}

/// The prompt of a picture's own, else everybody's.
std::vector<int64_t> Captioning::prompt(std::size_t index) const {
  const PictureEntry& entry = work_.entries[index];
  if (entry.prompt.empty()) return prompt_;
  try {
    return captioner_.prompt_ids(entry.prompt);
  } catch (const base::Error& error) {
    throw base::UsageError(str(entry.path, ": ", error.what()));
  }
}

void Captioning::report(std::size_t index, const std::vector<blip::Caption>& captions) {
  const std::string& path = work_.entries[index].path;
  std::string lines;
  std::vector<std::string> texts;
  for (const blip::Caption& caption : captions) {
    lines += options_.json ? json_line(path, caption)
                           : escape_field(path) + '\t' + escape_field(caption.text) + '\n';
    texts.push_back(caption.text);
  }
  if (work_.sidecars) {
    try {
      work_.sidecars->write(index, texts);
    } catch (const base::Error& error) {
      return report_error(index, error.what());
    }
  }
  cut_ += static_cast<std::size_t>(
      std::count_if(captions.begin(), captions.end(), [](const auto& c) { return !c.finished; }));
  print(lines);
}

void Captioning::report_error(std::size_t index, const std::string& error) {
  ++failed_;
  if (options_.json) {
    print("{\"path\":" + json_string(work_.entries[index].path) +
          ",\"error\":" + json_string(error) + "}\n");
  } else {
    std::cerr << "blip caption: " << error << '\n';
  }
}

void Captioning::summarise(std::size_t finished) const {
  const std::size_t total = work_.entries.size();
  if (finished < total) {
    std::cerr << "interrupted: " << finished << " of " << total << " pictures are done"
              << (work_.sidecars ? "; --skip-existing continues" : "") << '\n';
  }
  if (skipped_ > 0) {
    std::cerr << "note: skipped " << skipped_ << " of " << total << " pictures that have a "
              << options_.sidecar << " file\n";
  }
  if (failed_ > 0 && total > 1) std::cerr << failed_ << " of " << total << " pictures failed\n";
  if (cut_ > 0) {
    std::cerr << "note: " << cut_ << (cut_ == 1 ? " caption was" : " captions were") << " cut at "
              << generation_.max_new_tokens
              << " new tokens (or the model's last position); --max-new-tokens N allows more\n";
  }
}

int run(const Options& options) {
  const Work work = prepare(options);
  const blip::Captioner captioner =
      blip::Captioner::load(model_folder(options.model), {.image_size = options.image_size});
  const std::optional<lora::Adapter> adapter = options.adapter.put_on(captioner);
  Captioning captioning(options, work, captioner);
  catch_interrupt();
  return captioning.run();
}

}  // namespace

void add_caption(Command app, Job& job) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("caption", "Describe pictures in words");
  add_model_option(command, options->model);
  add_image_size_option(command, options->image_size);
  options->adapter.add_to(command);
  command.add_option("--prompt", options->prompt, "How every caption begins").type_name("TEXT");
  add_picture_options(command, options->pictures);
  command
      .add_flag("--json", options->json,
                "A JSON object a line: path, caption, token_ids, score, token_logprobs; or path, "
                "error")
      .group("Output");
  command
      .add_option("--sidecar", options->sidecar,
                  "Write captions beside each picture: .txt makes shirt.txt of shirt.jpg")
      .type_name(".EXT")
      .check(not_empty())
      .group("Output");
  Option skip = command.add_flag("--skip-existing", options->skip_existing,
                                 "Leave out pictures that have such a file");
  Option overwrite = command.add_flag("--overwrite", options->overwrite, "Replace such files");
  Option append = command.add_flag("--append", options->append, "Add a line to such files");
  for (Option option : {skip, overwrite, append}) option.group("Output");
  overwrite.excludes(skip).excludes(append);
  append.excludes(skip);
  options->generation.add_to(command);
  command
      .add_option("--batch", options->batch,
                  "Pictures that go through the model together; changes no caption (2)")
      .type_name("N")
      .check(in_range(1, 4096));
  add_threads_option(command);
  command.footer(
      "Examples:\n"
      "  blip caption shirt.jpg\n"
      "  blip caption --prompt \"a photo of\" --num-beams 3 shirt.jpg trousers.png\n"
      "  blip caption --model ~/blip-image-captioning-large --json photos/ > captions.jsonl\n"
      "  blip caption --adapter my-adapter photos/\n"
      "  blip caption --sidecar .txt --skip-existing photos/     (start it again to continue)\n"
      "  find photos -name '*.jpg' -print0 | blip caption --list0 -\n"
      "  curl -s https://example.org/shirt.jpg | blip caption -\n"
      "\n"
      "Each line is PATH<TAB>CAPTION. A tab, line feed, carriage return or backslash in a path is\n"
      "written \\t \\n \\r \\\\. In JSON, bytes of a path that are not UTF-8 are lone surrogates\n"
      "\\udc80 to \\udcff, as Python's surrogateescape has them.");
  command.callback([options, &job] { job = [options] { return run(*options); }; });
}

}  // namespace tools
