#include "tools/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace tools {
namespace {

bool terminal() {
  const char* kind = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && !(kind && std::string_view(kind) == "dumb");
}

bool colours() {
  const char* no_color = std::getenv("NO_COLOR");  // no-color.org: set and not empty
  return !(no_color && *no_color);
}

std::size_t columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string duration(double seconds) {
  const auto total = static_cast<long long>(seconds + 0.5);
  char text[32];
  if (total >= 3600) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", total / 3600, total / 60 % 60,
                  total % 60);
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld", total / 60, total % 60);
  }
  return text;
}

}  // namespace

Progress::Progress(std::size_t total)
    : total_(total),
      active_(total > 1 && terminal()),
      colour_(colours()),
      start_(std::chrono::steady_clock::now()) {
  show(0);
}

Progress::~Progress() {
  hide();
}

void Progress::hide() {
  if (width_ == 0) return;
  std::fprintf(stderr, "\r%*s\r", static_cast<int>(width_), "");
  std::fflush(stderr);
  width_ = 0;
}

void Progress::show(std::size_t done) {
  if (!active_) return;
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  std::string numbers = " " + std::to_string(done) + "/" + std::to_string(total_);
  if (done > 0 && seconds > 0) {
    char rate[32];
    std::snprintf(rate, sizeof rate, "  %.3g/s", static_cast<double>(done) / seconds);
    const double left = seconds / static_cast<double>(done) * static_cast<double>(total_ - done);
    numbers += rate + ("  " + duration(left) + " left");
  }
  const std::size_t room = columns();
  if (room < numbers.size() + 12) return;  // too narrow a window for a bar that helps
  const std::size_t cells = std::min<std::size_t>(40, room - numbers.size() - 1);
  const std::size_t full = cells * done / total_;
  std::string bar;
  for (std::size_t i = 0; i < cells; ++i) bar += i < full ? "━" : (colour_ ? "━" : " ");
  if (colour_) {
    constexpr std::size_t kBytes = 3;  // of one cell
    bar.insert(full * kBytes, "\033[90m");
    bar = "\033[32m" + bar + "\033[0m";
  }
  hide();
  width_ = cells + numbers.size();
  std::fputs((bar + numbers).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace tools
