#include "text/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include "base/utf8.h"

namespace text {
namespace {

struct Range {
  char32_t first, last;
};

/// Where transformers sees plain letters only (mostly because a character came after its tables)
/// while later versions of Unicode have marks, punctuation or format characters. Ranges reach over
/// neighbours on which all agree. With utf8proc 2.8 (Unicode 15) no code point is left that
/// differs; characters that a later utf8proc adds outside of these ranges would.
constexpr Range kPlain[] = {
    {0x0061D, 0x0061D}, {0x007FA, 0x00815}, {0x0085F, 0x008E2}, {0x009E4, 0x00A00},
    {0x00A76, 0x00A80}, {0x00AF1, 0x00B00}, {0x00B4E, 0x00B55}, {0x00C01, 0x00C3D},
    {0x00C64, 0x00C80}, {0x00C82, 0x00CBB}, {0x00CE4, 0x00D00}, {0x00D02, 0x00D40},
    {0x00D64, 0x00DC9}, {0x00EBA, 0x00EBA}, {0x00ECE, 0x00F03}, {0x01715, 0x01731},
    {0x0180F, 0x018A8}, {0x01ABE, 0x01AFF}, {0x01B74, 0x01B7F}, {0x01DF6, 0x01DFB},
    {0x02E43, 0x02FFF}, {0x0A827, 0x0A873}, {0x0A8C5, 0x0A8CD}, {0x0A8FD, 0x0A925},
    {0x0A9BD, 0x0A9BF}, {0x10B9D, 0x11000}, {0x1104E, 0x1107E}, {0x110C2, 0x110FF},
    {0x111CE, 0x111DA}, {0x1123E, 0x112A8}, {0x11302, 0x1133B}, {0x11375, 0x114B2},
    {0x11644, 0x116AA}, {0x116B8, 0x1171C}, {0x1173F, 0x1246F}, {0x12475, 0x16A6D},
    {0x16B45, 0x16F8E}, {0x16F93, 0x1BC9C}, {0x1BCA4, 0x1D15D}, {0x1DAB0, 0x1E8CF},
    {0x1E8D7, 0x2F7FF},
};

/// Marks of Unicode 9: inside kPlain, but put in order like any mark.
constexpr Range kOrdered[] = {
    {0x008D4, 0x008E1}, {0x01DFB, 0x01DFB}, {0x11442, 0x11442}, {0x11446, 0x11446},
    {0x11C3F, 0x11C3F}, {0x1E000, 0x1E02A}, {0x1E944, 0x1E94A},
};

constexpr Range kIdeographs[] = {
    {0x03400, 0x04DBF}, {0x04E00, 0x09FFF}, {0x0F900, 0x0FAFF}, {0x20000, 0x2A6DF},
    {0x2A700, 0x2B81F}, {0x2B920, 0x2CEAF}, {0x2F800, 0x2FA1F},
};

/// Capitals of Unicode 16 and 17, which utf8proc 2.8 does not know: range and first small letter.
struct Capitals {
  Range range;
  char32_t lower;
};
constexpr Capitals kNewCapitals[] = {
    {{0x01C89, 0x01C89}, 0x01C8A}, {{0x0A7CB, 0x0A7CB}, 0x00264}, {{0x0A7CC, 0x0A7CC}, 0x0A7CD},
    {{0x0A7CE, 0x0A7CE}, 0x0A7CF}, {{0x0A7D2, 0x0A7D2}, 0x0A7D3}, {{0x0A7D4, 0x0A7D4}, 0x0A7D5},
    {{0x0A7DA, 0x0A7DA}, 0x0A7DB}, {{0x0A7DC, 0x0A7DC}, 0x0019B}, {{0x10D50, 0x10D65}, 0x10D70},
    {{0x16EA0, 0x16EB8}, 0x16EBB},
};

template <std::size_t N>
bool inside(const Range (&ranges)[N], char32_t c) {
  const auto* range = std::lower_bound(std::begin(ranges), std::end(ranges), c,
                                       [](const Range& r, char32_t x) { return r.last < x; });
  return range != std::end(ranges) && range->first <= c;
}

bool is_ascii_graphic(char32_t c) {
  return c > 0x20 && c < 0x7F;
}
bool is_ascii_letter(char32_t c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

utf8proc_category_t category(char32_t c) {
  // These three have changed their category since Unicode 8.
  if (c == 0x1734) return UTF8PROC_CATEGORY_MN;
  if (c == 0x166D || c == 0x111C9) return UTF8PROC_CATEGORY_PO;
  if (inside(kPlain, c)) return UTF8PROC_CATEGORY_LO;
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

}  // namespace

bool is_whitespace(char32_t c) {
  if (c < 0x80) return c == ' ' || c == '\t' || c == '\n' || c == '\r';
  const utf8proc_category_t kind = category(c);
  return kind == UTF8PROC_CATEGORY_ZS || kind == UTF8PROC_CATEGORY_ZL ||
         kind == UTF8PROC_CATEGORY_ZP;
}

bool is_control(char32_t c) {
  if (c < 0x80) return (c < 0x20 || c == 0x7F) && !is_whitespace(c);
  const utf8proc_category_t kind = category(c);
  return kind == UTF8PROC_CATEGORY_CC || kind == UTF8PROC_CATEGORY_CF ||
         kind == UTF8PROC_CATEGORY_CO;
}

bool is_punctuation(char32_t c) {
  if (c < 0x80) return is_ascii_graphic(c) && !is_ascii_letter(c) && !(c >= '0' && c <= '9');
  const utf8proc_category_t kind = category(c);
  return kind >= UTF8PROC_CATEGORY_PC && kind <= UTF8PROC_CATEGORY_PO;
}

bool is_nonspacing_mark(char32_t c) {
  return c >= 0x80 && category(c) == UTF8PROC_CATEGORY_MN;
}

bool is_ideograph(char32_t c) {
  return inside(kIdeographs, c);
}

int combining_class(char32_t c) {
  if (c < 0x80 || (inside(kPlain, c) && !inside(kOrdered, c))) return 0;
  return utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class;
}

std::u32string decompose(char32_t c) {
  if (c < 0x80 || inside(kPlain, c)) return {c};
  std::array<utf8proc_int32_t, 8> parts{};  // Unicode needs four at most
  int last_boundary_class = 0;
  const utf8proc_ssize_t count =
      utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts.data(), parts.size(),
                              UTF8PROC_DECOMPOSE, &last_boundary_class);
  return {parts.begin(), parts.begin() + count};
}

void append_lower(std::string& out, char32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c + 0x20 : c));
  } else if (c == 0x130) {  // I with dot above: the one letter whose lower case is two
    out += "i\u0307";
  } else {
    const auto* capitals =
        std::find_if(std::begin(kNewCapitals), std::end(kNewCapitals),
                     [c](const Capitals& x) { return x.range.first <= c && c <= x.range.last; });
    base::append_utf8(
        out, capitals != std::end(kNewCapitals)
                 ? capitals->lower + (c - capitals->range.first)
                 : static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
  }
}

}  // namespace text
