// The subcommands of `blip`. Each lives in a file of its own, which declares its options on the
// command line's parser and says what runs when it was chosen:
//
//   void add_tokenize(Command app, Job& job) {
//     auto options = std::make_shared<Options>();
//     Command command = app.add_subcommand("tokenize", "Text to token ids, and back");
//     command.add_flag("--decode", options->decode, "Ids in, text out");
//     command.callback([=, &job] { job = [=] { return run(*options); }; });
//   }
//
// A command prints results on stdout and everything else on stderr. It returns its exit code, or
// throws: base::UsageError ends as kUsage, Interrupted (interrupt.h) as kInterrupted, any other
// exception as kFailed, with its message.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "tools/command_line.h"

namespace tools {

enum ExitCode : int {
  kOk = 0,
  kSomeFailed = 1,     ///< some inputs failed, the others are done
  kUsage = 2,          ///< the command line makes no sense
  kFailed = 3,         ///< the model cannot be read, results cannot be written
  kInterrupted = 130,  ///< Ctrl-C; another signal has another number (interrupt_code)
};

/// The chosen command, ready to run; returns the exit code.
using Job = std::function<int()>;

void add_bench(Command app, Job& job);
void add_caption(Command app, Job& job);
void add_convert(Command app, Job& job);
void add_evaluate(Command app, Job& job);
void add_garments(Command app, Job& job);
void add_init(Command app, Job& job);
void add_inspect(Command app, Job& job);
void add_paraphrases(Command app, Job& job);
void add_tokenize(Command app, Job& job);
void add_train_parser(Command app, Job& job);

/// Adds `--model DIR` (default: $BLIP_MODEL, else the built-in model).
Option add_model_option(Command command, std::filesystem::path& model);
/// Adds `--image-size N`, which decides where a model folder's files contradict each other.
Option add_image_size_option(Command command, std::optional<int64_t>& image_size);
/// Adds `--threads N` (default: $BLIP_THREADS, else every CPU), which takes effect when parsed.
/// More than help are not started, with a note.
void add_threads_option(Command command);

/// The folder of the built-in model: <prefix>/share/blip/blip-clothing-tiny of an installation, or
/// weights/blip-clothing-tiny in the folder of the executable or in one above it (a source tree
/// with its build folder). FileError that says where it was looked for.
std::filesystem::path built_in_model();
/// `model` as given to --model, or the default's folder if that is empty.
std::filesystem::path model_folder(const std::filesystem::path& model);

}  // namespace tools
