// The options that many commands share, and where the built-in model lies.
#include <CLI/CLI.hpp>
#include <string>

#include "base/bundled_folder.h"
#include "base/error.h"
#include "base/parallel.h"
#include "tools/commands.h"

namespace fs = std::filesystem;

namespace tools {

void add_model_option(CLI::App& command, fs::path& model) {
  command
      .add_option_function<std::string>(
          "--model", [&model](const std::string& folder) { model = folder; },
          "Model folder in Hugging Face form (default: the built-in one)")
      ->type_name("DIR")
      ->envname("BLIP_MODEL");
}

void add_threads_option(CLI::App& command) {
  command
      .add_option_function<int>(
          "--threads", [](int threads) { base::set_num_threads(threads); },
          "Threads to compute with (default: every CPU this process may use)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024))
      ->envname("BLIP_THREADS");
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
