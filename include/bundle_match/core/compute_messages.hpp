// The messages between a rank and its compute process, which is not trusted: an image may have
// taken it over.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/feature_home.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/work.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace bundle_match {

/// Files that the rank has received for an order, where the compute process finds them.
struct ReceivedPaths {
  std::string image;
  std::string mask;  ///< empty: there is none

  friend bool operator==(const ReceivedPaths&, const ReceivedPaths&) = default;
};

/// Rank -> compute process: work on an image.
struct ComputeOrder {
  OrderId id;
  std::string path;  ///< bytes, as the user gave them
  /// Else the path is opened, and its mask looked for. The files travel beside the message; the
  /// compute process fills in their paths, as it alone knows them.
  std::optional<ReceivedPaths> received;
  Work work;
  /// The references of the work are not there yet: the image is described and kept, and the order
  /// comes once more. Answer: ImagePrepared, or the order's result if that fails.
  bool ahead = false;
  /// Where the features of images are that the work takes from the host's store, as
  /// images_needed_by() names them; none: they are in the set of references.
  std::vector<StoredFeatures> stored = {};

  friend bool operator==(const ComputeOrder&, const ComputeOrder&) = default;
};

/// Compute process -> rank: it takes orders.
struct ProcessReady {
  std::string kernel;   ///< matching kernel
  std::string sift;     ///< kernels of SIFT, or "opencv"
  std::string warning;  ///< for the user, about how it computes; empty: none

  friend bool operator==(const ProcessReady&, const ProcessReady&) = default;
};

/// Compute process -> rank: the order takes long, but is not stuck.
struct StillComputing {
  friend bool operator==(const StillComputing&, const StillComputing&) = default;
};

/// The features of the image were found in the cache, in this entry.
struct CacheHit {
  std::string key;

  friend bool operator==(const CacheHit&, const CacheHit&) = default;
};

/// An entry of the cache that is to be made.
struct CacheEntry {
  std::string key;
  std::string features;  ///< encoded; empty: those of the answer

  friend bool operator==(const CacheEntry&, const CacheEntry&) = default;
};

/// Compute process -> rank: the result of the order that it was given first.
struct ComputeResult {
  OrderResult result;
  std::variant<std::monostate, CacheHit, CacheEntry> cache;

  friend bool operator==(const ComputeResult&, const ComputeResult&) = default;
};

/// Compute process -> rank: the image of the order that it was given first, ahead of its
/// references, is described.
struct ImagePrepared {
  OrderId order;

  friend bool operator==(const ImagePrepared&, const ImagePrepared&) = default;
};

/// Compute process -> rank.
using ComputeMessage = std::variant<ProcessReady, StillComputing, ComputeResult, ImagePrepared>;

}  // namespace bundle_match
