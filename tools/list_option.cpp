#include "tools/list_option.h"

#include <algorithm>

#include "base/error.h"
#include "tools/suggest.h"

namespace tools {
namespace {

void expect_allowed(const std::string& name, const std::string& item,
                    const std::vector<std::string>& allowed) {
  if (allowed.empty() || std::find(allowed.begin(), allowed.end(), item) != allowed.end()) return;
  const std::string near = nearest(item, allowed);
  std::string reason = "unknown " + item;
  if (!near.empty()) reason += "; did you mean " + near + "?";
  reason += " (one of ";
  for (const std::string& word : allowed) reason += (&word == &allowed.front() ? "" : ", ") + word;
  throw base::UsageError(name + ": " + reason + ")");
}

}  // namespace

Option add_list_option(Command command, const std::string& name, std::vector<std::string>& values,
                       const std::string& help, std::vector<std::string> allowed) {
  // Split here and not by CLI11's delimiter(): for an argument without items, such as ",", that one
  // takes the next argument, too.
  const auto split = [name, &values,
                      allowed = std::move(allowed)](const std::vector<std::string>& lists) {
    values.clear();
    for (const std::string& list : lists) {
      for (std::size_t begin = 0; begin <= list.size();) {
        const std::size_t end = std::min(list.find(',', begin), list.size());
        const std::string item = list.substr(begin, end - begin);
        if (item.empty()) {
          throw base::UsageError(base::str(name, ": an empty item in the list \"", list, '"'));
        }
        expect_allowed(name, item, allowed);
        values.push_back(item);
        begin = end + 1;
      }
    }
  };
  return command.add_option_function<std::vector<std::string>>(name, split, help)
      .allow_extra_args(false)
      .type_name("LIST");
}

}  // namespace tools
