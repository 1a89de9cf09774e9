#include "text/normalize.h"

#include <algorithm>

#include "base/utf8.h"
#include "text/unicode.h"

namespace text {
namespace {

/// The end of the pipeline: takes cleaned code points, decomposes, orders and strips the marks, and
/// writes what is left in lower case.
class Writer {
 public:
  Writer(std::string& out, const Normalization& how) : out_(out), how_(how) {}

  void put(char32_t c) {
    if (!how_.strip_accents) return write(c);
    if (c < 0x80) return put_starter(c);
    for (const char32_t part : decompose(c)) {
      if (combining_class(part) == 0) {
        put_starter(part);
      } else {
        marks_.push_back(part);
      }
    }
  }

  /// The canonical order of the marks between two starters: sorted by class, else as they came. It
  /// shows where marks that take up space stand beside others. Needed after the last code point.
  void flush() {
    if (marks_.empty()) return;
    std::stable_sort(marks_.begin(), marks_.end(), [](char32_t a, char32_t b) {
      return combining_class(a) < combining_class(b);
    });
    for (const char32_t mark : marks_) {
      if (!is_nonspacing_mark(mark)) write(mark);
    }
    marks_.clear();
  }

 private:
  void put_starter(char32_t c) {
    flush();
    if (!is_nonspacing_mark(c)) write(c);
  }

  void write(char32_t c) { how_.lower_case ? append_lower(out_, c) : base::append_utf8(out_, c); }

  std::string& out_;
  const Normalization& how_;
  std::u32string marks_;
};

}  // namespace

std::string normalize(std::string_view text, const Normalization& how) {
  std::string out;
  out.reserve(text.size());
  Writer writer(out, how);
  while (!text.empty()) {
    const char32_t c = base::take_code_point(text);
    if (c == 0 || c == base::kReplacement || is_control(c)) continue;
    const bool alone = how.separate_ideographs && is_ideograph(c);
    if (alone) writer.put(' ');
    writer.put(is_whitespace(c) ? U' ' : c);
    if (alone) writer.put(' ');
  }
  writer.flush();
  return out;
}

}  // namespace text
