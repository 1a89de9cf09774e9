#include "data/csv.h"

#include <algorithm>

#include "base/error.h"

namespace data {
namespace {

using base::FormatError;
using base::str;

class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  std::vector<CsvRow> rows() {
    std::vector<CsvRow> result;
    while (!text_.empty()) {
      if (take_line_end()) continue;
      CsvRow row = this->row();
      if (!result.empty() && row.fields.size() != result.front().fields.size()) {
        throw FormatError(str(name_, ":", row.line, ": ", row.fields.size(),
                              " fields, the header has ", result.front().fields.size()));
      }
      result.push_back(std::move(row));
    }
    return result;
  }

 private:
  CsvRow row() {
    CsvRow result{.line = line_, .fields = {}};
    while (true) {
      result.fields.push_back(text_.starts_with('"') ? quoted() : bare());
      if (text_.starts_with(',')) {
        text_.remove_prefix(1);
      } else if (text_.empty() || take_line_end()) {
        return result;
      } else {
        throw FormatError(str(name_, ":", line_, ": text behind the closing quote of a field"));
      }
    }
  }

  std::string bare() {
    std::string_view field = text_.substr(0, text_.find_first_of(",\n"));
    text_.remove_prefix(field.size());
    if (!text_.starts_with(',') && field.ends_with('\r')) field.remove_suffix(1);
    if (field.find('"') != std::string_view::npos) {
      throw FormatError(
          str(name_, ":", line_, ": a quote inside a field that does not start with one"));
    }
    return std::string(field);
  }

  std::string quoted() {
    const std::size_t opened = line_;
    text_.remove_prefix(1);
    std::string field;
    while (true) {
      const std::size_t quote = text_.find('"');
      if (quote == std::string_view::npos) {
        throw FormatError(str(name_, ":", opened, ": a quote is opened and never closed"));
      }
      field += text_.substr(0, quote);
      line_ += static_cast<std::size_t>(
          std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(quote), '\n'));
      text_.remove_prefix(quote + 1);
      if (!text_.starts_with('"')) return field;
      field += '"';
      text_.remove_prefix(1);
    }
  }

  bool take_line_end() {
    const std::size_t length = text_.starts_with("\r\n") ? 2 : text_.starts_with('\n') ? 1 : 0;
    text_.remove_prefix(length);
    if (length > 0) ++line_;
    return length > 0;
  }

  std::string_view text_;  ///< what is still to be read
  const std::string& name_;
  std::size_t line_ = 1;
};

}  // namespace

std::vector<CsvRow> read_csv(std::string_view text, const std::string& name) {
  return CsvReader(text, name).rows();
}

}  // namespace data
