// How --help looks.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace tools {

/// CLI11's form without the details of its own checks, wrapped at 100 columns.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() { column_width(32); }
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
};

}  // namespace tools
