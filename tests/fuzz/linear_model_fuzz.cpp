// A damaged file of a tagger or a parser is an error, never a crash; and so is a sound one whose
// classes are odd: what comes behind the checksum is tried without it.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "metrics/english/arc_training.h"
#include "metrics/english/dependency_parser.h"
#include "metrics/english/linear_model.h"
#include "metrics/english/transitions.h"
#include "tests/fuzz/memory_file.h"

using metrics::english::ActionSet;
using metrics::english::DependencyParser;
using metrics::english::LinearModel;
using metrics::english::Sentence;

namespace {

/// Names between line feeds up to a zero, the rest are weights, repeated to be enough.
LinearModel model_of(std::string_view bytes) {
  std::vector<std::string> classes(1);
  const std::size_t zero = std::min(bytes.find('\0'), bytes.size());
  for (const char c : bytes.substr(0, zero)) {
    if (c == '\n') {
      classes.emplace_back();
    } else {
      classes.back() += c;
    }
  }
  const std::string_view rest = bytes.substr(zero);
  std::vector<std::int8_t> weights(classes.size() + 100);
  for (std::size_t i = 0; i < weights.size() && !rest.empty(); ++i) {
    weights[i] = static_cast<std::int8_t>(rest[i % rest.size()]);
  }
  return LinearModel(std::move(classes), std::move(weights));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  try {
    LinearModel::load(MemoryFile(data, size).path(), "blip-dep");
  } catch (const base::Error&) {
  }
  try {
    LinearModel model = model_of({reinterpret_cast<const char*>(data), size});
    const ActionSet actions(model.classes());
    const DependencyParser parser(
        std::move(model),
        metrics::english::train_arcs({}, actions.relations, {.width = 16, .hidden = 16}));
    Sentence sentence(8);
    parser.parse(sentence);
  } catch (const base::FormatError&) {
  }
  return 0;
}
