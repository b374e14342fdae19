// The exchange's transitions.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/feature_exchange.hpp"

#include <algorithm>
#include <utility>

namespace bundle_match::machine {

void FeatureExchange::handle(const FeatureKeepers& keepers, Actions& actions) {
  if (!keepers_.empty() && keepers.number <= changes_) {
    return;
  }
  actions_ = &actions;
  changes_ = keepers.number;
  keepers_ = ById<Rank, std::optional<Rank>>(keepers.keepers);
  std::erase_if(unsent_, [this](const auto& it) { return !is_keeper(it.first); });
  give_up_on_lost_keepers();
  if (const auto keeper = keepers_.at(self_); keeper != keeper_) {
    keeper_ = keeper;
    use_new_keeper();
  }
  finish_complete_orders();
  actions_ = nullptr;
}

void FeatureExchange::handle(const Greet& greet, Actions& actions) {
  actions_ = &actions;
  send(greet.rank, greeting_to(greet.rank));
  actions_ = nullptr;
}

void FeatureExchange::handle(Rank from, PeerMessage message, Actions& actions) {
  actions_ = &actions;
  std::visit([&](auto& it) { take(from, it); }, message);
  finish_complete_orders();
  actions_ = nullptr;
}

void FeatureExchange::keep(OrderId order, std::string features, Actions& actions) {
  actions_ = &actions;
  const std::string& kept = unkept_.insert_or_assign(order, std::move(features)).first->second;
  if (has_store_) {
    hand_over(order, kept);
  }
  actions_ = nullptr;
}

void FeatureExchange::need(OrderId order, FeatureHomes homes, Actions& actions) {
  actions_ = &actions;
  const FeatureHomes new_ones = note_lacking(order, needing_[order] = {std::move(homes), {}});
  want(new_ones);
  finish_complete_orders();
  actions_ = nullptr;
}

void FeatureExchange::appended(std::uint64_t number, const StoredFeatures& stored,
                               Actions& actions) {
  actions_ = &actions;
  const auto node = appending_.extract(number);
  if (!node.empty()) {
    if (const auto* const of = std::get_if<OfOrder>(&node.mapped())) {
      tell_kept(*of, stored);
    } else {
      tell_copied(std::get<FeatureHome>(node.mapped()), stored);
    }
  }
  finish_complete_orders();
  actions_ = nullptr;
}

void FeatureExchange::unreadable(Rank to, const FeatureHome& home, Actions& actions) {
  actions_ = &actions;
  send(to, FeaturesLacking{{home}});
  actions_ = nullptr;
}

void FeatureExchange::take(Rank from, const Greeting& greeting) {
  greeted_by_.insert(from);
  if (greeting.store) {
    stores_.insert_or_assign(from, *greeting.store);
  }
  if (from == keeper_ && !has_store_) {
    use_store_of_keeper();
  }
  if (auto unsent = unsent_.extract(from); !unsent.empty()) {
    for (PeerMessage& message : unsent.mapped()) {
      send(from, std::move(message));
    }
  }
}

void FeatureExchange::take(Rank from, const FeaturesKept& kept) {
  if (from == keeper_ && unkept_.erase(kept.order) > 0) {
    actions_->emplace_back(ResultKept{kept.order, {from, kept.stored}});
  }
}

void FeatureExchange::take(Rank from, const FeaturesCopied& copied) {
  if (from == keeper_) {
    for (const FeatureCopy& copy : copied.copies) {
      have_copy(copy);
    }
  }
}

void FeatureExchange::take(Rank from, const FeaturesLacking& lacking) {
  if (from == keeper_) {
    lose(lacking.homes);
    return;
  }
  for (const FeatureHome& home : lacking.homes) {
    if (home.keeper == from) {
      give_up_fetching(home);
    }
  }
}

// What was in the store of the one before is looked for in this one's.
void FeatureExchange::use_new_keeper() {
  has_store_ = false;
  copies_.clear();
  wanted_.clear();
  for (auto& [order, needing] : needing_) {
    (void)note_lacking(order, needing);
  }
  if (keeper_ == self_) {
    stores_.insert_or_assign(self_, own_store_);
    for (const Rank rank : keepers_.ids()) {
      if (rank != self_ && keeps_for(rank)) {
        send(rank, greeting_to(rank));
      }
    }
  }
  if (keeper_ && stores_.contains(*keeper_)) {
    use_store_of_keeper();
  }
}

void FeatureExchange::use_store_of_keeper() {
  actions_->emplace_back(UseStore{*keeper_, stores_.at(*keeper_)});
}

void FeatureExchange::opened(Rank keeper, bool is_open, Actions& actions) {
  if (keeper != keeper_ || has_store_) {
    return;  // it is out of date
  }
  actions_ = &actions;
  if (is_open) {
    begin_with_store();
    finish_complete_orders();
  } else {
    actions_->emplace_back(TellNotShared{keeper});
  }
  actions_ = nullptr;
}

void FeatureExchange::begin_with_store() {
  has_store_ = true;
  for (const auto& [order, features] : unkept_) {
    hand_over(order, features);
  }
  FeatureHomes homes;
  for (const auto& [home, orders] : wanted_) {
    homes.push_back(home);
  }
  want(homes);
}

// A result's features, to the keeper.
void FeatureExchange::hand_over(OrderId order, const std::string& features) {
  if (keeper_ == self_) {
    append(features, OfOrder{self_, order});
  } else {
    send(*keeper_, KeepFeatures{order, features});
  }
}

// What the order lacks; of that, returns what was not wanted by any other.
FeatureHomes FeatureExchange::note_lacking(OrderId order, Needing& needing) {
  FeatureHomes new_ones;
  needing.lacking.clear();
  for (const FeatureHome& home : needing.homes) {
    if (!find(home) && needing.lacking.insert(home).second) {
      const auto [wanted, is_new] = wanted_.emplace(home, std::set<OrderId>());
      wanted->second.insert(order);
      if (is_new) {
        new_ones.push_back(home);
      }
    }
  }
  return new_ones;
}

// Before the keeper is known they wait for its greeting.
void FeatureExchange::want(const FeatureHomes& homes) {
  if (homes.empty() || !has_store_) {
    return;
  }
  if (keeper_ == self_) {
    fetch_for(self_, homes);
  } else {
    send(*keeper_, WantsFeatures{homes, false});
  }
}

void FeatureExchange::have_copy(const FeatureCopy& copy) {
  copies_.insert_or_assign(copy.of, copy.stored);
  if (const auto wanted = wanted_.extract(copy.of); !wanted.empty()) {
    for (const OrderId order : wanted.mapped()) {
      if (const auto needing = needing_.find(order); needing != needing_.end()) {
        needing->second.lacking.erase(copy.of);
      }
    }
  }
}

void FeatureExchange::lose(const FeatureHomes& homes) {
  std::map<OrderId, FeatureHomes> lost;
  for (const FeatureHome& home : homes) {
    if (const auto wanted = wanted_.extract(home); !wanted.empty()) {
      for (const OrderId order : wanted.mapped()) {
        lost[order].push_back(home);
      }
    }
  }
  for (auto& [order, of_order] : lost) {
    if (needing_.erase(order) > 0) {
      actions_->emplace_back(FeaturesLost{order, std::move(of_order)});
    }
  }
}

void FeatureExchange::finish_complete_orders() {
  if (!has_store_) {
    return;
  }
  std::erase_if(needing_, [this](const auto& it) {
    const auto& [order, needing] = it;
    if (!needing.lacking.empty()) {
      return false;
    }
    FeaturesReady ready{order, {}};
    for (const FeatureHome& home : needing.homes) {
      ready.stored.push_back(*find(home));
    }
    actions_->emplace_back(std::move(ready));
    return true;
  });
}

std::optional<StoredFeatures> FeatureExchange::find(const FeatureHome& home) const {
  if (home.stored.size_bytes == 0 || home.keeper == keeper_) {
    return home.stored;
  }
  const auto copy = copies_.find(home);
  return copy != copies_.end() ? std::optional(copy->second) : std::nullopt;
}

void FeatureExchange::send(Rank to, PeerMessage message) {
  const bool may_send = to > self_ || to == kRank0 || greeted_by_.contains(to);
  if (may_send) {
    actions_->emplace_back(SendToPeer{to, std::move(message)});
    return;
  }
  std::vector<PeerMessage>& unsent = unsent_[to];
  if (unsent.empty()) {
    actions_->emplace_back(AskForGreeting{to});
  }
  unsent.push_back(std::move(message));
}

Greeting FeatureExchange::greeting_to(Rank rank) const {
  return {keeps_for(rank) ? std::optional(own_store_) : std::nullopt};
}

bool FeatureExchange::is_keeper(Rank rank) const {
  return keepers_.contains(rank) && keepers_[rank] == rank;
}

bool FeatureExchange::keeps_for(Rank rank) const {
  return keepers_.contains(rank) && keepers_[rank] == self_;
}

}  // namespace bundle_match::machine
