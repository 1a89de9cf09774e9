// Tables of comma-separated values, as RFC 4180 has them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace data {

struct CsvRow {
  std::size_t line;  ///< where it starts, from 1
  std::vector<std::string> fields;
};

/// The rows of a text, the header among them. Lines end in LF or CRLF; a field in double quotes may
/// hold commas, line ends and doubled quotes; empty lines are left out. FormatError that names
/// `name` and the line: a quote inside a bare field, text behind a closing quote, a quote that is
/// never closed, a row with another number of fields than the first.
std::vector<CsvRow> read_csv(std::string_view text, const std::string& name);

}  // namespace data
