#include "tools/module_tree.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "base/error.h"

namespace tools {
namespace {

/// A module, or a parameter: one that has no children.
struct Node {
  std::string name;
  std::vector<Node> children{};
  std::string shape{}, type{};
  std::string tied_to{};  ///< the end of the name of what a tied parameter shares its memory with
  int64_t parameters = 0;
  double bytes = 0;
  std::size_t copies = 1;  ///< alike siblings that this one stands for
};

Node& child_named(Node& parent, const std::string& name) {
  const auto found = std::find_if(parent.children.begin(), parent.children.end(),
                                  [&](const Node& child) { return child.name == name; });
  if (found != parent.children.end()) return *found;
  parent.children.push_back({.name = name});
  return parent.children.back();
}

void add_sums(Node& node) {
  for (Node& child : node.children) {
    add_sums(child);
    node.parameters += child.parameters;
    node.bytes += child.bytes;
  }
}

bool alike(const Node& a, const Node& b) {
  return a.shape == b.shape && a.type == b.type && a.tied_to == b.tied_to &&
         std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(),
                    [](const Node& x, const Node& y) { return x.name == y.name && alike(x, y); });
}

bool is_number(const std::string& name) {
  return name.find_first_not_of("0123456789") == std::string::npos;
}

/// Lists of alike modules (0, 1, 2, ...) become their first, named "0-23".
void fold(Node& node) {
  std::vector<Node> kept;
  std::string first;
  for (Node& child : node.children) {
    if (!kept.empty() && is_number(child.name) && is_number(first) && alike(kept.back(), child)) {
      ++kept.back().copies;
      kept.back().name = first + "-" + child.name;
    } else {
      first = child.name;
      kept.push_back(std::move(child));
    }
  }
  node.children = std::move(kept);
  for (Node& child : node.children) fold(child);
}

std::string last_two_names(const std::string& path) {
  const std::size_t last = path.rfind('.');
  const std::size_t before = last == 0 || last == path.npos ? path.npos : path.rfind('.', last - 1);
  return before == path.npos ? path : path.substr(before + 1);
}

struct Line {
  std::string tree, shape, type, parameters, bytes;
};

void add_lines(std::vector<Line>& lines, const Node& node, const std::string& indent) {
  for (const Node& child : node.children) {
    const bool last = &child == &node.children.back();
    std::string name = child.name;
    if (child.copies > 1) name += base::str("  (", child.copies, " alike, each:)");
    if (!child.tied_to.empty()) name += "  = " + child.tied_to;
    const bool counts = child.tied_to.empty();
    lines.push_back({indent + (last ? "└─ " : "├─ ") + name, child.shape, child.type,
                     counts ? with_commas(child.parameters) : "",
                     counts ? readable_bytes(child.bytes) : ""});
    add_lines(lines, child, indent + (last ? "   " : "│  "));
  }
}

/// Columns that a UTF-8 text takes up on a terminal.
std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string pad(const std::string& text, std::size_t width, bool right = false) {
  const std::string space(width - std::min(width, columns(text)), ' ');
  return right ? space + text : text + space;
}

std::string table(const std::vector<Line>& lines) {
  std::array<std::size_t, 5> width{};
  for (const Line& line : lines) {
    const std::array cells{&line.tree, &line.shape, &line.type, &line.parameters, &line.bytes};
    for (std::size_t i = 0; i < width.size(); ++i)
      width[i] = std::max(width[i], columns(*cells[i]));
  }
  std::string text;
  for (const Line& line : lines) {
    text += pad(line.tree, width[0]) + "  " + pad(line.shape, width[1]) + "  " +
            pad(line.type, width[2]) + "  " + pad(line.parameters, width[3], true) + "  " +
            pad(line.bytes, width[4], true) + "\n";
  }
  return text;
}

}  // namespace

std::string module_tree(const std::string& title,
                        const std::vector<std::pair<std::string, tensor::Shape>>& parameters,
                        const tensor::TensorMap& tensors) {
  Node root{.name = title};
  std::map<const void*, std::string> owners;
  for (const auto& [path, shape] : parameters) {
    const tensor::Tensor& tensor = tensors.at(path);
    Node* node = &root;
    for (std::size_t begin = 0; begin <= path.size();) {
      const std::size_t end = std::min(path.find('.', begin), path.size());
      node = &child_named(*node, path.substr(begin, end - begin));
      begin = end + 1;
    }
    node->shape = shape.str();
    node->type = tensor::name_of(tensor.dtype());
    const auto [owner, is_new] = owners.emplace(tensor.raw(), path);
    if (!is_new) {
      node->tied_to = last_two_names(owner->second);
      continue;
    }
    node->parameters = shape.elements();
    node->bytes = static_cast<double>(tensor.bytes());
  }
  add_sums(root);
  std::vector<Line> lines{
      {"", "shape", "type", "parameters", "bytes"},
      {title, "", "", with_commas(root.parameters), readable_bytes(root.bytes)}};
  fold(root);
  add_lines(lines, root, "");
  return table(lines);
}

std::string with_commas(int64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t end = digits.size(); end > 3; end -= 3) digits.insert(end - 3, ",");
  return digits;
}

std::string readable_bytes(double bytes) {
  constexpr std::array<const char*, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; bytes >= 999.5 && unit + 1 < kUnits.size(); ++unit) bytes /= 1000;
  std::array<char, 32> text{};
  const int digits = unit == 0 || bytes >= 99.95 ? 0 : bytes >= 9.995 ? 1 : 2;
  std::snprintf(text.data(), text.size(), "%.*f %s", digits, bytes, kUnits[unit]);
  return text.data();
}

}  // namespace tools
