// Pictures on a page.
#pragma once

#include <filesystem>
#include <string>

namespace report {

/// The file as an element of a page that will stand at `page`: up to 512 KiB are part of the page,
/// larger files are linked by their relative path. Empty for what browsers do not show (they show
/// JPEG, PNG, GIF, WebP and BMP). FileError if the file cannot be read.
std::string picture_html(const std::filesystem::path& file, const std::string& alt,
                         const std::filesystem::path& page);

}  // namespace report
