// The options that many commands share, and where the built-in model lies.
#include <algorithm>
#include <iostream>
#include <string>

#include "base/bundled_folder.h"
#include "base/error.h"
#include "base/parallel.h"
#include "base/start_threads.h"
#include "tools/checks.h"
#include "tools/commands.h"

namespace fs = std::filesystem;

namespace tools {
namespace {

/// Some more threads than CPUs do no harm (nor good); hundreds wait for one another most of the
/// time.
void set_threads(int threads) {
  const int cpus = base::num_cpus(), most = std::max(16, 4 * cpus);
  if (threads > most) {
    std::cerr << "note: --threads " << threads << ": " << most
              << " are started; this process may use " << cpus
              << (cpus == 1 ? " CPU\n" : " CPUs\n");
  }
  base::set_num_threads(std::min(threads, most));
}

}  // namespace

Option add_model_option(Command command, fs::path& model) {
  return command
      .add_option_function<std::string>(
          "--model", [&model](const std::string& folder) { model = folder; },
          "Model folder in Hugging Face form (default: the built-in one)")
      .type_name("DIR")
      .envname("BLIP_MODEL");
}

Option add_image_size_option(Command command, std::optional<int64_t>& image_size) {
  return command
      .add_option("--image-size", image_size,
                  "Pixels of a side that the model is given (default: its own; position embeddings "
                  "are interpolated to others)")
      .type_name("N")
      .check(positive());
}

void add_threads_option(Command command) {
  command
      .add_option_function<int>(
          "--threads", [](int threads) { set_threads(threads); },
          "Threads to compute with (default: every CPU this process may use)")
      .type_name("N")
      .check(in_range(1, 1024))
      .envname("BLIP_THREADS");
}

fs::path built_in_model() {
  return base::bundled_folder("blip-clothing-tiny", "config.json",
                              "the built-in model was not found",
                              "name a model folder with --model or BLIP_MODEL");
}

fs::path model_folder(const fs::path& model) {
  if (model.empty()) return built_in_model();
  std::error_code absent;
  if (!fs::is_directory(model, absent)) {
    throw base::FileError(base::str("the model ", model.string(), " is not a folder"));
  }
  return model;
}

}  // namespace tools
