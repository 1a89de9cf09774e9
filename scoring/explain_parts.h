// The parts of explain(), a metric each, and what they are laid out with.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/cider.h"
#include "metrics/meteor.h"
#include "metrics/sample.h"
#include "metrics/spice.h"

namespace scoring {

/// Each explains the score of one sample, in lines that begin with two spaces.
std::string explain_bleu(const metrics::Sample& sample);
std::string explain_rouge(const metrics::Sample& sample);
/// `file`: that the frequencies are of; empty: the references'.
std::string explain_cider(const metrics::Sample& sample,
                          const metrics::DocumentFrequencies& frequencies, const std::string& file);
std::string explain_meteor(const metrics::Sample& sample, const metrics::Meteor& meteor);
std::string explain_spice(const metrics::Sample& sample, const metrics::Spice& spice);

/// Text for a terminal: control characters and bytes that are not UTF-8 become U+FFFD, more than 60
/// characters are cut.
std::string printable(std::string_view text);

/// How many columns of a terminal a printable text takes, each character one.
std::size_t columns(std::string_view text);

/// Filled up with spaces to a width: `left` stands left.
std::string left(const std::string& text, std::size_t width);
std::string right(const std::string& text, std::size_t width);

/// `lead` and then the pieces with single spaces between, in lines of 100 columns; lines after the
/// first begin below the first piece. Ends with a line feed.
std::string paragraph(const std::string& lead, std::span<const std::string> pieces);
/// The same of text cut at its spaces.
std::string paragraph(const std::string& lead, const std::string& text);

/// At most `most` pieces, each printable and with a comma where another follows, then how many were
/// left out.
std::vector<std::string> listed(std::span<const std::string> pieces, std::size_t most);

/// "7/9 = 0.7778"
std::string fraction(double numerator, double denominator);
/// A number with four significant digits.
std::string digits(double value);

}  // namespace scoring
