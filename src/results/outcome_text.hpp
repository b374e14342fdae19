// Outcomes of pairs as text, and back; numbers and lists of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/image_result.hpp"

#include <charconv>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace bundle_match::results {

/// False unless the whole text is such a number.
template <class Number>
[[nodiscard]] bool parse(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

/// The parts between separators. Nothing at all has no parts; "1 " has two.
[[nodiscard]] std::vector<std::string> split(const std::string& text, char separator);

/// One number an outcome, separated by spaces. Inliers and models are empty if there are none at
/// all; an outcome without a model has "-".
struct OutcomeText {
  std::string matches;
  std::string inliers;
  std::string models;
};

[[nodiscard]] OutcomeText outcomes_as_text(const std::vector<PairOutcome>& outcomes);

/// The inverse, appended to `outcomes`; false if the texts do not make outcomes.
[[nodiscard]] bool parse_outcomes(const OutcomeText& text, std::vector<PairOutcome>& outcomes);

}  // namespace bundle_match::results
