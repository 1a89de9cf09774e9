#include "report/picture.h"

#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "report/html.h"

namespace fs = std::filesystem;

namespace report {
namespace {

using base::str;

constexpr std::size_t kEmbeddedBytes = 512 * 1024;

std::string base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += i + j <= bytes.size() ? kDigits[group >> (18 - 6 * j) & 63] : '=';
    }
  }
  return text;
}

/// Of what browsers show; null for anything else.
const char* media_type(std::string_view bytes) {
  if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (bytes.starts_with("GIF8")) return "image/gif";
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP")) return "image/webp";
  if (bytes.starts_with("BM")) return "image/bmp";
  return nullptr;
}

/// A link from the report: percent signs for what a URL does not hold.
std::string relative_link(const fs::path& file, const fs::path& report) {
  const fs::path link = fs::absolute(file).lexically_relative(fs::absolute(report).parent_path());
  std::string url;
  for (const char c : link.generic_string()) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || (c >= '0' && c <= '9') ||
        std::string_view("-._~/").find(c) != std::string::npos) {
      url += c;
    } else {
      constexpr char kHex[] = "0123456789ABCDEF";
      url += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return url;
}

}  // namespace

std::string picture_html(const fs::path& file, const std::string& alt, const fs::path& page) {
  const auto mapped = base::MappedFile::open(file);
  const std::string_view content(reinterpret_cast<const char*>(mapped->bytes().data()),
                                 mapped->bytes().size());
  const char* type = media_type(content);
  if (!type) return "";
  const std::string source = content.size() <= kEmbeddedBytes
                                 ? str("data:", type, ";base64,", base64(content))
                                 : relative_link(file, page);
  return str("<img loading=\"lazy\" alt=\"", escape_html(alt), "\" src=\"", source, "\">");
}

}  // namespace report
