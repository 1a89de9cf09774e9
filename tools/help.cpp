#include "tools/help.h"

#include <sstream>

namespace tools {

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  // CLI11 appends the checks of a value to the name of its type: "N:INT in [1 - 1024]".
  const std::string type = option->get_type_name();
  const std::string name = type.substr(0, type.find(':'));
  return name.empty() || option->get_positional() ? "" : " " + name;
}

std::string HelpFormatter::make_option_desc(const CLI::Option* option) const {
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

}  // namespace tools
