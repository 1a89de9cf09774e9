#include "report/page.h"

#include "base/error.h"
#include "report/html.h"
#include "report/style.h"

namespace report {

std::string page_html(const Page& page) {
  std::string links, body;
  for (const Section& section : page.sections) {
    if (section.html.empty()) continue;
    links += base::str("<a href=\"#", section.anchor, "\">", section.title, "</a>");
    body += "<section>" + section.html + "</section>\n";
  }
  return base::str(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>",
      escape_html(page.title), "</title><style>", kReportStyle, "</style></head><body>\n<header>",
      page.heading, "<nav>", links, "</nav></header><main>\n", body, "</main><footer>", page.footer,
      "</footer></body></html>\n");
}

}  // namespace report
