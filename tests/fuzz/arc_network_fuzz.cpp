// A damaged network of arcs is an error, never a crash; a sound file with odd numbers gives votes.
// Files are tried as they are, and their contents without the checksum, which nothing made at
// random would have.
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "metrics/english/arc_network.h"
#include "tests/fuzz/memory_file.h"

using metrics::english::ArcNetwork;
using metrics::english::ArcVotes;
using metrics::english::Sentence;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  try {
    ArcNetwork::load(MemoryFile(data, size).path());
  } catch (const base::Error&) {
  }
  try {
    const ArcNetwork network = ArcNetwork::read({reinterpret_cast<const char*>(data), size});
    const Sentence sentence(8);
    ArcVotes votes(network, sentence);
    for (std::size_t head = 0; head <= sentence.size(); ++head) {
      for (std::size_t dependent = 1; dependent <= sentence.size(); ++dependent) {
        if (head != dependent) votes.of(head, dependent);
      }
    }
  } catch (const base::FormatError&) {
  }
  return 0;
}
