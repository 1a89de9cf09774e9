#include "tools/parse_message.h"

#include <CLI/Error.hpp>
#include <optional>
#include <string_view>

namespace tools {
namespace {

/// `text` without an end, if it has that.
std::optional<std::string> without_end(const std::string& text, std::string_view end) {
  if (!text.ends_with(end)) return std::nullopt;
  return text.substr(0, text.size() - end.size());
}

struct Cut {
  std::string before, after;
};

/// Around the first place of a separator.
std::optional<Cut> cut(const std::string& text, std::string_view separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string::npos) return std::nullopt;
  return Cut{text.substr(0, at), text.substr(at + separator.size())};
}

}  // namespace

std::string parse_message(const CLI::ParseError& error) {
  const std::string text = error.what();
  if (dynamic_cast<const CLI::RequiredError*>(&error)) {
    if (text.starts_with("A subcommand")) return "no command is given";
    if (const auto name = without_end(text, " is required")) return *name + " is missing";
  }
  if (dynamic_cast<const CLI::ConversionError*>(&error)) {
    if (const auto found = cut(text, " = ");
        found && found->before.starts_with("Could not convert: ")) {
      return found->before.substr(19) + ' ' + found->after + ": expected a number";
    }
    if (const auto name = without_end(text, ": Should be true/false or a number")) {
      return *name + " takes no value";
    }
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error)) {
    if (const auto name = without_end(text, " was given a disallowed flag override")) {
      return (name->starts_with('-') ? "" : "--") + *name + " takes no value";
    }
    const auto lacking = without_end(text, " missing");
    if (const auto found = lacking ? cut(*lacking, ": 1 required ") : std::nullopt) {
      return found->before + " needs a value (" + found->after + ')';
    }
    if (const auto found = cut(text, ": At Most 1 required"))
      return found->before + " is given twice";
    if (const auto found = cut(text, ": At least 1 required"))
      return found->before + " needs a value";
  }
  if (const auto found = cut(text, " excludes ")) {
    return found->before + " and " + found->after + " cannot be given together";
  }
  if (const auto found = cut(text, " requires ")) return found->before + " needs " + found->after;
  return text;
}

}  // namespace tools
