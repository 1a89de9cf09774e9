// Options whose value is a list.
#pragma once

#include <string>
#include <vector>

#include "tools/command_line.h"

namespace tools {

/// Adds an option that takes one argument, a list with commas: `--metrics bleu,spice`. Given again,
/// it adds to the list. It never takes the arguments behind it, as CLI11's own lists do, so that
/// file names may follow. Refuses empty items and, unless `allowed` is empty, items that are not
/// among them.
Option add_list_option(Command command, const std::string& name, std::vector<std::string>& values,
                       const std::string& help, std::vector<std::string> allowed = {});

}  // namespace tools
