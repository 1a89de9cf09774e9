// The program `blip`: parses the command line, runs the chosen command, turns what went wrong into
// a message on stderr and an exit code (commands.h).
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

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
#include "tools/command_line.h"
#include "tools/commands.h"
#include "tools/interrupt.h"
#include "tools/output.h"

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

void note_thread_shortage(std::size_t wanted, std::size_t started) {
  static std::atomic<bool> told{false};
  if (told.exchange(true)) return;
  std::cerr << "note: the system starts " << started << " of " << wanted
            << " more threads (a limit on memory or processes?); the others do without\n";
}

int parse_and_run(int argc, char** argv) {
  tools::CommandLine line("blip", BLIP_VERSION,
                          "blip describes pictures in words: BLIP captioning on the CPU.");
  tools::Command root = line.root();
  root.footer(
      "blip COMMAND --help explains a command, with examples.\n"
      "Environment: BLIP_MODEL (default of --model), BLIP_THREADS (default of --threads),\n"
      "             NO_COLOR (no colours in the progress bar)\n"
      "Exit codes:  0 done, 1 some inputs failed, 2 wrong use, 3 model or output failed,\n"
      "             130 interrupted (129, 143: by SIGHUP, SIGTERM)");
  tools::Job job;
  tools::add_caption(root, job);
  tools::add_evaluate(root, job);
  tools::add_inspect(root, job);
  tools::add_tokenize(root, job);
  tools::add_convert(root, job);
  tools::add_init(root, job);
  tools::add_bench(root, job);
  tools::add_garments(root, job);
  tools::add_paraphrases(root, job);
  tools::add_train_parser(root, job);
  try {
    if (const std::optional<std::string> text = line.parse(argc, argv)) {
      tools::print(*text);
      return tools::kOk;
    }
    return job();
  } catch (const base::UsageError& error) {
    std::cerr << line.chosen() << ": " << error.what() << "\nSee " << line.chosen() << " --help\n";
    return tools::kUsage;
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
