// The program `blip`: parses the command line, runs the chosen command, turns what went wrong into
// a message on stderr and an exit code (commands.h).
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <new>
#include <sstream>
#include <string>
#include <system_error>

#include "base/error.h"
#include "base/start_threads.h"
#include "tools/commands.h"
#include "tools/help.h"
#include "tools/interrupt.h"
#include "tools/output.h"
#include "tools/parse_message.h"
#include "tools/suggest.h"

namespace {

/// Were descriptor 1 closed, the first file opened would take its number and results would be
/// written into that file. So whatever is closed becomes /dev/null, the wrong way round, which
/// keeps reading and writing an error.
void occupy_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
      ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
  }
}

/// The message for a command line that CLI11 refused.
std::string explain(CLI::App& app, const CLI::ParseError& error) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  const std::vector<std::string> unknown = app.remaining(true);
  if (unknown.empty()) return tools::parse_message(error);
  const std::string& first = unknown.front();
  std::string message = first.size() > 1 && first[0] == '-' ? "unknown option " + first
                        : chosen.empty()                    ? "unknown command " + first
                                                            : "unexpected argument " + first;
  const std::string near = tools::nearest(first, tools::names_of(command));
  if (!near.empty()) message += "; did you mean " + near + "?";
  return message;
}

/// CLI11 takes the next argument for the value of an option that ends in "=".
void expect_values(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--") return;
    if (argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
      throw base::UsageError(argument + " has no value (an empty one is written " +
                             argument.substr(0, argument.size() - 1) + " \"\")");
    }
  }
}

void note_thread_shortage(std::size_t wanted, std::size_t started) {
  static std::atomic<bool> told{false};
  if (told.exchange(true)) return;
  std::cerr << "note: the system starts " << started << " of " << wanted
            << " more threads (a limit on memory or processes?); the others do without\n";
}

int refuse(const CLI::App& app, const std::string& reason) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  const std::string name = chosen.empty() ? "blip" : "blip " + chosen.front()->get_name();
  std::cerr << name << ": " << reason << '\n' << "See " << name << " --help\n";
  return tools::kUsage;
}

int parse_and_run(int argc, char** argv) {
  CLI::App app("blip describes pictures in words: BLIP captioning on the CPU.", "blip");
  app.set_version_flag("--version", "blip " BLIP_VERSION, "Print the version and end");
  app.set_help_flag("-h,--help", "Print this help and end");
  app.require_subcommand(1);
  app.formatter(std::make_shared<tools::HelpFormatter>());  // commands take it over
  app.footer(
      "blip COMMAND --help explains a command, with examples.\n"
      "Environment: BLIP_MODEL (default of --model), BLIP_THREADS (default of --threads),\n"
      "             NO_COLOR (no colours in the progress bar)\n"
      "Exit codes:  0 done, 1 some inputs failed, 2 wrong use, 3 model or output failed,\n"
      "             130 interrupted (129, 143: by SIGHUP, SIGTERM)");
  tools::Job job;
  tools::add_caption(app, job);
  tools::add_evaluate(app, job);
  tools::add_inspect(app, job);
  tools::add_tokenize(app, job);
  tools::add_convert(app, job);
  tools::add_init(app, job);
  tools::add_bench(app, job);
  tools::add_garments(app, job);
  tools::add_paraphrases(app, job);
  tools::add_train_parser(app, job);
  for (CLI::App* command : app.get_subcommands({})) {
    for (CLI::Option* option : command->get_options()) {
      // CLI11 would take --raw=3 for --raw.
      if (option->get_items_expected_max() == 0) option->disable_flag_override();
    }
  }
  try {
    expect_values(argc, argv);
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {  // --help, --version
    std::ostringstream text;
    app.exit(request, text, text);
    tools::print(text.str());
    return tools::kOk;
  } catch (const base::UsageError& error) {
    return refuse(app, error.what());
  } catch (const CLI::ParseError& error) {
    return refuse(app, explain(app, error));
  }
  try {
    return job();
  } catch (const base::UsageError& error) {
    return refuse(app, error.what());
  } catch (const tools::Interrupted&) {
    return tools::kInterrupted;
  }
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_descriptors();
  ::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error of write()
  base::on_thread_shortage(note_thread_shortage);
  int code = tools::kFailed;
  try {
    code = parse_and_run(argc, argv);
    if (code == tools::kInterrupted) code = tools::interrupt_code();
    errno = 0;
    if (!std::cout.flush() && errno != EPIPE) {
      throw base::FileError(base::str("cannot write standard output: ",
                                      errno ? std::strerror(errno) : "an earlier write failed"));
    }
    if (!std::cout) code = tools::kFailed;
  } catch (const tools::OutputClosed&) {
    code = tools::kFailed;
  } catch (const std::bad_alloc&) {
    std::cerr << "blip: not enough memory\n";
  } catch (const std::filesystem::filesystem_error& error) {
    std::cerr << "blip: " << error.path1().string() << ": " << error.code().message() << '\n';
  } catch (const std::system_error& error) {
    std::cerr << "blip: " << error.code().message() << '\n';
  } catch (const std::exception& error) {
    std::cerr << "blip: " << error.what() << '\n';
  }
  return code;
}
