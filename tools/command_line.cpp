#include "tools/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <vector>

#include "base/error.h"
#include "tools/parse_message.h"
#include "tools/suggest.h"

namespace tools {
namespace {

/// How --help looks: CLI11's form without the details of its own checks, wrapped at 100 columns.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() { column_width(32); }

  std::string make_option_opts(const CLI::Option* option) const override {
    // CLI11 appends the checks of a value to the name of its type: "N:INT in [1 - 1024]".
    const std::string type = option->get_type_name();
    const std::string name = type.substr(0, type.find(':'));
    return name.empty() || option->get_positional() ? "" : " " + name;
  }

  std::string make_option_desc(const CLI::Option* option) const override {
    std::string text = option->get_description();
    if (!option->get_envname().empty()) text += " [$" + option->get_envname() + "]";
    const std::size_t width = 100 - get_column_width();
    std::istringstream words(text);
    std::string wrapped;
    std::size_t column = 0;
    for (std::string word; words >> word;) {
      if (column > 0 && column + 1 + word.size() > width) {
        wrapped += '\n';
        column = 0;
      } else if (column > 0) {
        wrapped += ' ';
        ++column;
      }
      wrapped += word;
      column += word.size();
    }
    return wrapped;
  }
};

/// The options of a command ("--num-beams") and its subcommands.
std::vector<std::string> names_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  for (const CLI::App* subcommand : command.get_subcommands(nullptr)) {
    names.push_back(subcommand->get_name());
  }
  return names;
}

/// A message about an option whose value the environment gave names the variable.
std::string name_variable(const CLI::App& command, std::string message,
                          const std::vector<std::string>& line) {
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_name();
    const auto is_option = [&](const std::string& argument) {
      return argument == name || argument.starts_with(name + "=");
    };
    if (!option->get_envname().empty() && message.starts_with(name + ": ") &&
        std::none_of(line.begin(), line.end(), is_option)) {
      message.replace(0, name.size(), option->get_envname());
    }
  }
  return message;
}

/// The message for a command line that CLI11 refused.
std::string explain(const CLI::App& app, const CLI::ParseError& error,
                    const std::vector<std::string>& line) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  const std::vector<std::string> unknown = app.remaining(true);
  if (unknown.empty()) return name_variable(command, parse_message(error), line);
  const std::string& first = unknown.front();
  std::string message = first.size() > 1 && first[0] == '-' ? "unknown option " + first
                        : chosen.empty()                    ? "unknown command " + first
                                                            : "unexpected argument " + first;
  const std::string near = nearest(first, names_of(command));
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

}  // namespace

Option Option::type_name(const std::string& name) const {
  return Option(option_->type_name(name));
}

Option Option::group(const std::string& heading) const {
  return Option(option_->group(heading));
}

Option Option::envname(const std::string& variable) const {
  return Option(option_->envname(variable));
}

Option Option::required() const {
  return Option(option_->required());
}

Option Option::capture_default_str() const {
  return Option(option_->capture_default_str());
}

Option Option::allow_extra_args(bool allow) const {
  return Option(option_->allow_extra_args(allow));
}

Option Option::check(const Check& check) const {
  return Option(option_->check(CLI::Validator(check, "", "check")));
}

Option Option::excludes(Option other) const {
  return Option(option_->excludes(other.option_));
}

Option Option::excludes(const std::string& other) const {
  return Option(option_->excludes(other));
}

Option Option::needs(const std::string& other) const {
  return Option(option_->needs(other));
}

Command Command::add_subcommand(const std::string& name, const std::string& description) {
  return Command(app_->add_subcommand(name, description));
}

template <class T>
Option Command::add_option(const std::string& name, T& value, const std::string& description) {
  return Option(app_->add_option(name, value, description));
}

template <class T>
Option Command::add_option_function(const std::string& name,
                                    const std::function<void(const T&)>& take,
                                    const std::string& description) {
  return Option(app_->add_option_function<T>(name, take, description));
}

using std::filesystem::path;
using Text = const std::string&;
template <class T>
using Take = const std::function<void(const T&)>&;
template Option Command::add_option(Text, std::string&, Text);
template Option Command::add_option(Text, std::vector<std::string>&, Text);
template Option Command::add_option(Text, path&, Text);
template Option Command::add_option(Text, std::vector<path>&, Text);
template Option Command::add_option(Text, int&, Text);
template Option Command::add_option(Text, int64_t&, Text);
template Option Command::add_option(Text, uint64_t&, Text);
template Option Command::add_option(Text, std::optional<int64_t>&, Text);
template Option Command::add_option(Text, std::optional<float>&, Text);
template Option Command::add_option_function(Text, Take<std::string>, Text);
template Option Command::add_option_function(Text, Take<std::vector<std::string>>, Text);
template Option Command::add_option_function(Text, Take<int>, Text);
template Option Command::add_option_function(Text, Take<int64_t>, Text);
template Option Command::add_option_function(Text, Take<uint64_t>, Text);
template Option Command::add_option_function(Text, Take<double>, Text);

Option Command::add_flag(const std::string& name, bool& value, const std::string& description) {
  return Option(app_->add_flag(name, value, description));
}

Option Command::add_flag_callback(const std::string& name, const std::function<void()>& call,
                                  const std::string& description) {
  return Option(app_->add_flag_callback(name, call, description));
}

void Command::remove_option(const std::string& name) {
  app_->remove_option(app_->get_option(name));
}

void Command::footer(const std::string& text) {
  app_->footer(text);
}

void Command::callback(const std::function<void()>& call) {
  app_->callback(call);
}

std::map<std::string, std::string> Command::given_options() const {
  std::map<std::string, std::string> given;
  for (const CLI::Option* option : std::as_const(*app_).get_options()) {
    if (option->count() == 0) continue;
    const std::string variable = option->get_envname();
    const char* value = variable.empty() ? nullptr : std::getenv(variable.c_str());
    if (value && option->results() == std::vector<std::string>{value}) continue;
    given.emplace(option->get_name(), option->get_group());
  }
  return given;
}

CommandLine::CommandLine(const std::string& name, const std::string& version,
                         const std::string& description)
    : app_(std::make_unique<CLI::App>(description, name)) {
  app_->set_version_flag("--version", name + " " + version, "Print the version and end");
  app_->set_help_flag("-h,--help", "Print this help and end");
  app_->require_subcommand(1);
  app_->formatter(std::make_shared<HelpFormatter>());  // commands take it over
}

CommandLine::~CommandLine() = default;

std::optional<std::string> CommandLine::parse(int argc, char** argv) {
  for (CLI::App* command : app_->get_subcommands({})) {
    for (CLI::Option* option : command->get_options()) {
      // CLI11 would take --raw=3 for --raw.
      if (option->get_items_expected_max() == 0) option->disable_flag_override();
    }
  }
  expect_values(argc, argv);
  try {
    app_->parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::Success& request) {  // --help, --version
    std::ostringstream text;
    app_->exit(request, text, text);
    return text.str();
  } catch (const CLI::ParseError& error) {
    throw base::UsageError(explain(*app_, error, {argv + 1, argv + argc}));
  }
}

std::string CommandLine::chosen() const {
  const std::vector<CLI::App*> commands = app_->get_subcommands();
  return commands.empty() ? app_->get_name()
                          : app_->get_name() + ' ' + commands.front()->get_name();
}

}  // namespace tools
