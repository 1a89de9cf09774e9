// A vocabulary for models that were never trained.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace text {

/// `size` word pieces with the special tokens where BERT-base-uncased has them ([PAD] 0, [UNK] 100,
/// [CLS] 101, [SEP] 102, [MASK] 103), then ASCII characters, each also as a continuation ("##a"),
/// and made-up words of two and three syllables ("badu", "kolimo") that mean nothing. `size` is at
/// least 300.
std::vector<std::string> made_up_vocabulary(std::size_t size);

}  // namespace text
