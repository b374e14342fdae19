// What the keeper of a host does for its ranks, and for other keepers.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/feature_exchange.hpp"

#include <algorithm>
#include <utility>

namespace bundle_match::machine {

void FeatureExchange::take(Rank from, KeepFeatures& keep) {
  append(std::move(keep.features), OfOrder{from, keep.order});
}

void FeatureExchange::take(Rank from, const WantsFeatures& wants) {
  if (!wants.bytes) {
    fetch_for(from, wants.homes);
    return;
  }
  FeatureHomes lacking;
  for (const FeatureHome& home : wants.homes) {
    if (home.keeper == self_) {
      actions_->emplace_back(ReadAndSend{from, home});
    } else {
      lacking.push_back(home);
    }
  }
  tell_lacking(from, lacking);
}

void FeatureExchange::take(Rank /*from*/, FeatureBytes& bytes) {
  const bool is_being_appended =
      std::any_of(appending_.begin(), appending_.end(), [&](const auto& it) {
        const auto* const home = std::get_if<FeatureHome>(&it.second);
        return home != nullptr && *home == bytes.of;
      });
  if (fetching_.contains(bytes.of) && !is_being_appended) {
    append(std::move(bytes.features), bytes.of);
  }
}

// As keeper: what is not here is asked for where it is.
void FeatureExchange::fetch_for(Rank rank, const FeatureHomes& homes) {
  std::map<Rank, FeatureHomes> to_ask;
  FeaturesCopied copied;
  FeatureHomes lacking;
  for (const FeatureHome& home : homes) {
    if (const auto stored = find(home)) {
      copied.copies.push_back({home, *stored});
    } else if (!is_keeper(home.keeper) || home.keeper == self_) {
      lacking.push_back(home);
    } else {
      const auto [fetching, is_new] = fetching_.emplace(home, std::set<Rank>());
      fetching->second.insert(rank);
      if (is_new) {
        to_ask[home.keeper].push_back(home);
      }
    }
  }
  for (auto& [keeper, wanted] : to_ask) {
    send(keeper, WantsFeatures{std::move(wanted), true});
  }
  if (!copied.copies.empty()) {
    send(rank, std::move(copied));
  }
  tell_lacking(rank, lacking);
}

void FeatureExchange::append(std::string features, Appending what) {
  appending_.emplace(next_append_, what);
  actions_->emplace_back(AppendFeatures{next_append_, std::move(features)});
  ++next_append_;
}

void FeatureExchange::tell_kept(const OfOrder& of, const StoredFeatures& stored) {
  if (of.rank != self_) {
    send(of.rank, FeaturesKept{of.order, stored});
  } else if (unkept_.erase(of.order) > 0) {
    actions_->emplace_back(ResultKept{of.order, {self_, stored}});
  }
}

void FeatureExchange::tell_copied(const FeatureHome& home, const StoredFeatures& stored) {
  const FeatureCopy copy{home, stored};
  have_copy(copy);
  if (const auto fetched = fetching_.extract(home); !fetched.empty()) {
    for (const Rank rank : fetched.mapped()) {
      if (rank != self_) {
        send(rank, FeaturesCopied{{copy}});
      }
    }
  }
}

void FeatureExchange::give_up_fetching(const FeatureHome& home) {
  if (const auto fetching = fetching_.extract(home); !fetching.empty()) {
    for (const Rank rank : fetching.mapped()) {
      tell_lacking(rank, {home});
    }
  }
}

void FeatureExchange::give_up_on_lost_keepers() {
  FeatureHomes lost;
  for (const auto& [home, ranks] : fetching_) {
    if (!is_keeper(home.keeper)) {
      lost.push_back(home);
    }
  }
  for (const FeatureHome& home : lost) {
    give_up_fetching(home);
  }
}

void FeatureExchange::tell_lacking(Rank rank, const FeatureHomes& homes) {
  if (homes.empty()) {
    return;
  }
  if (rank == self_) {
    lose(homes);
  } else {
    send(rank, FeaturesLacking{homes});
  }
}

}  // namespace bundle_match::machine
