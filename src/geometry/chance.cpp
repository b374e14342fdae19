// Computes the number of false alarms of a model, as a logarithm.
// SPDX-License-Identifier: Apache-2.0
#include "chance.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace bundle_match::geometry {
namespace {

// Of n over k, by a sum: std::lgamma writes to a global variable.
double log10_binomial(std::size_t n, std::size_t k) {
  double sum = 0;
  for (std::size_t i = 1; i <= k; ++i) {
    sum += std::log10(static_cast<double>(n - k + i) / static_cast<double>(i));
  }
  return sum;
}

// The part of false pairs that agree with the model; never 0, as a small sample cannot tell.
double chance_of_agreement(Verification kind, const Model& model, std::span<const PointPair> pairs,
                           double max_squared) {
  constexpr std::size_t kRounds = 16;
  const std::size_t n = pairs.size();
  const std::size_t rounds = std::min(n - 1, kRounds);
  std::size_t agreeing = 0;
  for (std::size_t round = 1; round <= rounds; ++round) {
    // Spread evenly: neighbours in the list may be one point described twice.
    const std::size_t shift = round * n / (rounds + 1);
    for (std::size_t i = 0; i < n; ++i) {
      const PointPair& other = pairs[(i + shift) % n];
      const PointPair false_pair{pairs[i].reference_x, pairs[i].reference_y, other.image_x,
                                 other.image_y};
      agreeing += squared_error(kind, model, false_pair) <= max_squared ? 1 : 0;
    }
  }
  return static_cast<double>(agreeing + 1) / static_cast<double>(rounds * n + 1);
}

}  // namespace

double log10_false_alarms(Verification kind, const Model& model, std::span<const PointPair> pairs,
                          double max_error_px) {
  const double max_squared = max_error_px * max_error_px;
  const auto inliers = static_cast<std::size_t>(std::count_if(
      pairs.begin(), pairs.end(),
      [&](const PointPair& pair) { return squared_error(kind, model, pair) <= max_squared; }));
  const auto sample = static_cast<std::size_t>(sample_size(kind));
  if (inliers <= sample) {
    return std::numeric_limits<double>::infinity();
  }
  const double chance = chance_of_agreement(kind, model, pairs, max_squared);
  return std::log10(static_cast<double>(pairs.size() - sample)) +
         log10_binomial(pairs.size(), inliers) + log10_binomial(inliers, sample) +
         static_cast<double>(inliers - sample) * std::log10(chance);
}

}  // namespace bundle_match::geometry
