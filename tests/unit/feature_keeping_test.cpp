// Who keeps features, and what is lost with whom.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/feature_keeping.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bundle_match::machine {
namespace {

using Keepers = std::vector<std::optional<Rank>>;
using Images = std::vector<ReferenceIndex>;

FeatureKeeping keeping(std::vector<std::string> hosts, std::size_t images = 4) {
  return {HostTable(ById<Rank, std::string>(std::move(hosts))), images};
}

FeatureHome home(Rank keeper, std::uint64_t offset = 0) {
  return {keeper, {StoredFeatures::File::memory, offset, 10}};
}

TEST(FeatureKeeping, TheFirstRankOfAHostKeepsItsFeatures) {
  EXPECT_EQ(keeping({"a", "b", "a", "b"}).keepers().keepers,
            (Keepers{2_rank, 1_rank, 2_rank, 1_rank}))
      << "but for rank 0";
  EXPECT_EQ(keeping({"a", "b"}).keepers().keepers, (Keepers{0_rank, 1_rank}));
}

TEST(FeatureKeeping, TheNextOneFollowsALostKeeper) {
  FeatureKeeping it = keeping({"a", "b", "a", "b"});
  EXPECT_FALSE(it.rank_lost(3_rank));
  EXPECT_TRUE(it.rank_lost(2_rank));
  EXPECT_EQ(it.keepers().keepers, (Keepers{0_rank, 1_rank, 0_rank, 1_rank}));
  EXPECT_TRUE(it.rank_lost(1_rank));
  EXPECT_EQ(it.keepers().keepers, (Keepers{0_rank, std::nullopt, 0_rank, std::nullopt}));
}

TEST(FeatureKeeping, WhatALostKeeperHadIsLost) {
  FeatureKeeping it = keeping({"a", "b", "b", "c"});
  it.set(0_reference, home(1_rank));
  it.set(1_reference, home(3_rank));
  it.set(2_reference, home(1_rank, 64));
  EXPECT_EQ(it.find(0_reference), home(1_rank));
  EXPECT_EQ(it.find(3_reference), std::nullopt);
  EXPECT_FALSE(it.rank_lost(2_rank));
  EXPECT_FALSE(it.any_lost());
  EXPECT_TRUE(it.rank_lost(1_rank));
  EXPECT_TRUE(it.any_lost());
  EXPECT_EQ(it.lost(), (Images{0_reference, 2_reference}));
  EXPECT_EQ(it.find(0_reference), std::nullopt);
  EXPECT_EQ(it.find(1_reference), home(3_rank));
}

TEST(FeatureKeeping, WhatIsAskedForAgainIsNotLostAnyMore) {
  FeatureKeeping it = keeping({"a", "b", "c"});
  it.set(0_reference, home(1_rank));
  it.set(1_reference, home(1_rank, 64));
  it.rank_lost(1_rank);
  EXPECT_TRUE(it.redo(0_reference));
  EXPECT_FALSE(it.redo(0_reference));
  EXPECT_FALSE(it.redo(3_reference)) << "it never was there";
  EXPECT_EQ(it.lost(), Images{1_reference});
  it.set(0_reference, home(2_rank));
  EXPECT_EQ(it.find(0_reference), home(2_rank));
  it.set(1_reference, home(2_rank, 64));
  EXPECT_FALSE(it.any_lost());
}

TEST(FeatureKeeping, WhatComesAfterItsKeeperWasLostIsLost) {
  FeatureKeeping it = keeping({"a", "b", "b"});
  it.rank_lost(1_rank);
  it.set(0_reference, home(1_rank));
  EXPECT_EQ(it.lost(), Images{0_reference});
}

TEST(FeatureKeeping, ARankThatCannotShareKeepsForItself) {
  FeatureKeeping it = keeping({"a", "b", "b", "b"});
  EXPECT_FALSE(it.separate(2_rank, 3_rank)) << "that is not its keeper";
  EXPECT_FALSE(it.separate(1_rank, 1_rank)) << "it keeps already";
  EXPECT_TRUE(it.separate(2_rank, 1_rank));
  EXPECT_FALSE(it.separate(2_rank, 1_rank));
  EXPECT_EQ(it.keepers().keepers, (Keepers{0_rank, 1_rank, 2_rank, 1_rank}));
  it.set(0_reference, home(2_rank));
  EXPECT_TRUE(it.rank_lost(1_rank));
  EXPECT_EQ(it.keepers().keepers, (Keepers{0_rank, 3_rank, 2_rank, 3_rank}));
  EXPECT_FALSE(it.any_lost());
  EXPECT_TRUE(it.rank_lost(2_rank));
  EXPECT_EQ(it.keepers().keepers, (Keepers{0_rank, 3_rank, std::nullopt, 3_rank}));
  EXPECT_EQ(it.lost(), Images{0_reference});
}

TEST(FeatureKeeping, OneImageMayBeLost) {
  FeatureKeeping it = keeping({"a", "b"});
  it.set(0_reference, home(1_rank));
  it.set(1_reference, home(1_rank, 64));
  EXPECT_TRUE(it.lose(home(1_rank, 64)));
  EXPECT_FALSE(it.lose(home(1_rank, 64)));
  EXPECT_FALSE(it.lose(home(1_rank, 128)));
  EXPECT_EQ(it.lost(), Images{1_reference});
}

}  // namespace
}  // namespace bundle_match::machine
