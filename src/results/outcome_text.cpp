// Lists of numbers, split at spaces and commas.
// SPDX-License-Identifier: Apache-2.0
#include "outcome_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace bundle_match::results {
std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; !text.empty() && begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

namespace {

bool parse_model(const std::string& text, std::vector<double>& model) {
  constexpr std::size_t kNumbers = 9;
  if (text == "-") {
    return true;
  }
  for (const std::string& number : split(text, ',')) {
    if (!parse(number, model.emplace_back())) {
      return false;
    }
  }
  return model.size() == kNumbers;
}

}  // namespace

OutcomeText outcomes_as_text(const std::vector<PairOutcome>& outcomes) {
  OutcomeText text;
  for (const PairOutcome& outcome : outcomes) {
    const char* const separator = text.matches.empty() ? "" : " ";
    fmt::format_to(std::back_inserter(text.matches), "{}{}", separator, outcome.matches);
    fmt::format_to(std::back_inserter(text.inliers), "{}{}", separator, outcome.inliers);
    fmt::format_to(std::back_inserter(text.models), "{}{}", separator,
                   outcome.model.empty() ? "-" : fmt::format("{}", fmt::join(outcome.model, ",")));
  }
  const auto any = [&](const auto& has) {
    return std::any_of(outcomes.begin(), outcomes.end(), has);
  };
  if (!any([](const PairOutcome& outcome) { return outcome.inliers > 0; })) {
    text.inliers.clear();
  }
  if (!any([](const PairOutcome& outcome) { return !outcome.model.empty(); })) {
    text.models.clear();
  }
  return text;
}

bool parse_outcomes(const OutcomeText& text, std::vector<PairOutcome>& outcomes) {
  const auto matches = split(text.matches, ' ');
  const auto inliers = split(text.inliers, ' ');
  const auto models = split(text.models, ' ');
  if ((!inliers.empty() && inliers.size() != matches.size()) ||
      (!models.empty() && models.size() != matches.size())) {
    return false;
  }
  for (std::size_t i = 0; i < matches.size(); ++i) {
    PairOutcome& outcome = outcomes.emplace_back();
    if (!parse(matches[i], outcome.matches) ||
        (!inliers.empty() && !parse(inliers[i], outcome.inliers)) ||
        (!models.empty() && !parse_model(models[i], outcome.model))) {
      return false;
    }
  }
  return true;
}

}  // namespace bundle_match::results
