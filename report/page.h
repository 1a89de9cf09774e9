// A page to look at: one HTML file that needs nothing else, no network and no scripts, readable on
// a phone, on paper, in light and dark.
#pragma once

#include <string>
#include <vector>

namespace report {

struct Section {
  std::string anchor, title;  ///< where the page's links lead, and what they are called
  std::string html;           ///< empty: the section is left out
};

struct Page {
  std::string title;    ///< any text
  std::string heading;  ///< HTML above the links to the sections
  std::vector<Section> sections;
  std::string footer;  ///< HTML
};

std::string page_html(const Page& page);

}  // namespace report
