// The command line's parser as the commands see it: a narrow front of CLI11, whose headers take
// seconds to compile in every file that includes them. Names are CLI11's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tools {

/// Says what is wrong with the text of a value; nothing ("") if it is right.
using Check = std::function<std::string(const std::string&)>;

/// Refers to an option or argument of a command. What sets something returns the option.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  /// What --help calls the value.
  Option type_name(const std::string& name) const;
  /// The heading of --help that it stands under.
  Option group(const std::string& heading) const;
  /// Its default is the value of an environment variable.
  Option envname(const std::string& variable) const;
  Option required() const;
  /// --help says the value that the variable has now.
  Option capture_default_str() const;
  /// Whether a list takes the arguments behind its first.
  Option allow_extra_args(bool allow) const;
  Option check(const Check& check) const;
  /// The two cannot be given together.
  Option excludes(Option other) const;
  Option excludes(const std::string& other) const;
  /// It means nothing without the other.
  Option needs(const std::string& other) const;

 private:
  CLI::Option* option_;
};

/// Refers to a command: its options and subcommands.
class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}

  Command add_subcommand(const std::string& name, const std::string& description);
  /// An option ("--batch", "-b,--batch") or an argument ("PICTURE"). `value` is written when the
  /// line is parsed and must live till then. T: std::string, std::filesystem::path, a vector of
  /// one of them, a number, or a std::optional number (command_line.cpp has the list).
  template <class T>
  Option add_option(const std::string& name, T& value, const std::string& description);
  /// The same; calls `take` with the value.
  template <class T>
  Option add_option_function(const std::string& name, const std::function<void(const T&)>& take,
                             const std::string& description);
  Option add_flag(const std::string& name, bool& value, const std::string& description);
  Option add_flag_callback(const std::string& name, const std::function<void()>& call,
                           const std::string& description);
  void remove_option(const std::string& name);
  /// What --help ends with.
  void footer(const std::string& text);
  /// Is called when the line was parsed and has this command.
  void callback(const std::function<void()>& call);

  /// The options that the line has, each with the heading it stands under. What the environment
  /// says instead is meant for every command and not among them.
  std::map<std::string, std::string> given_options() const;

 private:
  CLI::App* app_;
};

/// A program's command line: commands, --help and --version.
class CommandLine {
 public:
  CommandLine(const std::string& name, const std::string& version, const std::string& description);
  ~CommandLine();

  Command root() const { return Command(app_.get()); }
  /// Calls the callback of the command that the line has. Returns what to print where the line
  /// asks for help or the version. UsageError in the program's words for a line that is wrong.
  std::optional<std::string> parse(int argc, char** argv);
  /// "blip caption" once a command was parsed, before that "blip".
  std::string chosen() const;

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace tools
