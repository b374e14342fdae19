// What decides how one image is computed; the same on every rank of a job.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bundle_match {

/// Which nearest neighbours count as matches; see matching/nearest.hpp.
enum class CrossCheck : std::uint8_t { mutual = 0, one_way = 1 };

/// "mutual" or "one-way".
[[nodiscard]] constexpr std::string_view to_string(CrossCheck check) {
  return check == CrossCheck::mutual ? "mutual" : "one-way";
}

/// Whose SIFT extracts the features; `automatic` is ours.
enum class SiftImplementation : std::uint8_t { automatic = 0, fast = 1, opencv = 2 };

struct MatchOptions {
  /// Strongest features kept per image; 0 keeps all.
  std::int32_t nfeatures = 5000;
  SiftImplementation sift = SiftImplementation::automatic;
  /// Octave in which features are looked for first: -1 is the image doubled, 0 the image as it is,
  /// which OpenCV's SIFT cannot.
  std::int32_t first_octave = -1;
  CrossCheck cross_check = CrossCheck::mutual;
  /// Threads that compute the features of one image; they do not depend on it.
  std::int32_t threads = 1;
  /// Time one image may take, in seconds; 0 for no limit.
  double timeout_s = 120;
  /// Memory one compute process may allocate; 0: the node's memory shared among its ranks.
  std::uint64_t memory_limit_bytes = 0;
  /// Compute processes may read files and compute, and nothing else.
  bool sandbox = true;
  /// The matching kernel's name; empty: the fastest one of each rank's CPU.
  std::string kernel;

  friend bool operator==(const MatchOptions&, const MatchOptions&) = default;
};

}  // namespace bundle_match
