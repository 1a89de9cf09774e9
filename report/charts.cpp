#include "report/charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "report/html.h"

namespace report {
namespace {

using base::str;

constexpr std::size_t kBins = 20;
constexpr double kWidth = 320, kHeight = 120, kLeft = 6, kTop = 14, kBottom = 22;

using Counts = std::array<std::size_t, kBins>;

/// The end of the axis: what holds every score, rounded up to 1, 2 or 5 times a power of ten. Not
/// below 0.1, so that noise around zero does not look like a distribution.
double axis_end(std::span<const std::span<const double>> series) {
  double greatest = 0.1;
  for (const std::span<const double> scores : series) {
    for (const double score : scores) greatest = std::max(greatest, score);
  }
  const double power = std::pow(10, std::floor(std::log10(greatest)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (greatest <= step * power * (1 + 1e-9)) return step * power;
  }
  return 10 * power;
}

Counts counts_of(std::span<const double> scores, double end) {
  Counts counts{};
  for (const double score : scores) {
    const auto bin = static_cast<std::size_t>(std::max(0.0, score / end * kBins));
    ++counts[std::min(bin, kBins - 1)];
  }
  return counts;
}

double x_of(double score, double end) {
  return kLeft + (kWidth - 2 * kLeft) * score / end;
}

std::string number(double value) {
  return fixed(value, 1);
}

std::string bars(const Counts& counts, double tallest, double end) {
  std::string svg;
  for (std::size_t i = 0; i < kBins; ++i) {
    if (counts[i] == 0) continue;
    const double bin = end / static_cast<double>(kBins), low = bin * static_cast<double>(i);
    const double height = kHeight * static_cast<double>(counts[i]) / tallest;
    svg += str("<rect class=\"bar\" x=\"", number(x_of(low, end) + 0.5), "\" y=\"",
               number(kTop + kHeight - height), "\" width=\"",
               number(x_of(low + bin, end) - x_of(low, end) - 1), "\" height=\"", number(height),
               "\"><title>", fixed(low, 3), " to ", fixed(low + bin, 3), ": ",
               with_commas(static_cast<long long>(counts[i])), "</title></rect>");
  }
  return svg;
}

std::string outline(const Counts& counts, double tallest, double end, std::size_t series) {
  std::string path = str("M", number(x_of(0, end)), " ", number(kTop + kHeight));
  for (std::size_t i = 0; i < kBins; ++i) {
    const double height = kHeight * static_cast<double>(counts[i]) / tallest;
    path += str("V", number(kTop + kHeight - height), "H",
                number(x_of(end * static_cast<double>(i + 1) / kBins, end)));
  }
  return str("<path class=\"outline series", series % 5, "\" d=\"", path, "V",
             number(kTop + kHeight), "\"/>");
}

}  // namespace

std::string histogram_svg(const std::string& name,
                          std::span<const std::span<const double>> series) {
  const double end = axis_end(series);
  std::vector<Counts> all;
  std::size_t tallest = 1;
  for (const std::span<const double> scores : series) {
    all.push_back(counts_of(scores, end));
    tallest = std::max(tallest, *std::max_element(all.back().begin(), all.back().end()));
  }
  std::string svg =
      str("<svg class=\"histogram\" role=\"img\" aria-label=\"histogram of ", escape_html(name),
          "\" viewBox=\"0 0 ", kWidth, " ", kTop + kHeight + kBottom, "\">",
          bars(all[0], static_cast<double>(tallest), end));
  for (std::size_t r = 1; r < all.size(); ++r) {
    svg += outline(all[r], static_cast<double>(tallest), end, r);
  }
  const double base = kTop + kHeight;
  svg += str("<path class=\"axis\" d=\"M", kLeft, " ", base, "H", kWidth - kLeft, "\"/>");
  for (std::size_t r = 0; r < series.size(); ++r) {
    const std::span<const double> scores = series[r];
    if (scores.empty()) continue;
    const double mean =
        std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(scores.size());
    svg +=
        str("<path class=\"mean series", r % 5, "\" d=\"M", number(x_of(mean, end)), " ", kTop - 4,
            "V", base, "\"><title>mean of the pictures ", fixed(mean, 4), "</title></path>");
  }
  for (const double part : {0.0, 0.5, 1.0}) {
    const char* anchor = part == 0 ? "start" : part < 1 ? "middle" : "end";
    svg += str("<text x=\"", number(x_of(part * end, end)), "\" y=\"", base + 15,
               "\" text-anchor=\"", anchor, "\">", part * end, "</text>");
  }
  return svg + str("<text x=\"", kWidth - kLeft, "\" y=\"10\" text-anchor=\"end\">at most ",
                   with_commas(static_cast<long long>(tallest)), " pictures a bar</text></svg>");
}

}  // namespace report
