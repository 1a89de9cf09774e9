// blip paraphrases: METEOR's table of paraphrases as the file that `blip evaluate` maps.
#include <iostream>
#include <memory>

#include "metrics/meteor/paraphrase_table.h"
#include "tools/commands.h"

namespace tools {
namespace {

int run(const std::filesystem::path& out) {
  std::ios::sync_with_stdio(false);  // the table has 270 MB
  metrics::meteor::write_paraphrase_table(std::cin, "standard input", out);
  return kOk;
}

}  // namespace

void add_paraphrases(Command app, Job& job) {
  auto out = std::make_shared<std::filesystem::path>();
  Command command =
      app.add_subcommand("paraphrases", "Prepare METEOR's table of paraphrases (standard input)");
  command.add_option("OUT", *out, "The file to write, usually paraphrase-en.bin").required();
  command.footer(
      "tools/get_metric_data.sh does all of it. By hand:\n"
      "  gzip -dc paraphrase-en.gz | blip paraphrases paraphrase-en.bin");
  command.callback([=, &job] { job = [=] { return run(*out); }; });
}

}  // namespace tools
