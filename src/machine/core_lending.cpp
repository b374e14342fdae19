// Idle ranks' threads, shared evenly.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/core_lending.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace bundle_match::machine {

CoreLending::CoreLending(const ById<Rank, std::string>& hosts, int threads)
    : threads_(static_cast<std::size_t>(std::max(threads, 1))), ranks_(hosts.size()) {
  std::map<std::string, std::size_t> numbers;
  for (const Rank rank : hosts.ids()) {
    const auto [it, is_new] = numbers.emplace(hosts.at(rank), hosts_.size());
    if (is_new) {
      hosts_.emplace_back();
    }
    ranks_.at(rank).host = it->second;
    hosts_[it->second].ranks.push_back(rank);
  }
}

void CoreLending::set_cores(Rank rank, CoreSet cores) {
  std::sort(cores.begin(), cores.end());
  cores.erase(std::unique(cores.begin(), cores.end()), cores.end());
  ranks_.at(rank).cores = std::move(cores);
}

void CoreLending::set_activity(Rank rank, Activity activity) {
  RankEntry& it = ranks_.at(rank);
  if (it.activity != activity) {
    it.activity = activity;
    hosts_[it.host].changed = true;
    any_changed_ = true;
  }
}

CoreLending::Changes CoreLending::take_changes() {
  Changes changes;
  if (std::exchange(any_changed_, false)) {
    for (Host& host : hosts_) {
      if (std::exchange(host.changed, false)) {
        const Offer offer = offer_of(host);
        take_loans(host, offer, changes.loans);
        take_lenders(host, offer.borrowers > 0 ? offer.threads : 0, changes.lenders);
      }
    }
  }
  return changes;
}

CoreLending::Offer CoreLending::offer_of(const Host& host) const {
  Offer offer;
  CoreSet all;
  std::size_t idle = 0;
  for (const Rank rank : host.ranks) {
    const RankEntry& it = ranks_.at(rank);
    if (it.activity == Activity::away || it.cores.empty()) {
      offer.borrowers += it.activity == Activity::computing ? 1 : 0;
      continue;
    }
    all = united(all, it.cores);
    if (it.activity == Activity::idle) {
      ++idle;
      offer.cores = united(offer.cores, it.cores);
    } else {
      ++offer.borrowers;
    }
  }
  const std::size_t used = offer.borrowers * threads_;
  offer.threads = std::min(idle * threads_, all.size() - std::min(used, all.size()));
  return offer;
}

void CoreLending::take_loans(const Host& host, const Offer& offer, std::vector<Loan>& loans) {
  std::size_t number = 0;  // of the borrower
  for (const Rank rank : host.ranks) {
    RankEntry& it = ranks_.at(rank);
    if (it.activity != Activity::computing) {
      continue;  // what it has does not matter until it computes
    }
    const bool gets_one_more = number++ < offer.threads % offer.borrowers;
    LentCores lent;
    lent.threads =
        static_cast<std::uint32_t>(offer.threads / offer.borrowers) + (gets_one_more ? 1U : 0U);
    if (lent.threads > 0) {
      lent.cores = offer.cores;
    }
    if (it.lent != lent) {
      it.lent = lent;
      loans.push_back({rank, std::move(lent)});
    }
  }
}

void CoreLending::take_lenders(const Host& host, std::size_t threads,
                               std::vector<Lender>& lenders) {
  for (const Rank rank : host.ranks) {
    RankEntry& it = ranks_.at(rank);
    const bool lends = threads > 0 && it.activity == Activity::idle && !it.cores.empty();
    threads -= lends ? std::min(threads, threads_) : 0;
    if (it.lends != lends) {
      it.lends = lends;
      lenders.push_back({rank, lends});
    }
  }
}

}  // namespace bundle_match::machine
