// Brute-force nearest neighbours between two sets of descriptors: the contract of every kernel.
//
// - In: n query and m train descriptors, n x 128 and m x 128, row-major uint8. n or m may be 0.
// - Out: for every row and every column of the n x m matrix of squared distances the smallest
//   value, its index (the lower one of equals) and the second smallest value.
// - Exact: all kernels give the same integers; none has a tolerance.
// - One pass over tiles: the n x m distances are never stored, memory beyond the descriptors is
//   O(n + m). n and m are below 2^31.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/matching/descriptors.hpp"
#include "bundle_match/matching/nearest.hpp"

#include <memory>

namespace bundle_match::matching {

/// Holds one query set (the reference), packed once for its kernel, and matches train sets
/// (images) with it. Not thread-safe: one object per thread.
class Matcher {
 public:
  virtual ~Matcher() = default;
  Matcher() = default;
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  /// Matches `train` with the query set. `out` is overwritten; its capacity is reused.
  virtual void match(DescriptorView train, NearestNeighbours& out) = 0;
};

}  // namespace bundle_match::matching
