// The messages between ranks about features, which do not go through rank 0. How they become bytes
// is the business of wire/.
//
// One rank of each host keeps the features of the host: those that its ranks made, and copies of
// others' that its ranks need. Ranks talk to the keeper of their host, keepers to each other.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/feature_home.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/rank_messages.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace bundle_match {

/// The files of a host's store: they grow, their sizes are not told.
struct StoreFiles {
  SharedFile memory;
  std::optional<SharedFile> disk;  ///< nothing: there is no folder that it could be in

  friend bool operator==(const StoreFiles&, const StoreFiles&) = default;
};

/// The first message from a rank to another. Of two ranks the one with the smaller number sends it,
/// before the other sends anything: over TCP, Open MPI 4 now and then crashes if both connect at
/// the same time.
struct Greeting {
  std::optional<StoreFiles> store;  ///< from the keeper of the other's host

  friend bool operator==(const Greeting&, const Greeting&) = default;
};

/// Rank -> keeper of its host: keep these features, which are the result of an order. Answer:
/// FeaturesKept.
struct KeepFeatures {
  OrderId order;
  std::string features;

  friend bool operator==(const KeepFeatures&, const KeepFeatures&) = default;
};

struct FeaturesKept {
  OrderId order;
  StoredFeatures stored;

  friend bool operator==(const FeaturesKept&, const FeaturesKept&) = default;
};

/// Rank -> keeper of its host: it needs copies of these in the store. Answers: FeaturesCopied,
/// FeaturesLacking. Keeper -> another one, whose homes they are: it needs their bytes. Answers:
/// FeatureBytes, FeaturesLacking. Which of the two it is, the message says: one of them may not
/// know yet who keeps for whom.
struct WantsFeatures {
  FeatureHomes homes;
  bool bytes = false;

  friend bool operator==(const WantsFeatures&, const WantsFeatures&) = default;
};

struct FeatureCopy {
  FeatureHome of;
  StoredFeatures stored;  ///< in the store of the host's keeper

  friend bool operator==(const FeatureCopy&, const FeatureCopy&) = default;
};

struct FeaturesCopied {
  std::vector<FeatureCopy> copies;

  friend bool operator==(const FeaturesCopied&, const FeaturesCopied&) = default;
};

struct FeatureBytes {
  FeatureHome of;
  std::string features;

  friend bool operator==(const FeatureBytes&, const FeatureBytes&) = default;
};

/// These are not there any more, or cannot be read.
struct FeaturesLacking {
  FeatureHomes homes;

  friend bool operator==(const FeaturesLacking&, const FeaturesLacking&) = default;
};

using PeerMessage = std::variant<Greeting, KeepFeatures, FeaturesKept, WantsFeatures,
                                 FeaturesCopied, FeatureBytes, FeaturesLacking>;

}  // namespace bundle_match
