#include "metrics/english/stemmer.h"

#include <libstemmer.h>

#include <new>

namespace metrics::english {

Stemmer::Stemmer() : stemmer_(sb_stemmer_new("english", nullptr), sb_stemmer_delete) {
  if (!stemmer_) throw std::bad_alloc();
}

std::string Stemmer::operator()(std::string_view word) {
  const sb_symbol* stem =
      sb_stemmer_stem(stemmer_.get(), reinterpret_cast<const sb_symbol*>(word.data()),
                      static_cast<int>(word.size()));
  if (!stem) throw std::bad_alloc();
  return {reinterpret_cast<const char*>(stem),
          static_cast<std::size_t>(sb_stemmer_length(stemmer_.get()))};
}

}  // namespace metrics::english
