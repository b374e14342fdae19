// Keepers are chosen, and what is lost with one is noted.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/feature_keeping.hpp"

#include <algorithm>
#include <utility>

namespace bundle_match::machine {

FeatureKeeping::FeatureKeeping(HostTable hosts, std::size_t images)
    : hosts_(std::move(hosts)),
      rank_is_lost_(hosts_.ranks()),
      is_separate_(hosts_.ranks()),
      keepers_(hosts_.size()),
      images_(images) {
  for (const HostIndex host : keepers_.ids()) {
    choose_keeper(host);
  }
}

FeatureKeepers FeatureKeeping::keepers() const {
  FeatureKeepers message;
  message.number = changes_;
  message.keepers.reserve(hosts_.ranks());
  for (const Rank rank : rank_is_lost_.ids()) {
    message.keepers.push_back(keeper_of(rank));
  }
  return message;
}

void FeatureKeeping::set(ReferenceIndex image, const FeatureHome& home) {
  ImageEntry& it = images_.at(image);
  if (it.state == State::lost) {
    --lost_;
  }
  it = {State::kept, home};
  if (!is_keeper(home.keeper)) {
    lose(it);
  }
}

std::optional<FeatureHome> FeatureKeeping::find(ReferenceIndex image) const {
  const ImageEntry& it = images_.at(image);
  return it.state == State::kept ? std::optional(it.home) : std::nullopt;
}

std::optional<Rank> FeatureKeeping::keeper_of(Rank rank) const {
  if (is_separate_[rank]) {
    return rank_is_lost_[rank] ? std::nullopt : std::optional(rank);
  }
  return keepers_[hosts_.of(rank)];
}

bool FeatureKeeping::separate(Rank rank, Rank keeper) {
  if (keeper_of(rank) != keeper || is_keeper(rank)) {
    return false;  // it is out of date
  }
  is_separate_.at(rank) = true;
  ++changes_;
  return true;
}

bool FeatureKeeping::rank_lost(Rank rank) {
  const bool was_keeper = is_keeper(rank);
  rank_is_lost_.at(rank) = true;
  if (!was_keeper) {
    return false;
  }
  choose_keeper(hosts_.of(rank));
  ++changes_;
  for (ImageEntry& it : images_) {
    if (it.state == State::kept && it.home.keeper == rank) {
      lose(it);
    }
  }
  return true;
}

bool FeatureKeeping::lose(const FeatureHome& home) {
  const auto it = std::find_if(images_.begin(), images_.end(), [&](const ImageEntry& image) {
    return image.state == State::kept && image.home == home;
  });
  if (it == images_.end()) {
    return false;
  }
  lose(*it);
  return true;
}

void FeatureKeeping::lose(ImageEntry& image) {
  image.state = State::lost;
  ++lost_;
}

std::vector<ReferenceIndex> FeatureKeeping::lost() const {
  std::vector<ReferenceIndex> lost;
  for (const ReferenceIndex image : images_.ids()) {
    if (images_[image].state == State::lost) {
      lost.push_back(image);
    }
  }
  return lost;
}

bool FeatureKeeping::redo(ReferenceIndex image) {
  ImageEntry& it = images_.at(image);
  if (it.state != State::lost) {
    return false;
  }
  --lost_;
  it.state = State::gone;
  return true;
}

void FeatureKeeping::choose_keeper(HostIndex host) {
  const std::vector<Rank>& ranks = hosts_.ranks_of(host);
  const auto may_keep = [this](Rank rank) {
    return rank != kRank0 && !rank_is_lost_[rank] && !is_separate_[rank];
  };
  const auto first = std::find_if(ranks.begin(), ranks.end(), may_keep);
  const bool has_rank_0 = hosts_.of(kRank0) == host && !is_separate_[kRank0];
  keepers_[host] = first != ranks.end() ? std::optional(*first)
                   : has_rank_0         ? std::optional(kRank0)
                                        : std::nullopt;
}

}  // namespace bundle_match::machine
