// Which ranks keep the features of their hosts, and which has those of each image: what rank 0
// knows of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/feature_home.hpp"
#include "bundle_match/core/host_table.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/rank_messages.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace bundle_match::machine {

/// Pure. The keeper of a host is the first of its ranks that is not lost; rank 0 only if it is the
/// last, as it has enough to do.
class FeatureKeeping {
 public:
  /// Of so many images, by their numbers as references.
  FeatureKeeping(HostTable hosts, std::size_t images);

  /// As ranks are told it.
  [[nodiscard]] FeatureKeepers keepers() const;

  /// The image was described, and its features are there, unless their keeper is lost by now.
  void set(ReferenceIndex image, const FeatureHome& home);
  /// Where they are; nothing: nowhere, as the image has none, or they are lost.
  [[nodiscard]] std::optional<FeatureHome> find(ReferenceIndex image) const;

  /// Whether they are lost, and nothing came of describing the image again.
  [[nodiscard]] bool is_gone(ReferenceIndex image) const {
    return images_.at(image).state == State::gone;
  }

  /// The rank cannot open the files of that keeper. Returns whether it keeps features for itself
  /// from now on, which it did not before.
  bool separate(Rank rank, Rank keeper);
  /// The rank is lost, with what it keeps. Returns whether it was a keeper.
  bool rank_lost(Rank rank);
  /// Somebody did not find those features where they should be. Returns whether they were there.
  bool lose(const FeatureHome& home);

  /// Whether features are lost that nobody was asked to make again.
  [[nodiscard]] bool any_lost() const { return lost_ > 0; }
  /// The images whose features are lost.
  [[nodiscard]] std::vector<ReferenceIndex> lost() const;
  /// The image is to be described again; until it is, its features are gone. Returns whether its
  /// features are lost, and nobody was asked to.
  bool redo(ReferenceIndex image);

 private:
  enum class State : std::uint8_t { absent, kept, lost, gone };
  struct ImageEntry {
    State state = State::absent;
    FeatureHome home;
  };

  void choose_keeper(HostIndex host);
  [[nodiscard]] std::optional<Rank> keeper_of(Rank rank) const;
  [[nodiscard]] bool is_keeper(Rank rank) const { return keeper_of(rank) == rank; }
  void lose(ImageEntry& image);

  HostTable hosts_;
  std::uint32_t changes_ = 0;  // of keepers
  ById<Rank, bool> rank_is_lost_;
  ById<Rank, bool> is_separate_;
  ById<HostIndex, std::optional<Rank>> keepers_;  // of ranks that are not
  ById<ReferenceIndex, ImageEntry> images_;
  std::size_t lost_ = 0;
};

}  // namespace bundle_match::machine
